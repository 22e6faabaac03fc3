"""Booking a class: its times, rooms and teachers, what stands in the way, and who will see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, selectinload

from tongke import clock
from tongke.errors import Conflict, Forbidden, Invalid, NotFound, Text
from tongke.live import timetable
from tongke.live.classes import ClassOver, NotYourClass, State, visible_class
from tongke.live.models import ClassToken, LiveClass, Seat
from tongke.live.timetable import Clash, Slot
from tongke.people import audience, queries
from tongke.people.audience import SCHOOL_PEOPLE, Viewer
from tongke.people.models import Room

LONGEST: Final = timedelta(hours=4)


class SeatState(StrEnum):
    ASKED = "asked"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


class Clashes(Conflict):
    """Rooms or teachers are taken. `clashes` says by what."""

    code = "class-clashes"
    message = Text("这个时间教室或教师已有别的课", "A room or a teacher has another class then")
    remedy = Text("请换一个时间，或换一间教室", "Choose another time, or another room")

    def __init__(self, found: Sequence[Clash]) -> None:
        super().__init__()
        self.found = found


@dataclass(frozen=True)
class Wanted:
    """A class as somebody asks for it. `seats` are rooms with the teacher beside the pupils."""

    title: str
    mode: str
    purpose: str
    begins_at: datetime
    ends_at: datetime
    teacher_id: int
    school_id: int
    room_id: int | None = None
    seats: tuple[tuple[int, int | None], ...] = ()
    subject: str = ""
    grade: str = ""
    # Who besides may watch it and its recording: tokens that the booker holds.
    audience: frozenset[str] = frozenset()


def book(
    session: Session, viewer: Viewer, wanted: Wanted, *, series: str | None = None
) -> LiveClass:
    """Book a class; its partners are asked.

    Raises:
        Forbidden: the booker is not of that school.
        Invalid: it ends before it begins, lasts too long, or names a room or a teacher that it
            may not.
        Clashes: a room or a teacher has another class then.
    """
    if wanted.school_id not in viewer.school_ids:
        raise Forbidden
    _check_times(wanted)
    rooms = _rooms(session, viewer, wanted)
    _check_teachers(session, wanted, rooms)
    made = LiveClass(
        title=wanted.title,
        subject=wanted.subject,
        grade=wanted.grade,
        mode=wanted.mode,
        purpose=wanted.purpose,
        state=State.BOOKED,
        begins_at=wanted.begins_at,
        ends_at=wanted.ends_at,
        teacher_id=wanted.teacher_id,
        school_id=wanted.school_id,
        room_id=wanted.room_id,
        series=series,
        booked_by_id=viewer.account_id,
        created_at=clock.now(),
    )
    made.seats = [
        Seat(
            room_id=room,
            teacher_id=teacher,
            # One's own school needs not be asked.
            state=_asked(rooms[room], wanted.school_id),
        )
        for room, teacher in wanted.seats
    ]
    found = clashes(session, [slot(made)])
    if found:
        raise Clashes(found)
    session.add(made)
    session.flush()
    _carry(session, made, wanted.audience & viewer.tokens)
    return made


def _asked(room: Room, school_id: int) -> SeatState:
    return SeatState.CONFIRMED if room.school_id == school_id else SeatState.ASKED


def _check_times(wanted: Wanted) -> None:
    lasts = wanted.ends_at - wanted.begins_at
    if not timedelta(0) < lasts <= LONGEST:
        raise Invalid(
            {
                "ends_at": Text(
                    "下课要在上课之后，最长四小时", "It ends after it begins, and within four hours"
                )
            }
        )


def _rooms(session: Session, viewer: Viewer, wanted: Wanted) -> dict[int, Room]:
    """The rooms of a booking: of the school itself, and of those it is paired with today."""
    asked = [room for room, _ in wanted.seats]
    asked += [] if wanted.room_id is None else [wanted.room_id]
    if len(set(asked)) != len(asked):
        raise Invalid({"seats": Text("同一间教室写了两次", "The same room stands there twice")})
    found = {room.id: room for room in partner_rooms(session, viewer)}
    if not set(asked) <= found.keys():
        raise Invalid(
            {
                "seats": Text(
                    "只能约本校和结对学校的教室", "Book rooms of your school and its partners"
                )
            }
        )
    if wanted.room_id is not None and found[wanted.room_id].school_id != wanted.school_id:
        raise Invalid(
            {"room_id": Text("主讲教室要是本校的", "The lead classroom has to be the school's own")}
        )
    return found


def _check_teachers(session: Session, wanted: Wanted, rooms: Mapping[int, Room]) -> None:
    """A teacher is of the school whose pupils are before her."""
    pairs = [("teacher_id", wanted.teacher_id, wanted.school_id)]
    pairs += [
        ("seats", teacher, rooms[room].school_id) for room, teacher in wanted.seats if teacher
    ]
    for field, teacher, school in pairs:
        roles = queries.held_roles(session, teacher)
        if not any(role.name in SCHOOL_PEOPLE and role.school_id == school for role in roles):
            raise Invalid(
                {field: Text("这位老师不在这所学校", "This teacher is not of that school")}
            )


def _carry(session: Session, live: LiveClass, more: Iterable[str]) -> None:
    """Write down who sees a class: its teachers, its rooms, the heads of the schools that take part
    and the officers above them; and whom the booker invited."""
    schools = {live.school_id, *(seat.room.school_id for seat in live.seats)}
    people = {live.teacher_id, live.booked_by_id, *(seat.teacher_id for seat in live.seats)}
    rooms = {live.room_id, *(seat.room_id for seat in live.seats)}
    tokens = set(more)
    tokens |= {audience.user(person) for person in people if person is not None}
    tokens |= {audience.room(room) for room in rooms if room is not None}
    tokens |= {audience.admin(school) for school in schools}
    places = {seat.room.school.region_code for seat in live.seats} | {live.school.region_code}
    tokens |= {audience.patrol(place) for place in places}
    session.execute(delete(ClassToken).where(ClassToken.class_id == live.id))
    session.add_all(ClassToken(class_id=live.id, token=token) for token in tokens)


def answer(
    session: Session, viewer: Viewer, class_id: int, room_id: int, state: SeatState
) -> LiveClass:
    """A partner says whether its room takes part: its people, or its administrator.

    Raises:
        NotFound, Forbidden, ClassOver.
    """
    live = visible_class(session, viewer, class_id)
    seat = next((seat for seat in live.seats if seat.room_id == room_id), None)
    if seat is None:
        raise NotFound
    if seat.room.school_id not in viewer.school_ids:
        raise Forbidden
    if live.state not in (State.BOOKED, State.RUNNING):
        raise ClassOver
    seat.state = state
    return live


def cancel(session: Session, viewer: Viewer, class_id: int, because: str) -> LiveClass:
    """Call a class off. What has begun is ended instead.

    Raises:
        NotFound, NotYourClass, ClassOver.
    """
    live = visible_class(session, viewer, class_id)
    if viewer.account_id not in {live.teacher_id, live.booked_by_id}:
        raise NotYourClass
    if live.state != State.BOOKED:
        raise ClassOver
    live.state, live.cancelled_because = State.CANCELLED, because
    return live


def slot(live: LiveClass) -> Slot:
    """A class as the timetable sees it."""
    rooms = {live.room_id, *(seat.room_id for seat in live.seats)}
    teachers = {live.teacher_id, *(seat.teacher_id for seat in live.seats)}
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
    held = session.scalars(
        select(LiveClass)
        .where(
            LiveClass.begins_at < ends,
            LiveClass.ends_at > begins,
            LiveClass.state.in_((State.BOOKED, State.RUNNING)),
        )
        .options(selectinload(LiveClass.seats))
    )
    return timetable.clashes(wanted, map(slot, held))


def rooms_of(session: Session, school_ids: Iterable[int]) -> list[Room]:
    """The classrooms of schools, by school and name."""
    found = (
        select(Room).where(Room.school_id.in_(list(school_ids))).order_by(Room.school_id, Room.name)
    )
    return list(session.scalars(found))


def partner_rooms(session: Session, viewer: Viewer) -> list[Room]:
    """The classrooms one may book: of one's schools, and of those they are paired with today."""
    today = clock.today()
    pairs = queries.pairings_of(session, viewer.school_ids)
    schools = set(viewer.school_ids)
    schools |= {each for pair in pairs if pair.holds_on(today) for each in pair.school_ids}
    return rooms_of(session, schools)
