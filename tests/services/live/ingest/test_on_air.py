"""Whether anything comes is written as it is, however slowly it is written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from services.live.ingest.on_air import PUBLISHERS, tell
from services.live.ingest.rtmp.lesson import place_of
from services.live.signalling.classroom import CLASSROOMS, whole_class
from tests.services.house import House
from tests.services.live.ingest.appliance import booked, has_segments, pushing, until
from tests.waiting import until_true
from tongke.live.vocabulary import PictureSource


class Somebody:
    source = PictureSource.APPLIANCE

    async def close(self, *, code: int) -> None: ...


async def test_who_comes_while_it_is_written_that_another_went_is_on_the_air(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = house.client.server.app  # type: ignore[attr-defined]
    goes, read, reads = asyncio.Event(), house.ground.database.read, list[object]()

    async def slowly(work: Callable[..., Any], *args: Any) -> Any:
        if work is whole_class:
            reads.append(args)
            if len(reads) == 2:
                await goes.wait()
        return await read(work, *args)

    app[PUBLISHERS][running] = Somebody()
    async with app[CLASSROOMS].entered(
        await house.ground.database.read(whole_class, running)
    ) as classroom:
        monkeypatch.setattr(house.ground.database, "read", slowly)
        await tell(app, running, Somebody.source)
        del app[PUBLISHERS][running]
        gone = asyncio.create_task(tell(app, running, Somebody.source))
        await until_true(lambda: len(reads) == 2, what="it is about to be written")
        app[PUBLISHERS][running] = Somebody()
        await tell(app, running, Somebody.source)
        goes.set()
        await gone
        state = classroom.state
        assert (state.publishing, state.picture_source) == (True, PictureSource.APPLIANCE)
        del app[PUBLISHERS][running]
        await tell(app, running, Somebody.source)
        assert not state.publishing


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
