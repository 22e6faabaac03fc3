"""The service behind a real nginx: what passes, addresses, limits."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSMsgType, web

from tests.deploy.conftest import Serve
from tests.deploy.front import Front
from tests.services.house import House
from tests.waiting import LIMIT_S, until_true

MIB = 2**20


async def test_an_upload_is_not_written_to_nginxs_disk(
    house: House, browser: ClientSession, nginx: Front
) -> None:
    size, half = 50 * MIB, 25 * MIB
    teacher = {**house.bearer("zhou"), "Tus-Resumable": "1.0.0"}
    named = base64.b64encode("一节课.mp4".encode()).decode()
    begin = {**teacher, "Upload-Length": str(size), "Upload-Metadata": f"filename {named}"}
    async with browser.post("/api/v1/uploads", headers=begin) as created:
        assert created.status == 201
        place = created.headers["Location"]
    arrived = house.ground.settings.objects_dir

    async def body() -> AsyncIterator[bytes]:
        for _ in range(half // MIB):
            yield bytes(MIB)
        # What nginx buffered would not be with the service before the last byte was sent.
        await until_true(lambda: _bytes_in(arrived) >= half - MIB)
        assert nginx.kept("bodies") == []
        for _ in range((size - half) // MIB):
            yield bytes(MIB)

    put = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    headers = {**teacher, **put, "Content-Length": str(size)}
    async with browser.patch(place, headers=headers, data=body()) as done:
        assert (done.status, done.headers["Upload-Offset"]) == (204, str(size))
        assert "Tongke-Resource" in done.headers


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


async def test_no_answer_shows_a_version_or_a_header_twice(
    house: House, browser: ClientSession
) -> None:
    paths = ("/sign-in", "/healthz", "/static/nothing", "/media/1/a1-1/720p/1.m4s", "/%")
    for path in paths:
        async with browser.get(path) as response:
            assert response.headers.getall("Server") == ["nginx"]
            assert b"nginx/" not in await response.read()
            for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"):
                assert len(response.headers.getall(name, [])) <= 1


async def test_a_health_check_may_come_past_nginx_and_nothing_else(
    house: House, nginx: Front
) -> None:
    async with ClientSession(f"http://127.0.0.1:{nginx.upstream_port}") as beside:
        for path, status in {"/healthz": 200, "/readyz": 200, "/metrics": 200, "/": 400}.items():
            async with beside.get(path) as response:
                assert response.status == status, path


async def test_figures_are_not_for_who_comes_through_nginx(
    house: House, browser: ClientSession
) -> None:
    async with browser.get("/metrics") as response:
        assert response.status == 404


async def test_what_a_stranger_says_of_itself_is_not_passed_on(
    nginx: Front, serve: Serve, browser: ClientSession
) -> None:
    async def echo(request: web.Request) -> web.Response:
        return web.json_response({name.lower(): value for name, value in request.headers.items()})

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", echo)
    await serve(app)
    claimed = {
        "X-Forwarded-For": "198.51.100.7",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "X-Real-IP": "198.51.100.7",
        "Forwarded": "for=198.51.100.7",
    }
    lines = ("/live/1", "/live/7/socket", "/live/7/hls/source/live.m3u8")
    for path in ("/", "/sign-in", "/api/v1/uploads/x", "/api/v1/classes/7/end", *lines):
        async with browser.get(path, headers=claimed) as response:
            seen = await response.json()
        assert seen["x-forwarded-for"] == "127.0.0.1"
        assert seen["x-forwarded-proto"] == "http"
        assert seen["host"] == nginx.url.removeprefix("http://")
        assert seen.keys().isdisjoint({"x-forwarded-host", "x-real-ip", "forwarded"})


async def test_a_socket_passes(nginx: Front, serve: Serve, browser: ClientSession) -> None:
    async def answer(request: web.Request) -> web.WebSocketResponse:
        line = web.WebSocketResponse()
        await line.prepare(request)
        async for message in line:
            await line.send_str(message.data[::-1])
        return line

    app = web.Application()
    app.router.add_get("/live/1/socket", answer)
    await serve(app)
    async with browser.ws_connect("/live/1/socket") as line:
        await line.send_str("同课")
        message = await line.receive()
        assert (message.type, message.data) == (WSMsgType.TEXT, "课同")


async def test_who_is_slow_with_headers_is_cut(nginx: Front) -> None:
    host, port = nginx.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    await writer.drain()
    said = b""
    async with asyncio.timeout(LIMIT_S):
        with contextlib.suppress(ConnectionResetError):
            said = await reader.read()
    writer.close()
    assert b" 200 " not in said


@pytest.mark.parametrize(
    "path", ["/sign-in", "/slip", "/room/in", "/api/v1/session", "/api/v1/slips/use"]
)
async def test_a_flood_of_sign_ins_is_slowed_and_pages_are_not(
    nginx: Front, serve: Serve, browser: ClientSession, path: str
) -> None:
    async def page(_request: web.Request) -> web.Response:
        return web.Response(text="page")

    app = web.Application()
    app.router.add_route("*", path, page)
    await serve(app)

    # Lines that have not asked yet are closed by nginx where it has few left for others.
    at_once = asyncio.Semaphore(20)

    async def post() -> tuple[int, str]:
        # Without a body: nginx closes a line on which one is still coming when it refuses. And each
        # on a line of its own: one that nginx gives up just then would not be asked on again.
        async with at_once, browser.post(path, headers={"Connection": "close"}) as response:
            return response.status, await response.text()

    answers = dict(await asyncio.gather(*(post() for _ in range(200))))
    assert "请等几秒钟再试" in answers[429]
    for _ in range(3):
        async with browser.get(path) as response:
            assert response.status == 200
