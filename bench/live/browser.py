"""Browsers in a class: each with a page of the service's own address that has the classroom's
scripts, and nothing else."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Page, Playwright, Route, async_playwright

import hatch_build
from bench.first_frame import ARGUMENTS, CHROMIUM
from bench.live.marks import SCRIPT

SCRIPTS = (
    *("publisher", "receiver", "measuring", "session", "stage", "worklet"),
    *("talk/lead", "talk/room", "lead/mix"),
)
# Two browsers on one machine find each other without the names that hide addresses from pages; and
# a page that the driver gave has no address, from which a service on this machine might be asked.
OFF = (
    "WebRtcHideLocalIpsWithMdns",
    "LocalNetworkAccessChecks",
    "LocalNetworkAccessChecksWebSockets",
)
MORE_ARGUMENTS = (f"--disable-features={','.join(OFF)}",)
FOLDER = "/bench/"
EMPTY = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body></body>'


class Browsers:
    """Starts them, one browser for each page, as each classroom has its own computer."""

    def __init__(self, playwright: Playwright, scripts: Path) -> None:
        self._playwright = playwright
        self._scripts = scripts
        self._names: dict[str, str] = json.loads((scripts / "manifest.json").read_text())

    async def open(
        self, url: str, cookie: str, path: str = FOLDER, *, program: str | Path = CHROMIUM
    ) -> Page:
        """A page of somebody's, at an address of the service; by default one with our scripts.
        `program`: what starts the browser."""
        browser = await self._playwright.chromium.launch(
            executable_path=program, args=[*ARGUMENTS, *MORE_ARGUMENTS]
        )
        context = await browser.new_context(
            base_url=url, viewport={"width": 640, "height": 400}, bypass_csp=True
        )
        await context.add_cookies([{"name": "tongke", "value": cookie, "url": url}])
        await context.add_init_script(
            f"document.addEventListener('DOMContentLoaded', () => {{{SCRIPT}}});"
        )
        await context.route(f"**{FOLDER}**", self._fulfil)
        page = await context.new_page()
        await page.goto(path)
        return page

    async def _fulfil(self, route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        if not name:
            await route.fulfill(body=EMPTY, content_type="text/html")
            return
        path = self._scripts / self._names.get(name, name)
        await route.fulfill(path=path, content_type="text/javascript")


@asynccontextmanager
async def browsers() -> AsyncIterator[Browsers]:
    """All that were opened are closed with the block."""
    with tempfile.TemporaryDirectory(prefix="tongke-bench") as folder:
        # The service's own pages are asked for too.
        await asyncio.to_thread(hatch_build.build)
        names = [f"classroom/{name}.ts" for name in SCRIPTS]
        await asyncio.to_thread(hatch_build.node, hatch_build.WEB, "build.ts", folder, *names)
        async with async_playwright() as playwright:
            yield Browsers(playwright, Path(folder))
