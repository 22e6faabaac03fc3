"""The demonstration's class: booked with its partners' consent, and one at a time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tongke.bootstrap import Ground
from tongke.classes import queries
from tongke.classes.plan.occupancy import Clashes
from tongke.classes.running import lifecycle
from tongke.classes.vocabulary import SeatState, State
from tongke.cli.demo import lead_line, record, running_class, world
from tongke.demo_library import live_lesson
from tongke.people.queries import viewer_of


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
