"""A line whose other end reads nothing ends all the same, and nothing is told on it by then."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import TestClient, TestServer

from services.live.access import unread
from services.live.access.closing import Close
from services.live.access.incoming import Incoming
from services.live.access.unread import LEAVING_LOOKS, STUCK_LOOKS, Unread
from tests.services.live.deaf import Deaf, deaf
from tests.waiting import LIMIT_S, until_true

# Nobody waits for less than aiohttp holds back (256 kB).
LONG = "x" * 1_000_000


@dataclass
class Here:
    """The end of a line that reads, and answers at length."""

    incoming: Incoming
    ends: list[int] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)


Connect = Callable[[], Awaitable[tuple[Deaf, Here]]]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Opens a line: the end that reads nothing, and the one that does."""
    opened: asyncio.Queue[Here] = asyncio.Queue()

    async def take(request: web.Request) -> web.WebSocketResponse:
        line = web.WebSocketResponse()
        await line.prepare(request)
        here = Here(Incoming(line, at_end=lambda: here.ends.append(1)))
        opened.put_nowait(here)
        async for _ in here.incoming:
            await here.incoming.say(LONG)
        here.over.set()
        return line

    app = web.Application()
    app.router.add_get("/", take)
    async with TestClient(TestServer(app)) as client:

        async def both() -> tuple[Deaf, Here]:
            return await deaf(client, "/"), await opened.get()

        yield both


def never_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but its end ends a line."""
    monkeypatch.setattr(unread, "LOOK_S", 0.02)
    monkeypatch.setattr(unread, "STUCK_LOOKS", 1_000_000)


async def asks(there: Deaf) -> None:
    await there.say("a question")


async def pings(there: Deaf) -> None:
    for _ in range(4_000):
        await there.ping()


async def is_silent(_: Deaf) -> None:
    pass


def is_waited_for(transport: asyncio.Transport) -> bool:
    """Whether somebody who says something waits until it was read."""
    protocol = transport.get_protocol()
    assert isinstance(protocol, BaseProtocol)
    return protocol._drain_waiter is not None


@pytest.mark.parametrize("does", [asks, pings, is_silent])
async def test_who_reads_nothing_is_sent_away_all_the_same(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, does: Callable[[Deaf], Awaitable[None]]
) -> None:
    """Whether the task that reads waits for its own answer, for aiohttp's, or for a message while
    another task tells something."""
    never_stuck(monkeypatch)
    there, here = await connect()
    transport = there.transport
    beside = asyncio.create_task(here.incoming.say(LONG)) if does is is_silent else None
    await does(there)
    await until_true(lambda: is_waited_for(transport), what="what is told waits")
    here.incoming.end(Close.NO_CLASS)
    assert here.ends == [1]
    waits = transport.get_write_buffer_size()
    await here.incoming.say("too late")
    assert transport.get_write_buffer_size() <= waits
    async with asyncio.timeout(LIMIT_S):
        await here.over.wait()
        if beside is not None:
            await asyncio.wait({beside})
        assert b"too late" not in await there.heard()
    assert not transport.get_write_buffer_size()


async def test_who_reads_nothing_and_speaks_is_no_end_of_a_line(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any byte from it is a sign of life to aiohttp."""
    monkeypatch.setattr(unread, "LOOK_S", 0.02)
    there, here = await connect()
    await pings(there)
    async with asyncio.timeout(LIMIT_S):
        await here.over.wait()
        await there.heard()
    assert here.incoming.ended_with is None


async def test_a_line_that_is_closed_by_aiohttp_is_gone_though_nothing_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A cable is pulled while something waits: closed, the transport would wait for it."""
    never_stuck(monkeypatch)
    here, there = socket.socketpair()
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=here)
    watch = unread.Watch(transport)
    transport.write(bytes(2_000_000))
    transport.close()
    assert transport.get_write_buffer_size()
    await until_true(lambda: not transport.get_write_buffer_size())
    assert watch._looks_left == 0
    there.close()


async def test_who_goes_by_itself_is_not_watched_any_longer() -> None:
    here, there = socket.socketpair()
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=here)
    watch = unread.Watch(transport)
    transport.close()
    watch._look()
    assert watch._looks_left is None
    there.close()


def test_nothing_taken_for_so_many_looks_is_stuck() -> None:
    waits = Unread(enough=100)
    assert [waits.is_stuck(500) for _ in range(STUCK_LOOKS)] == [False] * STUCK_LOOKS
    assert waits.is_stuck(500)


def test_who_takes_some_of_it_is_not_however_long_it_takes() -> None:
    waits = Unread(enough=100)
    sizes = [size for left in range(5_000, 100, -1) for size in (left, left + 60, left + 30)]
    assert not any(waits.is_stuck(size) for size in sizes)


def test_what_is_told_anew_does_not_hide_that_nothing_is_taken() -> None:
    waits = Unread(enough=100)
    found = [waits.is_stuck(500 + look) for look in range(2 * STUCK_LOOKS)]
    assert found.index(True) == STUCK_LOOKS


def test_who_has_read_enough_begins_anew() -> None:
    waits = Unread(enough=100)
    for _ in range(3):
        assert not any(waits.is_stuck(500) for _ in range(STUCK_LOOKS))
        assert not waits.is_stuck(100)


def test_who_was_told_to_go_has_as_long_as_close_waits() -> None:
    assert web.WebSocketResponse()._timeout <= LEAVING_LOOKS * unread.LOOK_S
