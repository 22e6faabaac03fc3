"""Who was in a class, as its log tells it: `tongke.live.attendance` in the log's words. Rooms are,
and in a training teachers at desks of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tongke.classes.after.outcome import Held, Outcome, Place, outcome
from tongke.classes.kept_log import Numbered, events_of, log_of, numbered_logs
from tongke.classes.models import ClassEvent, LiveClass
from tongke.classes.room_order import in_order
from tongke.classes.vocabulary import State
from tongke.live import attendance
from tongke.live.attendance import Attendee, Ended, Joined, Left, Why
from tongke.live.bodies import Arrive, Depart, End, HeadCount, Leave, Remove
from tongke.live.events import Event
from tongke.live.state import ClassState
from tongke.people.models import Room
from tongke.storage.beside import beside

# What moves a room in or out, at the last the end, and what counts it.
MOVES: Final = frozenset({"prepare", "join", "leave", "admit", "remove", "end"})
KINDS: Final = MOVES | {"head_count"}
# What brings a teacher to her desk, or away.
DESKS: Final = frozenset({"arrive", "depart", "end"})
# Of a class that its partner came to, what is read for its outcome; nearly all are shorter.
ENOUGH: Final = 200
_EPOCH: Final = datetime.fromtimestamp(0, UTC)


def of_class(session: Session, live: LiveClass, now: datetime) -> list[Attendee]:
    """The attendance of a class that has begun, room by room; nothing of one that has not. Of a
    room that had declined it says that it was not there: it was asked."""
    log = log_of(session, live.id, KINDS)
    asked = [seat.room_id for seat in live.seats]
    return beside(len(log), within, live, moves(log), now, asked)


def at_desks(session: Session, live: LiveClass, now: datetime) -> list[Attendee]:
    """The same of the teachers at their desks; of a lesson there are none."""
    return within(live, desk_moves(log_of(session, live.id, DESKS)), now)


def roll_called(session: Session, class_id: int) -> bool:
    """Whether the lead had the rooms count their pupils."""
    called = (ClassEvent.class_id == class_id, ClassEvent.kind == "roll_call")
    return session.scalar(select(ClassEvent.seq).where(*called).limit(1)) is not None


def came_to(session: Session, live: LiveClass, now: datetime) -> set[int]:
    """The rooms that were there at some time; for that no heads are counted."""
    log = log_of(session, live.id, MOVES)
    return _present(beside(len(log), within, live, moves(log), now))


def within(
    live: LiveClass, moved: Iterable[attendance.Event], now: datetime, expected: Iterable[int] = ()
) -> list[Attendee]:
    """Who was there of a class's time, as it was held until now."""
    if live.started_at is None:
        return []
    ended_at = max(live.started_at, min(live.ended_at or now, now))
    return attendance.attendance(moved, live.started_at, ended_at, expected)


def moves(log: Iterable[Event]) -> Iterator[attendance.Event]:
    """Coming, going, head counts and the end. A room is there while it is connected and admitted:
    one that knocks is not in the class yet."""
    state = ClassState()
    there: set[str] = set()
    for happened in log:
        if happened.body.kind not in KINDS:
            continue
        at = at_time(happened)
        if isinstance(happened.body, End):
            yield Ended(at)
            continue
        state.apply(happened)
        now_there = {room.id for room in state.rooms.values() if room.admitted and room.connection}
        for room in sorted(now_there - there):
            yield Joined(int(room), at)
        for room in sorted(there - now_there):
            yield Left(int(room), at, _why(happened))
        if isinstance(happened.body, HeadCount):
            yield attendance.HeadCount(int(happened.body.room), at, happened.body.heads)
        there = now_there


def desk_moves(log: Iterable[Event]) -> Iterator[attendance.Event]:
    """Coming to a desk and going, and the end. Who comes by another window has not come anew."""
    there: set[str] = set()
    for happened in log:
        match happened.body:
            case Arrive(trainee=trainee) if trainee not in there:
                there.add(trainee)
                yield Joined(int(trainee), at_time(happened))
            case Depart(trainee=trainee, dropped=dropped):
                there.discard(trainee)
                why = Why.DROPPED if dropped else Why.LEFT
                yield Left(int(trainee), at_time(happened), why)
            case End():
                yield Ended(at_time(happened))


def at_time(happened: Event) -> datetime:
    return _EPOCH + timedelta(milliseconds=happened.at)


def _why(happened: Event) -> Why:
    if isinstance(happened.body, Remove):
        return Why.REMOVED
    dropped = isinstance(happened.body, Leave) and happened.body.dropped
    return Why.DROPPED if dropped else Why.LEFT


def outcome_of(
    live: LiveClass, rooms: Iterable[Attendee], desks: Iterable[Attendee], now: datetime
) -> Outcome | None:
    """What became of a class, by who was there."""
    return outcome(_held(live, rooms, desks), now)


def _held(live: LiveClass, rooms: Iterable[Attendee], desks: Iterable[Attendee]) -> Held:
    came = _present(rooms)
    return Held(
        state=State(live.state),
        ends_at=live.ends_at,
        ended_at=live.ended_at,
        places=[
            Place(own=seat.room.school_id == live.school_id, came=seat.room_id in came)
            for seat in live.seats
        ],
        desks_present=len(_present(desks)),
    )


def _present(found: Iterable[Attendee]) -> set[int]:
    return {each.who for each in found if each.intervals}


def outcomes(session: Session, classes: Iterable[LiveClass], now: datetime) -> dict[int, Outcome]:
    """What became of those that were given and are over; one question for all of their logs. For
    that no heads are counted, and that its partner was there is seen in the first of the log: only
    where it is not, a long one is read whole."""
    given = {live.id: live for live in classes if live.state == State.ENDED}
    if not given:
        return {}
    logs = numbered_logs(session, given, MOVES | DESKS, most=ENOUGH)
    found = _attended(given, logs, cut_at=ENOUGH)
    unseen = {
        number: given[number]
        for number, log in logs.items()
        if len(log) == ENOUGH and not _held(given[number], *found[number]).partner_came
    }
    if unseen:
        found |= _attended(unseen, numbered_logs(session, unseen, MOVES | DESKS))
    told = {number: outcome_of(live, *found[number], now) for number, live in given.items()}
    return {number: became for number, became in told.items() if became is not None}


def _attended(
    classes: Mapping[int, LiveClass],
    logs: Mapping[int, Sequence[Numbered]],
    cut_at: int | None = None,
) -> dict[int, tuple[list[Attendee], list[Attendee]]]:
    """The rooms and the desks of classes that are over; by a log that was cut off, until its last
    event."""

    def read() -> dict[int, tuple[list[Attendee], list[Attendee]]]:
        found = {}
        for number, live in classes.items():
            log = events_of(logs[number])
            until = at_time(log[-1]) if len(log) == cut_at else live.ended_at
            until = until or live.ends_at
            desks = within(live, desk_moves(log), until)
            found[number] = within(live, moves(log), until), desks
        return found

    return beside(sum(map(len, logs.values())), read)


def room_names(session: Session, numbers: Iterable[int]) -> dict[int, tuple[str, str]]:
    """The school and the name of rooms, by their numbers and in their order: of those that were
    booked, and of those that knocked and were let in."""
    found = select(Room).where(Room.id.in_(list(numbers))).options(joinedload(Room.school))
    rooms = sorted(session.scalars(found), key=in_order)
    return {room.id: (room.school.name, room.name) for room in rooms}


def seat_names(session: Session, seats: Iterable[str]) -> dict[str, str]:
    """The same by seats, as a log has them, each in one: some sit in no room."""
    named = room_names(session, [int(seat) for seat in seats if seat.isdecimal()])
    return {str(number): f"{school} {room}" for number, (school, room) in named.items()}
