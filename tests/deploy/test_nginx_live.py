"""A class that goes on, behind a real nginx: parts are kept, playlists are not, rights hold."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

import pytest
from aiohttp import ClientSession, web

from tests.deploy.conftest import CLASS_RIGHT_KEPT_S, Serve
from tests.waiting import LIMIT_S, LOOK_EVERY_S, Stopwatch

PLAYLIST = "/live/7/hls/source/live.m3u8"
# Nobody is to wait for the lock of another for as long as nginx would have it of itself (5 s).
LET_THROUGH_S = 1.5
# By nginx's clock of whole seconds.
KEPT_S = CLASS_RIGHT_KEPT_S + 1.1


@dataclass
class Class:
    """What a web process answers for a class, and how often it was asked."""

    asked: Counter[str] = field(default_factory=Counter)
    admitted: bool = True

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/live/7/admission", self.admission)
        app.router.add_get("/live/7/hls/{rest:.*}", self.piece)
        return app

    async def admission(self, _request: web.Request) -> web.Response:
        self.asked["admission"] += 1
        return web.Response(status=204 if self.admitted else 403)

    async def piece(self, request: web.Request) -> web.StreamResponse:
        if not self.admitted:
            return web.json_response({"code": "not-found"}, status=404)
        self.asked[request.path] += 1
        headers = {"Cache-Control": "private, max-age=31536000, immutable"}
        return web.Response(body=b"a part", headers=headers)


@pytest.fixture
async def live(serve: Serve) -> Class:
    found = Class()
    await serve(found.app())
    return found


async def body(browser: ClientSession, path: str) -> tuple[int, bytes]:
    async with browser.get(path) as response:
        return response.status, await response.read()


async def test_a_part_is_kept_and_handed_out_by_rights(browser: ClientSession, live: Class) -> None:
    """A right that has ended is given parts for as long as nginx keeps a verdict, and no longer;
    nobody is told which those would be, nor can guess it."""
    part = f"/live/7/hls/source/1-p{time.time_ns()}-0c5f9a1e.m4s"
    for _ in range(5):
        assert await body(browser, part) == (200, b"a part")
    assert live.asked[part] == 1
    live.admitted = False
    assert (await body(browser, PLAYLIST))[0] == 404
    await asyncio.sleep(KEPT_S)
    status, _ = await body(browser, part)
    assert status == 404


async def test_a_viewers_rights_are_asked_for_once_in_some_seconds(
    browser: ClientSession, live: Class
) -> None:
    since = Stopwatch()
    for _ in range(20):
        await body(browser, f"/live/7/hls/source/1-p{time.time_ns()}-0c5f9a1e.m4s")
    assert live.asked["admission"] <= 1 + since.seconds() / (CLASS_RIGHT_KEPT_S - 1)


async def test_each_viewer_is_asked_about(browser: ClientSession, live: Class) -> None:
    part = f"/live/7/hls/source/1-p{time.time_ns()}-0c5f9a1e.m4s"
    for number in range(3):
        async with browser.get(part, headers={"Cookie": f"tongke={number}"}) as response:
            assert response.status == 200
    assert live.asked["admission"] == 3
    live.admitted = False
    async with browser.get(part, headers={"Cookie": "tongke=another"}) as response:
        assert response.status == 404


async def test_the_line_of_playlists_goes_through(browser: ClientSession, serve: Serve) -> None:
    async def line(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_bytes(b"a playlist")
        async for _ in socket:
            pass
        return socket

    app = web.Application()
    app.router.add_get("/live/7/playlists/source", line)
    await serve(app)
    async with browser.ws_connect("/live/7/playlists/source") as socket:
        assert await socket.receive_bytes(timeout=LIMIT_S) == b"a playlist"


async def test_a_playlist_is_asked_for_each_time(browser: ClientSession, live: Class) -> None:
    for number in range(3):
        assert (await body(browser, f"{PLAYLIST}?_HLS_msn={number}"))[0] == 200
    assert live.asked[PLAYLIST] == 3


async def test_many_who_wait_for_a_part_get_it_when_it_is_there(
    browser: ClientSession, serve: Serve
) -> None:
    """Not up to half a second later, which is how often nginx looks whether a lock is free."""
    there, asked = asyncio.Event(), list[str]()

    async def admission(_request: web.Request) -> web.Response:
        return web.Response(status=204)

    async def piece(request: web.Request) -> web.Response:
        asked.append(request.path)
        await there.wait()
        return web.Response(body=b"a part")

    app = web.Application()
    app.router.add_get("/live/7/admission", admission)
    app.router.add_get("/live/7/hls/{rest:.*}", piece)
    await serve(app)
    part = f"/live/7/hls/source/1-p{time.time_ns()}-0c5f9a1e.m4s"
    waiting = [asyncio.create_task(body(browser, part)) for _ in range(20)]
    # Those who are let through wait for the part itself, and for no lock.
    since = Stopwatch()
    while len(asked) < len(waiting):
        assert since.seconds() < LET_THROUGH_S
        await asyncio.sleep(LOOK_EVERY_S)
    there.set()
    assert await asyncio.gather(*waiting) == [(200, b"a part")] * 20
