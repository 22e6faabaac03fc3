"""An answer that goes wrong in its middle ends there, and who has left is no error of ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import structlog
from aiohttp import web

from services.admin import metrics
from services.http import problems
from tests.waiting import LIMIT_S, until_true
from tongke.errors import TongkeError
from tongke.storage.objects.errors import ObjectsUnavailable

PART = b"x" * 4096


async def store_fails(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    response.content_length = 3 * len(PART)
    await response.prepare(request)
    await response.write(PART)
    raise ObjectsUnavailable(reason="away")


async def without_end(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(PART)
        await asyncio.sleep(0)


async def page(_request: web.Request, error: TongkeError) -> web.StreamResponse:
    return web.Response(status=error.status)


class Server(NamedTuple):
    runner: web.AppRunner
    port: int


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """As it serves: aiohttp's own server for tests ends a handler whose client has left."""
    app = web.Application(middlewares=[metrics.measure, problems.explaining(page)])
    app.router.add_get("/media/fails", store_fails)
    app.router.add_get("/media/endless", without_end)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield Server(runner, runner.addresses[0][1])
    await runner.cleanup()


async def ask(
    server: Server, path: str, method: str = "GET"
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return reader, writer


async def read_to_the_end(reader: asyncio.StreamReader) -> bytes:
    found = bytearray()
    try:
        while part := await asyncio.wait_for(reader.read(65_536), LIMIT_S):
            found += part
    except ConnectionResetError:
        pass
    return bytes(found)


def counted(route: str, status: int) -> float:
    return metrics.REQUESTS.labels(route, "GET", status)._value.get()


async def test_an_error_in_the_middle_cuts_the_answer_and_is_no_part_of_it(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    before = counted("/media/fails", 503)
    with structlog.testing.capture_logs() as said:
        reader, writer = await ask(server, "/media/fails")
        found = await read_to_the_end(reader)
        await until_true(lambda: counted("/media/fails", 503) == before + 1)
    writer.close()
    assert found.count(b"HTTP/1.1") <= 1
    assert b"problem" not in found
    assert [(line["event"], line["code"]) for line in said] == [
        ("answer-cut", "objects-unavailable")
    ]
    assert caplog.records == [], "aiohttp says it again"


async def test_who_leaves_is_no_error_of_ours(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    before = counted("/media/endless", problems.LEFT)
    with structlog.testing.capture_logs() as said:
        reader, writer = await ask(server, "/media/endless")
        assert await reader.read(1000)
        writer.transport.abort()
        await until_true(lambda: counted("/media/endless", problems.LEFT) == before + 1)
        # What aiohttp does with the answer that nobody hears is done once it is idle again.
        await server.runner.cleanup()
    assert said == []
    assert caplog.records == []


async def test_a_method_that_is_not_there_is_told_what_is(server: Server) -> None:
    """RFC 9110, 15.5.6."""
    reader, writer = await ask(server, "/media/fails", "DELETE")
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    assert head.startswith("HTTP/1.1 405")
    assert "Allow: GET,HEAD" in head
    writer.close()
