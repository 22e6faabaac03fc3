"""What rooms and teachers are booked for already."""

from __future__ import annotations

from collections.abc import Sequence

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
    remedy = Text("请换一个时间，或换一间教室", "Choose another time, or another room")

    def __init__(self, found: Sequence[Clash]) -> None:
        super().__init__()
        self.found = found


def slot(live: LiveClass, *, asked_anew: bool = False) -> Slot:
    """A class as the timetable sees it. A room that declined is free, unless all are `asked_anew`,
    as of a class that is moved."""
    seats = [seat for seat in live.seats if asked_anew or seat.state != SeatState.DECLINED]
    rooms = {live.room_id, *(seat.room_id for seat in seats)}
    teachers = {live.teacher_id, *(seat.teacher_id for seat in seats)}
    return Slot(
        live.begins_at,
        live.ends_at,
        frozenset(room for room in rooms if room is not None),
        frozenset(teacher for teacher in teachers if teacher is not None),
        live.id,
    )


def clashes(session: Session, wanted: Sequence[Slot]) -> list[Clash]:
    """What stands in the way of these."""
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
        .options(selectinload(LiveClass.seats))
    )
    return timetable.clashes(wanted, map(slot, held))


def must_be_free(session: Session, wanted: Sequence[Slot]) -> None:
    """Raises Clashes."""
    found = clashes(session, wanted)
    if found:
        raise Clashes(found)
