"""The web process's own server, as it is started: what nobody waits for is not worked on."""

from __future__ import annotations

import asyncio
import gzip
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from tests.waiting import LIMIT_S
from tongke.cli.web import MOST_FILES, _listening, allow_many_lines
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


async def test_a_stop_waits_for_no_websocket(tmp_path: Path, port: int) -> None:
    """A class that goes on would have every stop take as long as one may."""
    ended, asked = asyncio.Event(), asyncio.Event()

    async def line(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        try:
            async for _ in socket:
                pass
        finally:
            ended.set()
        return socket

    async def slow(_: web.Request) -> web.Response:
        asked.set()
        await ended.wait()
        return web.Response(text="finished all the same")

    app = web.Application()
    app.router.add_get("/line", line)
    app.router.add_get("/slow", slow)
    settings = Settings(_env_file=None, data_dir=tmp_path, port=port)
    async with asyncio.timeout(LIMIT_S), ClientSession(f"http://127.0.0.1:{port}") as session:
        async with _listening(app, settings):
            socket = await session.ws_connect("/line")
            asking = asyncio.create_task(session.get("/slow"))
            await asked.wait()
        assert await (await asking).text() == "finished all the same"
        await socket.receive()
        assert socket.closed


def test_a_process_may_have_more_lines_than_systems_give_it(few_files: int) -> None:
    allow_many_lines()
    of_now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert of_now == min(MOST_FILES, most) > few_files


@pytest.fixture
def few_files() -> Iterator[int]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    few = 1024
    resource.setrlimit(resource.RLIMIT_NOFILE, (few, before[1]))
    yield few
    resource.setrlimit(resource.RLIMIT_NOFILE, before)
