"""Segments on their way to the store: which of them are still at hand."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from services.live.carrying import storing
from services.live.carrying.storing import Storing
from tests.waiting import LIMIT_S, until_true
from tongke.live.playlist import Segment
from tongke.live.stream import Whole

BEGAN = datetime(2026, 3, 2, tzinfo=UTC)


def whole(number: int, size: int) -> Whole:
    segment = Segment(number, f"1-s{number}.m4s", 2.0, "1-m1.mp4", BEGAN, ())
    return Whole(segment, bytes(size), b"", "avc1", 0, 2_000_000)


def at_hand(made: Storing, number: int) -> list[int]:
    return [each for each in range(number) if made.get("source", f"1-s{each}.m4s") is not None]


class Store:
    """One that stands still until it is told how many it may take."""

    def __init__(self) -> None:
        self.took, self._may = 0, asyncio.Semaphore(0)

    async def put(self, _rendition: str, _whole: Whole) -> None:
        await self._may.acquire()
        self.took += 1

    def may(self, number: int) -> None:
        for _ in range(number):
            self._may.release()


async def test_the_newest_are_kept_by_their_number_and_by_their_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(storing, "MOST_KEPT_BYTES", 100)
    for size, left in ((1, 15), (30, 3), (100, 1)):
        store = Store()
        made = Storing(store.put, renditions=1)
        store.may(20)
        for number in range(20):
            made.add("source", whole(number, size))
        async with asyncio.timeout(LIMIT_S):
            await made.until_all_are_stored()
        assert at_hand(made, 20) == list(range(20 - left, 20))
        await made.close()


async def test_one_that_is_not_stored_yet_is_always_at_hand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A store that is away for a while: nowhere else are they to be had."""
    monkeypatch.setattr(storing, "MOST_KEPT_BYTES", 100)
    store = Store()
    made = Storing(store.put, renditions=1)
    for number in range(40):
        made.add("source", whole(number, 30))
    store.may(10)
    await until_true(lambda: at_hand(made, 40) == list(range(10, 40)), what="ten are stored")
    assert store.took == 10
    store.may(30)
    async with asyncio.timeout(LIMIT_S):
        await made.until_all_are_stored()
    assert at_hand(made, 40) == [37, 38, 39]
    await made.close()
