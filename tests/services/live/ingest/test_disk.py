"""A lesson on a disk that is slow or full: nothing is said to be kept that is not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from aiohttp import WSCloseCode

from services.live.access.closing import Close
from services.live.carrying import kept_chunks
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
from tests.services.live.ingest.test_publishing import playlist
from tests.waiting import until_true
from tongke.classes import queries
from tongke.live import allowance
from tongke.storage.journal import Journal

pytestmark = pytest.mark.media


@pytest.fixture
def disk_goes(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A disk that is slow enough cannot be had: one that waits until it is told."""
    goes, append = threading.Event(), Journal.append

    def slow(journal: Journal, added: Sequence[bytes]) -> None:
        goes.wait()
        append(journal, added)

    monkeypatch.setattr(Journal, "append", slow)
    yield goes
    goes.set()


async def test_while_too_much_waits_for_the_disk_no_more_is_read(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch, disk_goes: threading.Event
) -> None:
    monkeypatch.setattr(allowance, "MOST_UNDER_WAY", 2**20)
    at_us = await origin_us(house, running)
    socket, _ = await begun(house, running)
    # More than the buffers of a socket take.
    sending = asyncio.create_task(send(socket, pictures(at_us, 100, bytes(2**20), step=1)))
    broadcast = await broadcast_of(house, running)
    await until_true(lambda: broadcast.kept.taken > 2**20, what="some has come")
    await asyncio.wait({sending}, timeout=2)
    assert not sending.done()
    assert broadcast.kept.taken < 4 * 2**20
    assert broadcast.kept.durable.highest == 0
    disk_goes.set()
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
    coming = (await broadcast_of(house, running)).kept
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
    coming = (await broadcast_of(house, running)).kept
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
    house: House, running: int, disk_goes: threading.Event
) -> None:
    at_us = await origin_us(house, running)
    first, _ = await begun(house, running)
    await send(first, pictures(at_us, 5, step=1))
    coming = (await broadcast_of(house, running)).kept
    await until_true(lambda: coming.highest == 5, what="all have come")
    second, hello = await begun(house, running)
    disk_goes.set()
    assert (hello["durable"], hello["highest"]) == (0, 5)
    assert (await closed_with(first))[0] == Close.REPLACED
    await second.close()
