"""The demonstration's class: booked with its partners' consent, and one at a time."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession
from sqlalchemy.orm import Session

from services.live.access.closing import Close
from tests.waiting import LIMIT_S
from tongke.bootstrap import Ground
from tongke.classes import queries
from tongke.classes.models import LiveClass
from tongke.classes.plan.occupancy import Clashes
from tongke.classes.running import lifecycle
from tongke.classes.vocabulary import SeatState, State
from tongke.cli.demo import class_feed, lead_line, record, running_class, world
from tongke.demo_library import live_lesson
from tongke.demo_library.live_film import Film
from tongke.live.wire import Configuration
from tongke.people.queries import viewer_of

FILM = Film(Configuration(stream=0), (), 0)


async def test_it_runs_for_the_rooms_whose_devices_are_told(ground: Ground) -> None:
    assert not await ground.database.read(running_class.settled)
    await ground.database.write(world.create)
    assert await ground.database.read(running_class.settled)
    held = await ground.database.write(running_class.begin)
    assert await ground.database.read(running_class.running) == [held]

    def look(session: Session) -> None:
        for device in running_class.SEATS:
            viewer = viewer_of(session, world.account_ids(session)[device])
            assert viewer is not None
            live = queries.visible_class(session, viewer, held.id)
            assert live.state == State.RUNNING
            assert queries.room_of(viewer, live) is not None
            assert {seat.state for seat in live.seats} == {SeatState.CONFIRMED}

    await ground.database.read(look)


async def test_there_is_one_at_a_time_and_the_next_when_it_has_ended(ground: Ground) -> None:
    await ground.database.write(world.create)
    held = await ground.database.write(running_class.begin)
    with pytest.raises(Clashes):
        await ground.database.write(running_class.begin)
    await ground.database.write(lifecycle.end, held.id)
    again = await ground.database.write(running_class.begin)
    assert await ground.database.read(running_class.running) == [again]
    assert again.id != held.id


@pytest.mark.parametrize(
    ("lasts", "classes"), [(timedelta(minutes=40), 1), (timedelta(microseconds=1), 2)]
)
async def test_no_other_begins_where_somebody_has_ended_one(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, lasts: timedelta, classes: int
) -> None:
    """Its rooms are a newcomer's then. Of one that has had its time the next takes the place."""
    await ground.database.write(world.create)
    held: list[int] = []

    async def published(_http: ClientSession, class_id: int, _film: Film) -> int:
        """Until the class is ended: the first in or after its time, the second by a newcomer."""
        if not held:
            await ground.database.write(_lasts, class_id, lasts)
        held.append(class_id)
        await ground.database.write(lifecycle.end, class_id)
        return Close.OVER

    async def led(*_: object) -> None:
        """By nobody."""

    monkeypatch.setattr(class_feed, "publish", published)
    monkeypatch.setattr(class_feed, "lead", led)
    monkeypatch.setattr(class_feed, "AGAIN_AFTER_S", 0)
    async with ClientSession() as http, asyncio.timeout(LIMIT_S):
        await class_feed._teach(ground, http, FILM)
    assert len(held) == classes
    assert await ground.database.read(running_class.running) == []


def _lasts(session: Session, class_id: int, length: timedelta) -> None:
    live = session.get_one(LiveClass, class_id)
    live.ends_at = live.begins_at + length


def test_scripts_find_the_rooms(tmp_path: Path) -> None:
    record.write(tmp_path, "http://localhost:8600")
    rooms = json.loads((tmp_path / "demo.json").read_text("utf-8"))["rooms"]
    assert [room["username"] for room in rooms] == list(running_class.SEATS)
    assert {(room["url"], room["password"]) for room in rooms} == {("/room", world.PASSWORD)}


def test_pages_are_turned_when_the_film_does() -> None:
    minute_ms = 29_932_320 * live_lesson.SECONDS * 1000
    starts = live_lesson.page_starts()
    turns = lead_line.turns(minute_ms + 1000 * starts[2] + 500)
    assert next(turns) == (minute_ms + 1000 * starts[2] + 500, 3)
    following = [next(turns) for _ in range(len(starts))]
    assert following[0] == (minute_ms + 1000 * starts[3], 4)
    begin_again = minute_ms + live_lesson.SECONDS * 1000
    assert (begin_again, 1) in following
