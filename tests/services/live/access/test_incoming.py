"""Whoever ends a line, its other end learns why, though it speaks all the while."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, web
from aiohttp.test_utils import TestClient, TestServer

from services.live.access.closing import Close
from services.live.access.incoming import Incoming
from tests.waiting import LIMIT_S, until_true


@dataclass
class Here:
    """The end of a line that reads, and how long each message was that it brought."""

    incoming: Incoming
    brought: list[int] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)


Connect = Callable[[], Awaitable[tuple[ClientWebSocketResponse, Here]]]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Opens a line: the end that speaks, and the one that reads."""
    opened: asyncio.Queue[Here] = asyncio.Queue()

    async def take(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        here = Here(Incoming(socket))
        opened.put_nowait(here)
        async for message in here.incoming:
            here.brought.append(len(message.data))
            # What a message is for takes its time.
            await asyncio.sleep(0)
        here.over.set()
        return socket

    app = web.Application()
    app.router.add_get("/", take)
    async with TestClient(TestServer(app)) as client:

        async def both() -> tuple[ClientWebSocketResponse, Here]:
            return await client.ws_connect("/"), await opened.get()

        yield both


async def speak(there: ClientWebSocketResponse) -> None:
    with contextlib.suppress(ConnectionError):
        while True:
            await there.send_bytes(bytes(3000))
            await asyncio.sleep(0)


async def heard(there: ClientWebSocketResponse) -> int | None:
    """With which code a line was closed."""
    async with asyncio.timeout(LIMIT_S):
        while (await there.receive()).type in {WSMsgType.TEXT, WSMsgType.BINARY}:
            pass
    return there.close_code


@pytest.mark.parametrize("speaks", [True, False], ids=["who speaks", "who is silent"])
async def test_who_is_sent_away_learns_why(connect: Connect, speaks: bool) -> None:
    for _ in range(20):
        there, here = await connect()
        speaking = [asyncio.create_task(speak(there))] if speaks else []
        if speaks:
            await until_true(lambda brought=here.brought: len(brought) >= 5)
        here.incoming.end(Close.REPLACED)
        # It speaks on for a while before it looks at what came.
        for _ in range(100):
            await asyncio.sleep(0)
        assert await heard(there) == Close.REPLACED
        for task in speaking:
            task.cancel()
        await here.over.wait()


async def test_the_first_reason_is_told_and_nothing_is_read_after_it(connect: Connect) -> None:
    there, here = await connect()
    here.incoming.end(Close.OVER)
    here.incoming.end(Close.BEHIND)
    await there.send_bytes(b"too late")
    assert await heard(there) == Close.OVER
    await here.over.wait()
    assert here.brought == []
    assert here.incoming.ended_with == Close.OVER


async def test_who_hangs_up_was_not_sent_away(connect: Connect) -> None:
    there, here = await connect()
    await there.send_bytes(b"one")
    await there.close()
    await here.over.wait()
    assert here.brought == [3]
    assert here.incoming.ended_with is None
    # A word that comes too late for a line says nothing to it.
    here.incoming.end(Close.BEHIND)
