"""Frames that hold nothing: they make nobody wait, and too many of them end a line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from aiohttp import WebSocketError, WSMessage, WSMsgType, web
from aiohttp.test_utils import TestClient, TestServer

from services.live.access import line_socket
from services.live.access.closing import Close
from services.live.access.incoming import Incoming
from services.live.access.line_socket import AT_ONCE, MOST_AFTER, MOST_EMPTY, LineSocket, Reader
from tests.services.live.flood import counted_reads, flood
from tests.waiting import LIMIT_S

REFUSED = "/refused"
PING = WSMessage(WSMsgType.PING, b"", None)
WORD = WSMessage(WSMsgType.TEXT, "a word", None)


Client = TestClient[web.Request, web.Application]
# Lines that are over, with what they were ended with.
OVER: web.AppKey[asyncio.Queue[int | None]] = web.AppKey("over")


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async def take(request: web.Request) -> web.WebSocketResponse:
        socket = LineSocket()
        await socket.prepare(request)
        incoming = Incoming(socket)
        async for message in incoming:
            if message.data:
                await incoming.say(str(message.data))
        request.app[OVER].put_nowait(incoming.ended_with)
        return socket

    async def refuse(request: web.Request) -> web.WebSocketResponse:
        socket = LineSocket()
        await socket.prepare(request)
        await socket.close(code=Close.NO_CLASS)
        request.app[OVER].put_nowait(Close.NO_CLASS)
        return socket

    app = web.Application()
    app[OVER] = asyncio.Queue()
    app.router.add_get("/", take)
    app.router.add_get(REFUSED, refuse)
    async with TestClient(TestServer(app)) as client:
        yield client


async def ended_with(client: Client) -> int | None:
    async with asyncio.timeout(LIMIT_S):
        return await client.app[OVER].get()


class AllAtOnce:
    """What has come already: it is read without a pause."""

    def __init__(self, message: WSMessage) -> None:
        self._message, self.read_count = message, 0

    async def read(self) -> WSMessage:
        self.read_count += 1
        return self._message

    def feed_data(self, data: WSMessage, size: int) -> None:
        raise NotImplementedError

    def set_exception(self, exc: BaseException) -> None:
        raise NotImplementedError


@pytest.mark.parametrize("message", [PING, WORD], ids=["pings", "words"])
async def test_between_what_has_come_everybody_has_a_turn(message: WSMessage) -> None:
    queue, seen = AllAtOnce(message), list[int]()
    reader = Reader(queue)

    async def others() -> None:
        while True:
            seen.append(queue.read_count)
            await asyncio.sleep(0)

    beside = asyncio.create_task(others())
    for _ in range(10 * AT_ONCE):
        await reader.read()
    beside.cancel()
    assert max(after - before for before, after in pairwise([*seen, 10 * AT_ONCE])) <= AT_ONCE


async def test_of_a_closed_line_no_more_is_read_than_was_on_its_way() -> None:
    queue = AllAtOnce(WORD)
    reader = Reader(queue)
    reader.throw_rest_away()
    for _ in range(MOST_AFTER):
        assert await reader.read() is WORD
    with pytest.raises(WebSocketError):
        await reader.read()


@pytest.mark.parametrize("kind", [WSMsgType.PING, WSMsgType.PONG, WSMsgType.TEXT, WSMsgType.BINARY])
async def test_who_sends_nothing_but_empty_frames_is_sent_away(
    client: Client, monkeypatch: pytest.MonkeyPatch, kind: WSMsgType
) -> None:
    async with counted_reads(monkeypatch) as reads:
        flood(await client.ws_connect("/"), kind)
        assert await ended_with(client) == Close.DAMAGED
        reads.were_few_at_a_time()


async def test_who_is_refused_is_not_read_to_the_end(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with counted_reads(monkeypatch) as reads:
        flood(await client.ws_connect(REFUSED), WSMsgType.PING)
        assert await ended_with(client) == Close.NO_CLASS
        reads.were_few_at_a_time()


async def test_who_pings_now_and_then_is_answered(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_socket, "EMPTY_EVERY_S", 1e-9)
    there = await client.ws_connect("/", autoping=False)
    async with asyncio.timeout(LIMIT_S):
        for number in range(3 * MOST_EMPTY):
            await there.ping(str(number).encode())
            answer = await there.receive()
            assert (answer.type, answer.data) == (WSMsgType.PONG, str(number).encode())
    await there.send_str("a word")
    assert await there.receive_str(timeout=LIMIT_S) == "a word"
    await there.close()
    assert await ended_with(client) is None
