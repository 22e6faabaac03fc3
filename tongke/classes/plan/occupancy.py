"""What rooms and teachers are booked for already.

A school that asks for another's room keeps third schools from it until it is answered, but not that
school itself: its own lessons do not wait for what others would like. Which of the two is held is
said by its answer, which is refused while its own lesson is there. So a class may ask for what is
given away meanwhile (`given_away`): that hinders no change of anything else in it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from tongke.classes.models import LiveClass, Seat
from tongke.classes.times import timetable
from tongke.classes.times.timetable import Clash, Slot
from tongke.classes.vocabulary import SeatState, State
from tongke.errors import Conflict, Text


class Clashes(Conflict):
    """Rooms or teachers are taken. `found` says by what."""

    code = "class-clashes"
    message = Text("这个时间教室或老师已有别的课", "A room or a teacher has another class then")
    remedy = Text(
        "请换一个时间，或者换一间教室、换一位老师",
        "Choose another time, another room or another teacher",
    )

    def __init__(self, found: Sequence[Clash]) -> None:
        super().__init__()
        self.found = found


def slot(live: LiveClass, *, asked_anew: bool = False) -> Slot:
    """A class as the timetable sees it. A room that declined is free, unless all are `asked_anew`,
    as of a class that is moved."""
    return _slot(
        live, [seat for seat in live.seats if asked_anew or seat.state != SeatState.DECLINED]
    )


def newly(wanted: Slot, before: Slot) -> Slot:
    """What a class will take that it does not take yet: of one that is moved, all."""
    if (wanted.begins_at, wanted.ends_at) != (before.begins_at, before.ends_at):
        return wanted
    rooms, teachers = wanted.rooms - before.rooms, wanted.teachers - before.teachers
    return replace(wanted, rooms=rooms, teachers=teachers)


def place(live: LiveClass, seats: Collection[Seat]) -> Slot:
    """What these places of a class take, with the teachers beside the pupils."""
    rooms = frozenset(seat.room_id for seat in seats)
    teachers = frozenset(seat.teacher_id for seat in seats if seat.teacher_id is not None)
    return Slot(live.begins_at, live.ends_at, rooms, teachers, live.id)


def given_away(session: Session, live: LiveClass) -> list[Clash]:
    """What a class has asked for and its own schools have given to other classes since: their yes
    would be refused."""
    asked = [seat for seat in live.seats if seat.state == SeatState.ASKED]
    found: list[Clash] = []
    for school_id in {seat.room.school_id for seat in asked}:
        its = [seat for seat in asked if seat.room.school_id == school_id]
        found += clashes(session, [place(live, its)], school_id)
    return found


def _held(live: LiveClass, school_id: int | None) -> Slot:
    """The same, as it is in the way of a class of this school."""
    seats = (seat for seat in live.seats if seat.state != SeatState.DECLINED)
    taken = [
        seat for seat in seats if seat.state != SeatState.ASKED or seat.room.school_id != school_id
    ]
    return _slot(live, taken)


def _slot(live: LiveClass, seats: Sequence[Seat]) -> Slot:
    rooms = {live.room_id, *(seat.room_id for seat in seats)}
    teachers = {live.teacher_id, *(seat.teacher_id for seat in seats)}
    return Slot(
        live.begins_at,
        live.ends_at,
        frozenset(room for room in rooms if room is not None),
        frozenset(teacher for teacher in teachers if teacher is not None),
        live.id,
    )


def clashes(session: Session, wanted: Sequence[Slot], school_id: int | None = None) -> list[Clash]:
    """What stands in the way of these; of a school that books for itself, or answers, all but what
    it was only asked for."""
    begins = min(each.begins_at for each in wanted)
    ends = max(each.ends_at for each in wanted)
    rooms = frozenset[int]().union(*(each.rooms for each in wanted))
    teachers = frozenset[int]().union(*(each.teachers for each in wanted))
    # Of a whole province's term only what shares a room or a teacher is fetched.
    seated = LiveClass.seats.any(or_(Seat.room_id.in_(rooms), Seat.teacher_id.in_(teachers)))
    held = session.scalars(
        select(LiveClass)
        .where(
            LiveClass.begins_at < ends,
            LiveClass.ends_at > begins,
            LiveClass.state.in_((State.BOOKED, State.RUNNING)),
            or_(LiveClass.room_id.in_(rooms), LiveClass.teacher_id.in_(teachers), seated),
        )
        .options(selectinload(LiveClass.seats).joinedload(Seat.room))
    )
    return timetable.clashes(wanted, [_held(live, school_id) for live in held])


def must_be_free(session: Session, wanted: Sequence[Slot], school_id: int | None = None) -> None:
    """As `clashes`. Raises Clashes."""
    found = clashes(session, wanted, school_id)
    if found:
        raise Clashes(found)
