"""From the last byte of a 45-minute lesson to its first frame in a browser.

`python -m bench.first_frame [--json]` makes the lesson (1080p H.264, 3 Mbit/s, about 1 GB), uploads
it by tus to the real service with all its workers, and opens its page in Chromium the moment the
upload is acknowledged: the time until the picture has advanced.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
from playwright.async_api import async_playwright

from bench import clips
from bench.service import Running, service, until_playable
from tongke.media.programs import Programs

CHROMIUM = os.environ.get("TONGKE_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
ARGUMENTS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
ARGUMENTS += ["--autoplay-policy=no-user-gesture-required"]
BLOCK_BYTES = 2**20


async def chunks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield block


async def send(client: aiohttp.ClientSession, path: Path, size: int) -> str:
    """Upload a file in one request; its resource's number."""
    name = base64.b64encode(path.name.encode()).decode()
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(size)}
    headers["Upload-Metadata"] = f"filename {name}"
    async with client.post("/api/v1/uploads", headers=headers) as response:
        location = response.headers["Location"]
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
    }
    async with client.patch(location, data=chunks(path), headers=headers) as response:
        response.raise_for_status()
        return response.headers["Tongke-Resource"]


async def watch(running: Running, path: Path, size: int) -> dict[str, float]:
    async with async_playwright() as playwright, running.client() as client:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        # What waits for the picture to advance is evaluated in the page.
        context = await browser.new_context(base_url=running.url, bypass_csp=True)
        await context.add_cookies([{"name": "tongke", "value": running.cookie, "url": running.url}])
        page = await context.new_page()
        await page.goto("/library")
        resource = await send(client, path, size)
        ended = time.perf_counter()
        await until_playable(client, resource)
        playable = time.perf_counter() - ended
        await page.goto(f"/resources/{resource}")
        await page.wait_for_selector(".player video")
        await page.evaluate(PLAY)
        await page.wait_for_function(ADVANCED, timeout=60_000)
        first_frame = time.perf_counter() - ended
        await browser.close()
    return {"playable_s": round(playable, 2), "first_frame_s": round(first_frame, 2)}


PLAY = """() => {
  const video = document.querySelector('.player video');
  video.muted = true;
  const play = () => video.play().catch(() => {});
  video.addEventListener('canplay', play);
  play();
}"""
ADVANCED = "document.querySelector('.player video').currentTime > 0.04"


async def main() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        lesson = clips.lesson(Programs(), Path(folder))
        size = lesson.stat().st_size
        async with service(workers=True) as running:
            found = await watch(running, lesson, size)
    return {"lesson_mb": round(size / 1e6), **found}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    result = asyncio.run(main())
    if arguments.json:
        print(json.dumps(result))
    else:
        print(
            f"45-minute lesson, {result['lesson_mb']} MB: playable {result['playable_s']} s after"
            f" its last byte, first frame in the browser {result['first_frame_s']} s (bar <= 10)"
        )
