"""A Chromium and the stand-in for the service. Skipped where no Chromium is installed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

import hatch_build
from tests.servers.process import LEFT_OUT
from tests.waiting import LIMIT_S
from web.tests.browser import sample
from web.tests.browser.fake_api import FakeApi, Running
from web.tests.browser.scripts import Script, Scripts

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--autoplay-policy=no-user-gesture-required",
]
# Only a test that fails waits so long; a machine that does much else needs its time.
expect.set_options(timeout=LIMIT_S * 1000)
FAKE_DEVICES = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
SCRIPTS = [
    "chunks",
    "clock",
    "dates",
    "line",
    "measuring",
    "publisher",
    "rebase",
    "receiver",
    "seen",
    "sender",
    "shelf",
    "steering",
    "webm",
]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip(f"{LEFT_OUT}no Chromium: install it")
    hatch_build.build()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def equipped(browser: Browser) -> Iterator[Browser]:
    """A browser with a camera and a microphone."""
    chromium = browser.browser_type.launch(
        executable_path=CHROMIUM, args=[*ARGUMENTS, *FAKE_DEVICES]
    )
    yield chromium
    chromium.close()


@pytest.fixture(scope="package")
def built_scripts(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scripts of the classroom, each by itself at its plain name."""
    folder = tmp_path_factory.mktemp("classroom")
    scripts = [f"classroom/{name}.ts" for name in [*SCRIPTS, "worklet"]]
    hatch_build.node(hatch_build.WEB, "build.ts", str(folder), *scripts)
    return folder


@pytest.fixture(scope="package")
def media_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    sample.make(folder)
    return folder


@pytest.fixture
def api(media_folder: Path) -> FakeApi:
    return FakeApi(media_folder, sample.media())


@pytest.fixture
def server(api: FakeApi) -> Iterator[Running]:
    running = Running(api)
    yield running
    running.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a classroom PC; a script's error fails the test."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def run(page: Page, built_scripts: Path) -> Iterator[Script]:
    """Runs a function's body in a page where every classroom script is at hand by its name."""
    running = Running(Scripts(built_scripts))
    page.goto(running.url)

    def evaluate(body: str) -> Any:
        imports = "".join(f"const {name} = await import('/{name}.js');" for name in SCRIPTS)
        return page.evaluate(f"async () => {{ {imports} {body} }}")

    yield evaluate
    running.stop()
