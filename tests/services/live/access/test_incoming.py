"""Whoever ends a line, its other end learns why, though it speaks all the while."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, web
from aiohttp.test_utils import TestClient, TestServer

from services.live.access.closing import Close
from services.live.access.incoming import Incoming

Here = tuple[Incoming, list[int], asyncio.Event]


class Lines:
    """Lines whose one end is here, with what they brought."""

    def __init__(self) -> None:
        self.opened: asyncio.Queue[Here] = asyncio.Queue()

    async def take(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        incoming, brought, over = Incoming(socket), list[int](), asyncio.Event()
        self.opened.put_nowait((incoming, brought, over))
        async for message in incoming:
            brought.append(len(message.data))
            # What a message is for takes its time.
            await asyncio.sleep(0)
        over.set()
        return socket


@pytest.fixture
async def lines() -> AsyncIterator[tuple[Lines, TestClient[web.Request, web.Application]]]:
    here, app = Lines(), web.Application()
    app.router.add_get("/", here.take)
    async with TestClient(TestServer(app)) as client:
        yield here, client


async def speak(there: ClientWebSocketResponse) -> None:
    with contextlib.suppress(ConnectionError):
        while True:
            await there.send_bytes(bytes(3000))
            await asyncio.sleep(0)


async def heard(there: ClientWebSocketResponse) -> int | None:
    """With which code a line was closed."""
    async with asyncio.timeout(60):
        while (await there.receive()).type in {WSMsgType.TEXT, WSMsgType.BINARY}:
            pass
    return there.close_code


# The reason got lost now and then: of twenty lines, twenty times.
@pytest.mark.parametrize("speaks", [True, False], ids=["who speaks", "who is silent"])
async def test_who_is_sent_away_learns_why(
    lines: tuple[Lines, TestClient[web.Request, web.Application]], speaks: bool
) -> None:
    here, client = lines
    for _ in range(20):
        there = await client.ws_connect("/")
        speaking = [asyncio.create_task(speak(there))] if speaks else []
        incoming, brought, over = await here.opened.get()
        async with asyncio.timeout(60):
            while speaks and len(brought) < 5:
                await asyncio.sleep(0)
        incoming.end(Close.REPLACED)
        assert await heard(there) == Close.REPLACED
        for task in speaking:
            task.cancel()
        await over.wait()


async def test_the_first_reason_is_told_and_nothing_is_read_after_it(
    lines: tuple[Lines, TestClient[web.Request, web.Application]],
) -> None:
    here, client = lines
    there = await client.ws_connect("/")
    incoming, brought, over = await here.opened.get()
    incoming.end(Close.OVER)
    incoming.end(Close.BEHIND)
    await there.send_bytes(b"too late")
    assert await heard(there) == Close.OVER
    await over.wait()
    assert brought == []
    assert incoming.ended_with == Close.OVER


async def test_who_hangs_up_was_not_sent_away(
    lines: tuple[Lines, TestClient[web.Request, web.Application]],
) -> None:
    here, client = lines
    there = await client.ws_connect("/")
    incoming, brought, over = await here.opened.get()
    await there.send_bytes(b"one")
    await there.close()
    await over.wait()
    assert brought == [3]
    assert incoming.ended_with is None
    # A word that comes too late for a line says nothing to it.
    incoming.end(Close.BEHIND)
