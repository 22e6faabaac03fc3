"""A publisher may bring what a lesson has, and no more than the process and its disk can bear."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Self, cast

import pytest
from aiohttp import ClientWebSocketResponse, WSCloseCode, WSMessage, WSMsgType

from services.live.access.closing import Close
from services.live.access.incoming import Incoming
from services.live.access.messages import MOST_OF_A_PING
from services.live.carrying import kept_chunks
from services.live.carrying.carrier import CARRIER, journal_of
from services.live.ingest.publish import CHUNKS_AT_ONCE, MOST_CHARACTERS, take_all
from tests.services.house import House
from tests.services.live.camera import Camera, until_durable
from tests.services.live.ingest.test_publishing import playlist, publishing
from tests.waiting import LIMIT_S, until_true
from tongke.classes import queries
from tongke.live import allowance, durable
from tongke.live.wire import Chunk, ChunkTrack, decode
from tongke.storage.journal import Journal, records

pytestmark = pytest.mark.media


def pictures(at_us: int, count: int, data: bytes = b"x", step: int = 2) -> list[Chunk]:
    return [
        Chunk(ChunkTrack.PICTURE, 0, number, at_us, 0, data, sent_again=True)
        for number in range(1, step * count + 1, step)
    ]


async def begun(house: House, running: int) -> tuple[ClientWebSocketResponse, dict[str, object]]:
    socket = await publishing(house, running)
    return socket, (await socket.receive_json())["hello"]


async def origin_us(house: House, running: int) -> int:
    carrier = house.client.server.app[CARRIER]  # type: ignore[attr-defined]
    return (await carrier.broadcast(running)).origin_us  # type: ignore[no-any-return]


async def send(socket: ClientWebSocketResponse, chunks: Iterable[Chunk]) -> None:
    for chunk in chunks:
        await socket.send_bytes(chunk.encode())


async def closed_with(socket: ClientWebSocketResponse) -> tuple[int | None, int]:
    """How a line was closed, and what was acknowledged on it."""
    up_to = 0
    async with asyncio.timeout(LIMIT_S):
        async for message in socket:
            assert message.type is WSMsgType.TEXT
            up_to = max(up_to, json.loads(message.data).get("durable", 0))
    return socket.close_code, up_to


def kept(house: House, running: int) -> set[int]:
    found = records(journal_of(house.ground, running))
    return {decode(record).number for record in found if record[:1] != b"{"}


async def test_of_gaps_without_number_some_are_told_and_all_can_be_filled(
    house: House, running: int
) -> None:
    """As over a line on which the sound is sent and the pictures between it wait."""
    at_us = await origin_us(house, running)
    socket, _ = await begun(house, running)
    await send(socket, pictures(at_us, 300))
    carrier = house.client.server.app[CARRIER]  # type: ignore[attr-defined]
    durable_now = carrier.carried(running).kept.durable
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
    broadcast = house.client.server.app[CARRIER].carried(running)  # type: ignore[attr-defined]
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


async def test_while_too_much_waits_for_the_disk_no_more_is_read(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is slow enough cannot be had: one that waits until it is told."""
    monkeypatch.setattr(allowance, "MOST_UNDER_WAY", 2**20)
    goes, append = threading.Event(), Journal.append

    def slow(journal: Journal, added: Sequence[bytes]) -> None:
        goes.wait()
        append(journal, added)

    monkeypatch.setattr(Journal, "append", slow)
    at_us = await origin_us(house, running)
    socket, _ = await begun(house, running)
    # More than the buffers of a socket take.
    sending = asyncio.create_task(send(socket, pictures(at_us, 100, bytes(2**20), step=1)))
    try:
        carrier = house.client.server.app[CARRIER]  # type: ignore[attr-defined]
        broadcast = carrier.carried(running)
        await until_true(lambda: broadcast.kept.taken > 2**20, what="some has come")
        await asyncio.wait({sending}, timeout=2)
        assert not sending.done()
        assert broadcast.kept.taken < 4 * 2**20
        assert broadcast.kept.durable.highest == 0
    finally:
        goes.set()
    await until_durable(socket, 100)
    await sending
    await socket.close()


async def test_on_a_full_disk_the_lesson_goes_on_and_what_was_left_out_comes_again(
    house: House, running: int, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunks = list(camera.filmed(await origin_us(house, running)))
    early, last = chunks[:-1], chunks[-1]
    monkeypatch.setattr(house.ground.settings, "min_free_bytes", 2**62)
    socket, _ = await begun(house, running)
    await socket.send_str(camera.configuration())
    await send(socket, early)
    text = await playlist(house, running, query="?_HLS_msn=0&_HLS_part=3")
    assert "EXT-X-PART" in text, "the lesson is played"
    carrier = house.client.server.app[CARRIER]  # type: ignore[attr-defined]
    coming = carrier.carried(running).kept
    await until_true(lambda: coming.highest == early[-1].number, what="all have come")
    assert kept(house, running) == set()
    monkeypatch.setattr(house.ground.settings, "min_free_bytes", 0)
    await send(socket, [last])
    assert await closed_with(socket) == (WSCloseCode.TRY_AGAIN_LATER, 0)
    again, hello = await begun(house, running)
    assert hello["above"] == [[last.number, last.number]]
    await send(again, [replace(chunk, sent_again=True) for chunk in early])
    await until_durable(again, last.number)
    await again.close()
    answer = await house.ask("zhou", "POST", f"/api/v1/classes/{running}/end")
    assert answer.status == 200
    rows = await house.ground.database.read(queries.lesson, running, "source")
    assert sum(row.duration_us for row in rows) / 1e6 == pytest.approx(camera.seconds, abs=0.2)


async def test_a_disk_that_has_space_again_is_seen_though_nothing_more_comes(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the class is ended: the browser has sent everything, and waits."""
    monkeypatch.setattr(kept_chunks, "LOOK_EVERY_S", 0.1)
    at_us = await origin_us(house, running)
    monkeypatch.setattr(house.ground.settings, "min_free_bytes", 2**62)
    socket, _ = await begun(house, running)
    await send(socket, pictures(at_us, 3, step=1))
    carrier = house.client.server.app[CARRIER]  # type: ignore[attr-defined]
    coming = carrier.carried(running).kept
    await until_true(lambda: coming.highest == 3, what="all have come")
    looked, look = list[bool](), coming._can_keep_again

    async def looking() -> bool:
        looked.append(await look())
        return looked[-1]

    monkeypatch.setattr(coming, "_can_keep_again", looking)
    await until_true(lambda: len(looked) > 2, what="the disk is looked at")
    assert not any(looked), "there is no space yet"
    monkeypatch.setattr(house.ground.settings, "min_free_bytes", 0)
    assert await closed_with(socket) == (WSCloseCode.TRY_AGAIN_LATER, 0)
    again, _ = await begun(house, running)
    await send(again, pictures(at_us, 3, step=1))
    await until_durable(again, 3)
    del looked[:]
    await until_true(lambda: len(looked) > 2, what="it is looked at again")
    assert not any(looked), "nothing is left out any more"
    await again.close()


async def test_who_takes_over_numbers_from_what_is_on_its_way_to_the_disk(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes, append = threading.Event(), Journal.append

    def slow(journal: Journal, added: Sequence[bytes]) -> None:
        goes.wait()
        append(journal, added)

    monkeypatch.setattr(Journal, "append", slow)
    at_us = await origin_us(house, running)
    first, _ = await begun(house, running)
    await send(first, pictures(at_us, 5, step=1))
    carrier = house.client.server.app[CARRIER]  # type: ignore[attr-defined]
    await until_true(lambda: carrier.carried(running).kept.highest == 5, what="all have come")
    second, hello = await begun(house, running)
    goes.set()
    assert (hello["durable"], hello["highest"]) == (0, 5)
    assert (await closed_with(first))[0] == Close.REPLACED
    await second.close()


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
    """A line all of whose messages have come and wait in memory."""

    def __init__(self, messages: Iterable[bytes]) -> None:
        self._messages = iter(messages)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> WSMessage:
        for data in self._messages:
            return WSMessage(WSMsgType.BINARY, data, None)
        raise StopAsyncIteration


async def test_between_the_chunks_that_have_come_everybody_has_a_turn(
    house: House, running: int
) -> None:
    carrier = house.client.server.app[CARRIER]  # type: ignore[attr-defined]
    broadcast = await carrier.broadcast(running)
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
    assert max(after - before for before, after in pairwise([*seen, 200])) <= CHUNKS_AT_ONCE


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
