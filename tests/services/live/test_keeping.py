"""Classes that nobody ended, and journals that have served."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from aiohttp import web
from sqlalchemy.orm import Session

from services.live import keeping
from services.live.carrying.carrier import CARRIER, journal_of
from tests.services.house import House
from tongke import clock
from tongke.classes.models import LiveClass
from tongke.classes.vocabulary import State


def app_of(house: House) -> web.Application:
    app: web.Application = house.client.server.app  # type: ignore[attr-defined]
    return app


async def moved_back(house: House, running: int, by: timedelta) -> None:
    """As if the class had been held so long ago."""

    def move(session: Session) -> None:
        live = session.get_one(LiveClass, running)
        live.begins_at, live.ends_at = live.begins_at - by, live.ends_at - by
        if live.ended_at is not None:
            live.ended_at -= by

    await house.ground.database.write(move)


async def state_of(house: House, running: int) -> str:
    return await house.ground.database.read(lambda s: s.get_one(LiveClass, running).state)


async def test_a_class_that_nobody_ended_is_ended_an_hour_later(house: House, running: int) -> None:
    await moved_back(house, running, timedelta(minutes=90))
    await keeping.end_forgotten(app_of(house))
    assert await state_of(house, running) == State.RUNNING
    await moved_back(house, running, timedelta(minutes=15))
    await keeping.end_forgotten(app_of(house))
    assert await state_of(house, running) == State.ENDED


async def test_a_journal_goes_an_hour_after_its_class(house: House, running: int) -> None:
    journal = journal_of(house.ground, running)
    journal.parent.mkdir(parents=True)
    journal.write_bytes(b"kept")
    await keeping.remove_journals(app_of(house))
    assert journal.exists()

    def end(session: Session) -> None:
        live = session.get_one(LiveClass, running)
        live.state, live.ended_at = State.ENDED, clock.now()

    await house.ground.database.write(end)
    await keeping.remove_journals(app_of(house))
    assert journal.exists()
    await moved_back(house, running, timedelta(hours=2))
    await keeping.remove_journals(app_of(house))
    assert not journal.parent.exists()


@pytest.mark.parametrize("is_booked", [False, True])
async def test_a_journal_of_no_class_of_this_database_goes_a_day_after_it_was_written(
    house: House, running: int, is_booked: bool
) -> None:
    """It was restored as it was before that class; its number may be another's by now."""

    def booked(session: Session) -> None:
        live = session.get_one(LiveClass, running)
        live.state, live.started_at = State.BOOKED, None

    if is_booked:
        await house.ground.database.write(booked)
    journal = journal_of(house.ground, running if is_booked else 999)
    runs = journal_of(house.ground, running)
    for each in (journal, runs):
        each.parent.mkdir(parents=True, exist_ok=True)
        each.write_bytes(b"kept")
    for hours, stays in ((23, True), (25, False)):
        written_s = (clock.now() - timedelta(hours=hours)).timestamp()
        for each in (journal, journal.parent, runs, runs.parent):
            os.utime(each, (written_s, written_s))
        await keeping.remove_journals(app_of(house))
        assert journal.parent.exists() is stays
    assert runs.exists() is not is_booked


async def test_a_class_that_cannot_be_ended_keeps_no_other_from_it(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does a file of somebody else among the journals."""
    await moved_back(house, running, timedelta(hours=2))
    stray = journal_of(house.ground, running).parent.parent / "lost+found"
    stray.mkdir(parents=True)
    ended = []

    async def end(class_id: int) -> None:
        ended.append(class_id)
        raise ValueError("a part of 0 s")

    monkeypatch.setattr(app_of(house)[CARRIER], "end", end)
    await keeping.end_forgotten(app_of(house))
    await keeping.remove_journals(app_of(house))
    assert ended == [running]
    assert stray.exists()
