"""The least that a low-latency origin in aiohttp can be, to measure ours against.

`python -m bench.live.bare PORT PART_MS PLAYLIST_BYTES PART_BYTES`: a playlist that is pushed for
every part, and that part, each as many bytes as ours. No rights, no metrics, no log, and nothing to
put together.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import suppress

import uvloop
from aiohttp import web

PARTS_A_SEGMENT = 4
LINE = "/live/{id}/playlists/source"
PART = "/live/{id}/hls/source/{name}"


class Origin:
    """Parts that come one after the other, all of the same bytes."""

    def __init__(self, part_ms: int, playlist_bytes: int, part_bytes: int) -> None:
        self._part_s = part_ms / 1000
        self._playlist_bytes = playlist_bytes
        self._part = bytes(part_bytes)
        self._last = 0
        self._lines = set[web.WebSocketResponse]()

    async def run(self, _app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(self._go_on())
        yield
        task.cancel()

    async def _go_on(self) -> None:
        while True:
            self._last += 1
            playlist = self._playlist()
            for line in list(self._lines):
                with suppress(ConnectionError):
                    await line.send_bytes(playlist)
            await asyncio.sleep(self._part_s)

    def _playlist(self) -> bytes:
        """Its last segment, which is not whole yet; a viewer of the benchmark reads no more."""
        segment, parts = divmod(self._last, PARTS_A_SEGMENT)
        first = segment * PARTS_A_SEGMENT
        lines = [f"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:{segment}\n"]
        lines += [
            f'#EXT-X-PART:DURATION={self._part_s},URI="0-p{first + number}-0.m4s"\n'
            for number in range(parts + 1)
        ]
        text = "".join(lines).encode()
        return text + b"#" * max(0, self._playlist_bytes - len(text))

    async def playlists(self, request: web.Request) -> web.WebSocketResponse:
        line = web.WebSocketResponse(compress=False)
        await line.prepare(request)
        self._lines.add(line)
        try:
            async for _ in line:
                pass
        finally:
            self._lines.discard(line)
        return line

    async def part(self, _request: web.Request) -> web.Response:
        return web.Response(body=self._part, content_type="video/mp4")


async def app(part_ms: int, playlist_bytes: int, part_bytes: int) -> web.Application:
    origin = Origin(part_ms, playlist_bytes, part_bytes)
    made = web.Application()
    made.router.add_get(LINE, origin.playlists)
    made.router.add_get(PART, origin.part)
    made.cleanup_ctx.append(origin.run)
    return made


if __name__ == "__main__":
    port, *shape = map(int, sys.argv[1:])
    web.run_app(
        app(*shape), host="127.0.0.1", port=port, access_log=None, print=None,
        loop=uvloop.new_event_loop(),
    )  # fmt: skip
