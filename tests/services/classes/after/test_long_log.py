"""A class whose log is long: what is read of it, and where."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.services.classes.lessons import ROOM, SERVER, held
from tests.services.house import House
from tongke.classes import kept_log
from tongke.classes.after.attending import ENOUGH
from tongke.classes.models import ClassEvent, LiveClass, Seat
from tongke.live import events
from tongke.live.bodies import BookedRoom, HeadCount, Join, Leave, Prepare
from tongke.live.events import Event
from tongke.live.vocabulary import LessonKind, Role, Who
from tongke.people.models import Room

MANY = 300
PATHS = ("/timetable", "/classes/{id}", "/patrol", "/")


async def counted(house: House, class_id: int) -> None:
    """A class that was held, with many head counts."""
    await held(house, class_id)
    await house.ground.database.write(_count, class_id)


def _count(session: Session, class_id: int) -> None:
    room = Who(Role.ROOM, "2")
    counts = (HeadCount(room="2", heads=number % 2) for number in range(MANY))
    _add(session, class_id, 1000, [Event(n, n, room, count) for n, count in enumerate(counts)])


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, threading.Thread]]:
    """The kind of each event that is read out of a log, and the thread in which it is."""
    seen: list[tuple[str, threading.Thread]] = []

    def reading(media_ms: int, kind: str, payload: Any) -> Event:
        seen.append((kind, threading.current_thread()))
        return events.event(media_ms, kind, payload)

    monkeypatch.setattr(kept_log, "event", reading)
    return seen


@pytest.mark.parametrize("path", PATHS)
async def test_lists_read_no_head_counts(
    house: House, running: int, read: list[tuple[str, threading.Thread]], path: str
) -> None:
    await counted(house, running)
    name = "head" if path == "/patrol" else "zhou"
    assert (await house.ask(name, "GET", path.format(id=running))).status == 200
    assert "head_count" not in {kind for kind, _ in read}


async def test_lists_read_no_more_than_shows_that_a_room_was_there(
    house: House, running: int, read: list[tuple[str, threading.Thread]]
) -> None:
    await held(house, running)
    await house.ground.database.write(_reconnected, running, 10)
    assert "没有结对方参加" not in await listed(house)
    assert len(read) == ENOUGH


async def test_who_left_before_the_bell_and_came_much_later_was_there(
    house: House, running: int, read: list[tuple[str, threading.Thread]]
) -> None:
    await held(house, running)
    await house.ground.database.write(_reconnected, running, -40)
    assert "没有结对方参加" in await listed(house)
    assert len(read) > ENOUGH + MANY
    await house.ground.database.write(_came, running)
    assert "没有结对方参加" not in await listed(house)


async def test_a_partner_that_came_after_a_room_of_the_same_school_was_there(
    house: House, running: int
) -> None:
    await held(house, running)
    await house.ground.database.write(_own_came, running)
    assert "没有结对方参加" in await listed(house)
    await house.ground.database.write(_came, running)
    assert "没有结对方参加" not in await listed(house)


async def listed(house: House) -> str:
    return await (await house.ask("zhou", "GET", "/timetable")).text()


def _reconnected(session: Session, class_id: int, seconds: int) -> None:
    """From so many seconds after the bell its line breaks all the time, and is gone at last."""
    at, room = _ms(session, class_id, seconds), Who(Role.ROOM, "2")
    _add(session, class_id, 1000, [Event(at, at, room, Leave(connection="r"))])
    moves: list[Event] = []
    for number in range(MANY // 2):
        came, name = at + 20 * number + 10, f"c{number}"
        moves.append(Event(came, at, room, Join(connection=name)))
        moves.append(Event(came + 10, at, room, Leave(connection=name)))
    _add(session, class_id, 1001, moves)


def _own_came(session: Session, class_id: int) -> None:
    """The partner left before the bell; what is read first tells of the school's own room alone."""
    session.add(Room(id=3, school_id=1, name="阶梯教室"))
    session.flush()
    session.add(Seat(class_id=class_id, room_id=3, state="confirmed"))
    at, began, own = _ms(session, class_id, -40), _ms(session, class_id, 10), Who(Role.ROOM, "3")
    booked = (BookedRoom(id="3", name="阶梯教室"),)
    prepared = Prepare(lesson=LessonKind.BROADCAST, rooms=booked)
    joined = [Event(began, began, own, Join(connection=f"c{n}")) for n in range(MANY)]
    left = Event(at, at, ROOM, Leave(connection="r"))
    _add(session, class_id, 1000, [left, Event(at, at, SERVER, prepared), *joined])


def _came(session: Session, class_id: int) -> None:
    at, room = _ms(session, class_id, 60), Who(Role.ROOM, "2")
    _add(session, class_id, 5000, [Event(at, at, room, Join(connection="late"))])


def _ms(session: Session, class_id: int, seconds: int) -> int:
    began = session.get_one(LiveClass, class_id).started_at
    assert began is not None
    return round(began.timestamp() * 1000) + seconds * 1000


def _add(session: Session, class_id: int, first: int, log: list[Event]) -> None:
    for seq, happened in enumerate(log, first):
        row: dict[str, Any] = happened.to_dict()
        session.add(ClassEvent(class_id=class_id, seq=seq, **row))


async def test_attendance_is_read_beside_the_loop(
    house: House, running: int, read: list[tuple[str, threading.Thread]]
) -> None:
    await counted(house, running)
    answer = await house.ask("zhou", "GET", f"/api/v1/classes/{running}/attendance")
    (room,) = (await answer.json())["rooms"]
    assert room["greatest_count"] == 31
    assert len(read) > MANY
    # But for the log of the desks, which has the end alone.
    on_the_loop = {kind for kind, thread in read if thread is threading.current_thread()}
    assert on_the_loop == {"end"}
