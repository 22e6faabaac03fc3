"""The web process's own server, as it is started: what nobody waits for is not worked on."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path

from aiohttp import ClientSession, web

from tests.waiting import LIMIT_S
from tongke.cli.web import _listening
from tongke.settings import Settings


async def test_a_request_is_given_up_when_its_client_hangs_up(tmp_path: Path, port: int) -> None:
    begun, given_up = asyncio.Event(), asyncio.Event()

    async def never(_: web.Request) -> web.Response:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()
        return web.Response()

    app = web.Application()
    app.router.add_get("/", never)
    settings = Settings(_env_file=None, data_dir=tmp_path, port=port)
    async with _listening(app, settings), asyncio.timeout(LIMIT_S):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await begun.wait()
        writer.close()
        await given_up.wait()


async def test_what_is_packed_is_not_unpacked(tmp_path: Path, port: int) -> None:
    """A little that is packed may be very much: it comes as it was sent, and is refused."""
    packed, came = gzip.compress(b" " * 10_000), asyncio.Queue[bytes]()

    async def take(request: web.Request) -> web.Response:
        await came.put(await request.read())
        return web.Response()

    app = web.Application()
    app.router.add_post("/", take)
    settings = Settings(_env_file=None, data_dir=tmp_path, port=port)
    async with _listening(app, settings), asyncio.timeout(LIMIT_S), ClientSession() as session:
        headers = {"Content-Encoding": "gzip"}
        await session.post(f"http://127.0.0.1:{port}/", data=packed, headers=headers)
        assert await came.get() == packed
