"""Who floods a class's line with empty frames makes nobody wait, and loses it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from services.live.access.closing import Close
from services.live.access.line_socket import MOST_EMPTY
from services.live.carrying.carrier import CARRIER
from services.live.signalling import socket
from services.live.signalling.socket import LINES
from tests.services.classes.classroom.test_phones import code_of, cookie, joined
from tests.services.house import House
from tests.services.live.conftest import Node
from tests.services.live.flood import counted_reads, flood, transport_of
from tests.services.live.ingest.test_publishing import publishing
from tests.services.live.signalling.test_socket import ask, entered
from tests.waiting import LIMIT_S, until_true
from tongke.live.vocabulary import Who

Opened = Callable[[House, int], Awaitable[ClientWebSocketResponse]]


def service_end(house: House, there: ClientWebSocketResponse) -> asyncio.Transport:
    address = transport_of(there).get_extra_info("sockname")
    (found,) = [
        each.transport
        for each in house.client.server.handler.connections
        if each.transport is not None and each.transport.get_extra_info("peername") == address
    ]
    assert isinstance(found, asyncio.Transport)
    return found


async def a_room(house: House, running: int) -> ClientWebSocketResponse:
    there, _ = await entered(house, running, "room")
    return there


async def a_phone(house: House, running: int) -> ClientWebSocketResponse:
    async with ClientSession() as phones:
        secret = await joined(house, phones, await code_of(house, running))
    there = await house.client.ws_connect(f"/live/{running}/device", headers=cookie(secret))
    assert "hello" in await there.receive_json(timeout=LIMIT_S)
    return there


async def a_publisher(house: House, running: int) -> ClientWebSocketResponse:
    there = await publishing(house, running)
    assert "hello" in await there.receive_json(timeout=LIMIT_S)
    return there


async def a_stranger(house: House, running: int) -> ClientWebSocketResponse:
    return await house.client.ws_connect(f"/live/{running}/device")


@pytest.mark.parametrize("kind", [WSMsgType.PING, WSMsgType.BINARY])
@pytest.mark.parametrize("opened", [a_room, a_phone, a_publisher, a_stranger])
async def test_a_flood_of_empty_frames_is_not_read(
    house: House,
    running: int,
    monkeypatch: pytest.MonkeyPatch,
    opened: Opened,
    kind: WSMsgType,
) -> None:
    lead, _ = await entered(house, running, "zhou")
    async with counted_reads(monkeypatch) as reads:
        there = await opened(house, running)
        end = service_end(house, there)
        flood(there, kind)
        await until_true(end.is_closing)
        reads.were_few_at_a_time()
    app = house.client.server.app  # type: ignore[attr-defined]
    await until_true(lambda: sum(app[LINES].values()) == 1)
    assert await ask(lead, "begin") == {"done": 7}


async def test_a_line_too_many_is_not_read_to_the_end(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "lines_of", lines_of_nobody)
    async with counted_reads(monkeypatch) as reads:
        there = await house.client.ws_connect(
            f"/live/{running}/socket", headers=house.bearer("zhou")
        )
        end = service_end(house, there)
        flood(there, WSMsgType.PING)
        await until_true(end.is_closing)
        reads.were_few_at_a_time()


async def test_nor_is_a_flood_on_a_line_that_is_passed_on(
    node: Node, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = await node(), await node()
    await here.client.server.app[CARRIER].broadcast(running)  # type: ignore[attr-defined]
    async with counted_reads(monkeypatch) as reads:
        line = await a_publisher(there, running)
        end = service_end(there, line)
        flood(line, WSMsgType.PING)
        await until_true(end.is_closing)
        reads.were_few_at_a_time()


async def test_who_is_passed_on_is_told_of_it_as_on_any_line(node: Node, running: int) -> None:
    """As after a break a browser would be back at once."""
    here, there = await node(), await node()
    await here.client.server.app[CARRIER].broadcast(running)  # type: ignore[attr-defined]
    line = await a_publisher(there, running)
    for _ in range(MOST_EMPTY + 5):
        await line.ping()
    async with asyncio.timeout(LIMIT_S):
        while (await line.receive()).type is not WSMsgType.CLOSED:
            pass
    assert line.close_code == Close.DAMAGED


def lines_of_nobody(_: Who) -> int:
    return 0


async def test_who_says_no_words_is_no_browser(house: House, running: int) -> None:
    there = await a_room(house, running)
    await there.send_bytes(b"x")
    async with asyncio.timeout(LIMIT_S):
        while (await there.receive()).type is WSMsgType.TEXT:
            pass
    assert there.close_code == Close.DAMAGED
