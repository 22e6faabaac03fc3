"""Which rooms were in a class, as its log tells it: `tongke.live.attendance` in the log's words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke.classes.after.outcome import Held, Outcome, outcome
from tongke.classes.models import LiveClass
from tongke.classes.vocabulary import SeatState, State
from tongke.live import attendance
from tongke.live.attendance import Joined, Left, RoomAttendance, Why
from tongke.live.bodies import HeadCount, Leave, Remove
from tongke.live.events import Event
from tongke.live.state import ClassState
from tongke.people.models import Room, School

# What moves a room in or out, or counts it.
KINDS: Final = frozenset({"prepare", "join", "leave", "admit", "remove", "head_count"})
_EPOCH: Final = datetime.fromtimestamp(0, UTC)


def of_class(live: LiveClass, log: Iterable[Event], now: datetime) -> list[RoomAttendance]:
    """The attendance of a class that has begun, room by room; nothing of one that has not."""
    if live.started_at is None:
        return []
    rooms = [seat.room_id for seat in live.seats if seat.state != SeatState.DECLINED]
    ended_at = max(live.started_at, live.ended_at or now)
    return attendance.attendance(moves(log), live.started_at, ended_at, rooms)


def moves(log: Iterable[Event]) -> Iterator[attendance.Event]:
    """Coming, going and head counts. A room is there while it is connected and admitted: one that
    knocks is not in the class yet."""
    state = ClassState()
    there: set[str] = set()
    for event in log:
        if event.body.kind not in KINDS:
            continue
        state.apply(event)
        at = _EPOCH + timedelta(milliseconds=event.at)
        now_there = {room.id for room in state.rooms.values() if room.admitted and room.connection}
        for room in sorted(now_there - there):
            yield Joined(int(room), at, int(room))
        for room in sorted(there - now_there):
            yield Left(int(room), at, _why(event))
        if isinstance(event.body, HeadCount):
            yield attendance.HeadCount(int(event.body.room), at, event.body.heads)
        there = now_there


def _why(event: Event) -> Why:
    if isinstance(event.body, Remove):
        return Why.REMOVED
    dropped = isinstance(event.body, Leave) and event.body.dropped
    return Why.DROPPED if dropped else Why.LEFT


def outcome_of(live: LiveClass, found: Iterable[RoomAttendance], now: datetime) -> Outcome | None:
    """What became of a class, by who was there."""
    held = Held(
        state=State(live.state),
        ends_at=live.ends_at,
        ended_at=live.ended_at,
        rooms_booked=sum(seat.state != SeatState.DECLINED for seat in live.seats),
        rooms_present=sum(bool(room.intervals) for room in found),
    )
    return outcome(held, now)


def room_names(session: Session, numbers: Iterable[int]) -> dict[int, tuple[str, str]]:
    """The school and the name of rooms, by their numbers: of those that were booked, and of those
    that knocked and were let in."""
    rows = session.execute(
        select(Room.id, School.name, Room.name)
        .join(School, School.id == Room.school_id)
        .where(Room.id.in_(list(numbers)))
    )
    return {number: (school, name) for number, school, name in rows}
