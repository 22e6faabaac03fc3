"""Attendance out of the real log of a class: what was decided, not what was asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tongke.classes.after.attending import moves
from tongke.live.attendance import Ended, Event, HeadCount, Joined, Left, Why, attendance
from tongke.live.bodies import Admit, Begin, BookedRoom, End, Join, Known, Leave, Prepare, Remove
from tongke.live.bodies import HeadCount as Counted
from tongke.live.decide import decide
from tongke.live.state import ClassState
from tongke.live.vocabulary import LessonKind, Role, Who

BEGAN = 1_790_000_000_000
BELL = datetime.fromtimestamp(BEGAN / 1000, UTC)
LEAD, SERVER = Who(Role.LEAD, "1"), Who(Role.SERVER)
BOOKED, KNOCKS = Who(Role.ROOM, "2"), Who(Role.ROOM, "9")


def told(*asked: tuple[float, Who, Known]) -> list[Event]:
    """The moves of a class in which this was asked for, seconds after the bell."""
    state, log = ClassState(), []
    rooms = (BookedRoom(id="2", name="七（2）班"),)
    start = (-600.0, SERVER, Prepare(lesson=LessonKind.BROADCAST, rooms=rooms))
    for seconds, who, body in (start, *asked):
        at = BEGAN + round(seconds * 1000)
        for happened in decide(state, who, body, at, at):
            state.apply(happened)
            log.append(happened)
    return list(moves(log))


def at(seconds: float) -> datetime:
    return BELL + timedelta(seconds=seconds)


def test_a_room_comes_is_counted_and_drops() -> None:
    found = told(
        (-60, BOOKED, Join(connection="a")), (0, LEAD, Begin()),
        (30, BOOKED, Counted(room="2", heads=31)),
        (900, BOOKED, Leave(connection="a", dropped=True)),
    )  # fmt: skip
    assert found == [
        Joined(2, at(-60)), HeadCount(2, at(30), 31), Left(2, at(900), Why.DROPPED),
    ]  # fmt: skip


def test_who_knocks_is_there_once_admitted_and_until_removed() -> None:
    found = told(
        (10, KNOCKS, Join(connection="k")), (0, LEAD, Begin()),
        (40, LEAD, Admit(room="9")), (100, LEAD, Remove(room="9")), (110, LEAD, End()),
    )  # fmt: skip
    assert found == [Joined(9, at(40)), Left(9, at(100), Why.REMOVED), Ended(at(110))]


def test_a_room_that_goes_when_it_hears_the_end_stayed_to_the_end() -> None:
    found = told(
        (-5, BOOKED, Join(connection="a")), (0, LEAD, Begin()), (2400, LEAD, End()),
        (2415, BOOKED, Leave(connection="a", dropped=True)),
    )  # fmt: skip
    # The service was through with the class twenty seconds after.
    (room,) = attendance(found, BELL, at(2420), [2])
    assert (room.gone, room.left_early_s, room.seconds_present) == (None, 0, 2400)


def test_a_device_that_is_back_before_it_is_missed_never_left() -> None:
    found = told(
        (-5, BOOKED, Join(connection="a")), (0, LEAD, Begin()),
        (300, BOOKED, Join(connection="b")), (301, BOOKED, Leave(connection="a", dropped=True)),
    )  # fmt: skip
    (room,) = attendance(found, BELL, at(2400), [2])
    assert room.seconds_present == 2400
    assert len(room.intervals) == 1


def test_a_room_that_never_came_has_a_row_and_no_time() -> None:
    (room,) = attendance(told((0, LEAD, Begin())), BELL, at(2400), [2])
    assert (room.seconds_present, room.late_by_s) == (0, None)
