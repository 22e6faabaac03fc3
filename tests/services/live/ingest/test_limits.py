"""A publisher may bring what a lesson has, and no more than the process can bear."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Self, cast

import pytest
from aiohttp import WSMessage, WSMsgType
from aiohttp.http import WS_CLOSED_MESSAGE

from services.live.access.closing import Close
from services.live.access.incoming import Incoming
from services.live.access.line_socket import AT_ONCE, Queue, Reader
from services.live.access.messages import MOST_OF_A_PING
from services.live.ingest.publish import MOST_CHARACTERS, take_all
from tests.services.house import House
from tests.services.live.camera import Camera, until_durable
from tests.services.live.ingest.sent import (
    begun,
    broadcast_of,
    closed_with,
    kept,
    origin_us,
    pictures,
    send,
)
from tests.waiting import until_true
from tongke.live import allowance, durable

pytestmark = pytest.mark.media


async def test_of_gaps_without_number_some_are_told_and_all_can_be_filled(
    house: House, running: int
) -> None:
    """As over a line on which the sound is sent and the pictures between it wait."""
    at_us = await origin_us(house, running)
    socket, _ = await begun(house, running)
    await send(socket, pictures(at_us, 300))
    durable_now = (await broadcast_of(house, running)).kept.durable
    await until_true(lambda: durable_now.highest == 599, what="all are kept")
    await socket.close()
    again, hello = await begun(house, running)
    assert (hello["durable"], hello["highest"]) == (1, 599)
    assert hello["above"] == [[n, n] for n in range(3, 3 + 2 * durable.MOST_TOLD, 2)]
    await send(again, [replace(c, number=c.number + 1) for c in pictures(at_us, 300)])
    await until_durable(again, 600)
    await again.close()


async def test_a_line_with_more_gaps_than_a_lesson_can_have_is_closed(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "MOST_RANGES", 50)
    at_us = await origin_us(house, running)
    socket, _ = await begun(house, running)
    *first, last = pictures(at_us, 60)
    await send(socket, first)
    broadcast = await broadcast_of(house, running)
    await until_true(lambda: first[-1].number in broadcast.kept.durable, what="some are kept")
    await send(socket, [last])
    assert (await closed_with(socket))[0] == Close.DAMAGED
    again, _ = await begun(house, running)
    await send(again, [replace(pictures(at_us, 1)[0], number=2)])
    await until_durable(again, 3)
    await again.close()


@pytest.mark.parametrize("bound", ["AT_ONCE", "LIVE_AT_ONCE"])
async def test_more_than_a_class_can_have_closes_the_line_and_the_class_can_be_ended(
    house: House, running: int, camera: Camera, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    chunks = list(camera.filmed(await origin_us(house, running)))
    half = chunks[: len(chunks) // 2]
    most = sum(allowance.weight(chunk.encode()) for chunk in half) + 5_000
    if bound == "LIVE_AT_ONCE":
        most += allowance.CONFIGURATION_COSTS
    monkeypatch.setattr(allowance, "EACH_SECOND", 0)
    monkeypatch.setattr(allowance, bound, most)
    socket, _ = await begun(house, running)
    await socket.send_str(camera.configuration())
    await send(socket, chunks)
    code, up_to = await closed_with(socket)
    assert code == Close.DAMAGED
    assert set(range(1, up_to + 1)) <= kept(house, running)
    answer = await house.ask("zhou", "POST", f"/api/v1/classes/{running}/end")
    assert answer.status == 200
    assert len(half) <= max(kept(house, running)) <= len(half) + 1


async def test_who_begins_streams_without_end_is_closed_and_the_class_ends(
    house: House, running: int, camera: Camera
) -> None:
    at_us = await origin_us(house, running)
    socket, _ = await begun(house, running)
    with contextlib.suppress(ConnectionError):
        for stream in range(100):
            await socket.send_str(camera.configuration(stream))
            await send(socket, pictures(at_us + stream * 2_000_000, 1))
    code, _ = await closed_with(socket)
    assert code == Close.DAMAGED
    assert (await house.ask("zhou", "POST", f"/api/v1/classes/{running}/end")).status == 200


class AllAtOnce:
    """A line all of whose messages have come and wait in memory, read as a line is."""

    def __init__(self, messages: Iterable[bytes]) -> None:
        self._messages = iter(messages)
        self._reader = Reader(cast(Queue, self))

    def feed_data(self, data: WSMessage, size: int) -> None: ...

    def set_exception(self, exc: BaseException) -> None: ...

    async def read(self) -> WSMessage:
        for data in self._messages:
            return WSMessage(WSMsgType.BINARY, data, None)
        return WS_CLOSED_MESSAGE

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> WSMessage:
        if (message := await self._reader.read()).type is WSMsgType.CLOSED:
            raise StopAsyncIteration
        return message


async def test_between_the_chunks_that_have_come_everybody_has_a_turn(
    house: House, running: int
) -> None:
    broadcast = await broadcast_of(house, running)
    seen = list[int]()

    async def others() -> None:
        while True:
            seen.append(broadcast.kept.highest)
            await asyncio.sleep(0)

    chunks = pictures(broadcast.origin_us, 200, step=1)
    incoming = cast(Incoming, AllAtOnce(chunk.encode() for chunk in chunks))
    beside = asyncio.create_task(others())
    await take_all(incoming, broadcast)
    beside.cancel()
    assert max(after - before for before, after in pairwise([*seen, 200])) <= AT_ONCE


async def test_a_long_text_is_not_read(house: House, running: int, camera: Camera) -> None:
    """What is asked for the time comes back; so much of it would be read and sent for a second."""
    asked = {"ping": "x" * MOST_OF_A_PING}
    for said in (
        {"ping": asked["ping"] + "x"},
        {"ping": [0]},
        {"ping": 17, "more": "x" * MOST_CHARACTERS},
        json.loads(camera.configuration()) | {"more": "x" * MOST_CHARACTERS},
    ):
        socket, _ = await begun(house, running)
        await socket.send_json(asked)
        assert (await socket.receive_json())["pong"] == asked["ping"]
        await socket.send_str(json.dumps(said))
        assert (await closed_with(socket))[0] == Close.DAMAGED


async def test_what_is_of_a_time_to_come_is_of_no_class(house: House, running: int) -> None:
    at_us = await origin_us(house, running)
    socket, _ = await begun(house, running)
    await send(socket, pictures(at_us + 40_000_000, 1))
    await until_durable(socket, 1)
    await send(socket, pictures(at_us + 600_000_000, 1))
    assert (await closed_with(socket))[0] == Close.DAMAGED
