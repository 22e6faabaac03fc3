"""Whether anything comes is written as it is, however slowly it is written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest

from services.live.ingest import on_air
from services.live.ingest.on_air import PUBLISHERS, TELLING, tell
from services.live.ingest.rtmp.lesson import place_of
from services.live.signalling.classroom import Classroom
from services.live.signalling.classrooms import CLASSROOMS, whole_class
from tests.services.house import House
from tests.services.live.ingest.appliance import booked, has_segments, pushing, until
from tests.services.live.kept_rows import kept_rows
from tests.services.live.signalling.away import Away
from tests.waiting import until_true
from tongke.live.bounds import BOUNDS, Bound, ChangedTooOften
from tongke.live.vocabulary import PictureSource


class Somebody:
    def __init__(self, source: PictureSource = PictureSource.APPLIANCE) -> None:
        self.source = source

    def end(self, code: int) -> None: ...


class Air:
    """A class, and who publishes it."""

    def __init__(self, house: House, class_id: int, classroom: Classroom) -> None:
        self._app = house.client.server.app  # type: ignore[attr-defined]
        self._house, self._class_id = house, class_id
        self.state = classroom.state

    def comes(self, source: PictureSource = PictureSource.APPLIANCE) -> Coroutine[Any, Any, None]:
        self._app[PUBLISHERS][self._class_id] = Somebody(source)
        return tell(self._app, self._class_id, source)

    def goes(self, source: PictureSource = PictureSource.APPLIANCE) -> Coroutine[Any, Any, None]:
        del self._app[PUBLISHERS][self._class_id]
        return tell(self._app, self._class_id, source)

    async def said(self) -> list[bool]:
        log = await self._house.ground.database.read(kept_rows, self._class_id)
        return [bool(row.payload["on"]) for row in log if row.kind == "publisher"]

    async def until_told(self) -> None:
        await until_true(lambda: self._class_id not in self._app[TELLING])


@pytest.fixture
async def air(house: House, running: int, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Air]:
    monkeypatch.setattr(on_air, "FLAP_S", 0.05)
    monkeypatch.setattr(on_air, "AGAIN_AFTER_S", 0.05)
    app = house.client.server.app  # type: ignore[attr-defined]
    live = await house.ground.database.read(whole_class, running)
    async with app[CLASSROOMS].entered(live) as classroom:
        yield Air(house, running, classroom)


async def test_who_comes_while_it_is_written_that_another_went_is_on_the_air(
    house: House, air: Air, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes, read, reads = asyncio.Event(), house.ground.database.read, list[object]()

    async def slowly(work: Callable[..., Any], *args: Any) -> Any:
        if work is whole_class:
            reads.append(args)
            if len(reads) == 2:
                await goes.wait()
        return await read(work, *args)

    monkeypatch.setattr(house.ground.database, "read", slowly)
    await air.comes()
    gone = asyncio.create_task(air.goes())
    await until_true(lambda: len(reads) == 2, what="it is about to be written")
    back = asyncio.create_task(air.comes())
    goes.set()
    await asyncio.gather(gone, back)
    assert (air.state.publishing, air.state.picture_source) == (True, PictureSource.APPLIANCE)
    await air.goes()
    assert not air.state.publishing


async def test_a_line_that_breaks_and_is_back_at_once_says_nothing(
    house: House, air: Air, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_air, "FLAP_S", 60.0)
    monkeypatch.setattr(on_air, "TOLD_WITHIN_S", 0.01)
    await air.comes()
    await air.until_told()
    for _ in range(9):
        await air.goes()
        await air.comes()
    assert await air.said() == [True]
    await air.goes()
    # The process stops: it is not waited for any more.
    await house.client.server.app.shutdown()  # type: ignore[attr-defined]
    await air.until_told()
    assert await air.said() == [True, False]


async def test_what_flaps_all_the_time_is_noted_more_seldom_and_how_it_ends_is(
    air: Air, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BOUNDS, "publisher", Bound(4, ChangedTooOften, again_ms=4_000))
    for _ in range(2):
        await air.comes()
        await air.until_told()
        await air.goes()
        await air.until_told()
    monkeypatch.setattr(on_air, "TOLD_WITHIN_S", 0.1)
    for _ in range(6):
        await air.comes()
        await air.goes()
    assert await air.said() == [True, False] * 2
    await air.comes()
    await air.until_told()
    assert await air.said() == [True, False, True, False, True]
    assert air.state.publishing


async def test_nor_is_it_lost_with_a_database_that_is_away(
    house: House, air: Air, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_air, "TOLD_WITHIN_S", 0.01)
    away = Away(house, monkeypatch, whole_class)
    away.leave()
    await air.comes()
    await until_true(lambda: away.refusals > 1)
    assert not air.state.publishing
    away.come_back()
    await air.until_told()
    assert air.state.publishing


async def test_of_two_that_went_meanwhile_neither_is_on_the_air(
    air: Air, monkeypatch: pytest.MonkeyPatch
) -> None:
    await air.comes(PictureSource.PAGE)
    await air.until_told()
    monkeypatch.setattr(on_air, "TOLD_WITHIN_S", 0.0)
    await air.goes(PictureSource.PAGE)
    await air.comes()
    await air.goes()
    await air.until_told()
    assert await air.said() == [True, False]


async def test_an_appliance_waits_for_no_database(
    door: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that hangs cannot be had: one that waits until it is told."""
    number = await door.ground.database.write(booked, door, -1.0)
    goes, asked, read = asyncio.Event(), asyncio.Event(), door.ground.database.read

    async def hangs(work: Callable[..., Any], *args: Any) -> Any:
        if work is place_of:
            asked.set()
            await goes.wait()
        return await read(work, *args)

    async with pushing(door):
        await until(has_segments(door, number, 1))
        monkeypatch.setattr(door.ground.database, "read", hangs)
        try:
            await until_true(asked.is_set, what="the database hangs")
            await until(has_segments(door, number, 4))
            assert not goes.is_set()
        finally:
            goes.set()
