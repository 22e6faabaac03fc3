"""Which rooms were in a class, as its log tells it: `tongke.live.attendance` in the log's words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke.classes.after.outcome import Held, Outcome, outcome
from tongke.classes.models import ClassEvent, LiveClass
from tongke.classes.vocabulary import SeatState, State
from tongke.live import attendance
from tongke.live.attendance import Attendee, Joined, Left, Why
from tongke.live.bodies import HeadCount, Leave, Remove
from tongke.live.events import Event, event
from tongke.live.state import ClassState
from tongke.people.models import Room, School

# What moves a room in or out, or counts it.
KINDS: Final = frozenset({"prepare", "join", "leave", "admit", "remove", "head_count"})
_EPOCH: Final = datetime.fromtimestamp(0, UTC)


def of_class(live: LiveClass, log: Iterable[Event], now: datetime) -> list[Attendee]:
    """The attendance of a class that has begun, room by room; nothing of one that has not."""
    rooms = [seat.room_id for seat in live.seats if seat.state != SeatState.DECLINED]
    return within(live, moves(log), now, rooms)


def within(
    live: LiveClass, moved: Iterable[attendance.Event], now: datetime, expected: Iterable[int] = ()
) -> list[Attendee]:
    """Who was there of a class's time, as it was held so far."""
    if live.started_at is None:
        return []
    ended_at = max(live.started_at, live.ended_at or now)
    return attendance.attendance(moved, live.started_at, ended_at, expected)


def moves(log: Iterable[Event]) -> Iterator[attendance.Event]:
    """Coming, going and head counts. A room is there while it is connected and admitted: one that
    knocks is not in the class yet."""
    state = ClassState()
    there: set[str] = set()
    for happened in log:
        if happened.body.kind not in KINDS:
            continue
        state.apply(happened)
        at = at_time(happened)
        now_there = {room.id for room in state.rooms.values() if room.admitted and room.connection}
        for room in sorted(now_there - there):
            yield Joined(int(room), at)
        for room in sorted(there - now_there):
            yield Left(int(room), at, _why(happened))
        if isinstance(happened.body, HeadCount):
            yield attendance.HeadCount(int(happened.body.room), at, happened.body.heads)
        there = now_there


def at_time(happened: Event) -> datetime:
    return _EPOCH + timedelta(milliseconds=happened.at)


def _why(happened: Event) -> Why:
    if isinstance(happened.body, Remove):
        return Why.REMOVED
    dropped = isinstance(happened.body, Leave) and happened.body.dropped
    return Why.DROPPED if dropped else Why.LEFT


def outcome_of(live: LiveClass, found: Iterable[Attendee], now: datetime) -> Outcome | None:
    """What became of a class, by who was there."""
    held = Held(
        state=State(live.state),
        ends_at=live.ends_at,
        ended_at=live.ended_at,
        rooms_booked=sum(seat.state != SeatState.DECLINED for seat in live.seats),
        rooms_present=sum(bool(room.intervals) for room in found),
    )
    return outcome(held, now)


def outcomes(session: Session, classes: Iterable[LiveClass], now: datetime) -> dict[int, Outcome]:
    """What became of those that were given and are over; one question for all of their logs."""
    given = {live.id: live for live in classes if live.state == State.ENDED}
    if not given:
        return {}
    logs: dict[int, list[Event]] = {number: [] for number in given}
    rows = (
        select(ClassEvent)
        .where(ClassEvent.class_id.in_(given), ClassEvent.kind.in_(KINDS))
        .order_by(ClassEvent.class_id, ClassEvent.seq)
    )
    for row in session.scalars(rows):
        logs[row.class_id].append(event(row.media_ms, row.kind, row.payload))
    told = {n: outcome_of(live, of_class(live, logs[n], now), now) for n, live in given.items()}
    return {number: became for number, became in told.items() if became is not None}


def room_names(session: Session, numbers: Iterable[int]) -> dict[int, tuple[str, str]]:
    """The school and the name of rooms, by their numbers: of those that were booked, and of those
    that knocked and were let in."""
    rows = session.execute(
        select(Room.id, School.name, Room.name)
        .join(School, School.id == Room.school_id)
        .where(Room.id.in_(list(numbers)))
    )
    return {number: (school, name) for number, school, name in rows}
