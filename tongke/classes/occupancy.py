"""Which rooms and teachers there are to book, and what they are booked for already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tongke import clock
from tongke.classes import timetable
from tongke.classes.models import LiveClass, Seat
from tongke.classes.timetable import Clash, Slot
from tongke.classes.vocabulary import SeatState, State
from tongke.errors import Conflict, Text
from tongke.people import queries
from tongke.people.audience import SCHOOL_PEOPLE, Viewer
from tongke.people.models import Account, Role, Room


class Clashes(Conflict):
    """Rooms or teachers are taken. `found` says by what."""

    code = "class-clashes"
    message = Text("这个时间教室或教师已有别的课", "A room or a teacher has another class then")
    remedy = Text("请换一个时间，或换一间教室", "Choose another time, or another room")

    def __init__(self, found: Sequence[Clash]) -> None:
        super().__init__()
        self.found = found


def slot(live: LiveClass) -> Slot:
    """A class as the timetable sees it. A room that declined is free."""
    seats = [seat for seat in live.seats if seat.state != SeatState.DECLINED]
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


def rooms_of(session: Session, school_ids: Iterable[int]) -> list[Room]:
    """The classrooms of schools, by school and name."""
    found = (
        select(Room)
        .where(Room.school_id.in_(list(school_ids)))
        .order_by(Room.school_id, Room.name)
        .options(joinedload(Room.school))
    )
    return list(session.scalars(found))


def bookable_schools(session: Session, viewer: Viewer) -> set[int]:
    """One's own schools, and those they are paired with today."""
    today = clock.today()
    pairs = queries.pairings_of(session, viewer.school_ids)
    paired = {each for pair in pairs if pair.holds_on(today) for each in pair.school_ids}
    return set(viewer.school_ids) | paired


def partner_rooms(session: Session, viewer: Viewer) -> list[Room]:
    """The classrooms one may book: of one's schools, and of those they are paired with today."""
    return rooms_of(session, bookable_schools(session, viewer))


def teachers_of(session: Session, school_ids: Iterable[int]) -> dict[int, list[Account]]:
    """The people of schools, by school, in the order of their names: who may stand before a class
    or sit beside the pupils."""
    rows = session.execute(
        select(Role.school_id, Account)
        .join(Role.account)
        .where(
            Role.school_id.in_(list(school_ids)),
            Role.name.in_(SCHOOL_PEOPLE),
            Account.disabled_at.is_(None),
        )
        .order_by(Account.name, Account.id)
    )
    found: dict[int, list[Account]] = {}
    for school_id, account in rows:
        assert school_id is not None
        held = found.setdefault(school_id, [])
        # Of one who is both a teacher and the administrator, once.
        if account not in held:
            held.append(account)
    return found
