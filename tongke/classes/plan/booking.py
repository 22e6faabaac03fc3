"""Booking a class: its rooms, teachers and materials, once or in every week of a term."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from tongke import clock
from tongke.classes import invited
from tongke.classes.agenda import notices
from tongke.classes.agenda.notices import NoticeKind
from tongke.classes.models import LiveClass, Seat
from tongke.classes.plan import materials, occupancy, planned, tokens, trainings
from tongke.classes.school import bookable, recording_rule
from tongke.classes.school.recording_rule import RecordingRule
from tongke.classes.times.timetable import Occurrence
from tongke.classes.vocabulary import Purpose, SeatState, State
from tongke.errors import Forbidden, Invalid, Text
from tongke.people import queries
from tongke.people.audience import SCHOOL_PEOPLE, Viewer
from tongke.people.models import Room

# The least that a trial of the devices needs; shorter ones, booked by the hundred, would each take
# the memory of a lesson.
SHORTEST: Final = timedelta(minutes=5)
LONGEST: Final = timedelta(hours=4)
# Who books what begins now needs a moment to say so.
JUST_BEGUN: Final = timedelta(minutes=5)
# Two school years; further off is a mistyped year.
FURTHEST: Final = timedelta(days=800)

TWICE = Text("同一间教室写了两次", "The same room stands there twice")
NOT_PAIRED = Text("只能约本校和结对学校的教室", "Book rooms of your school and its partners")
NOT_OURS = Text("主讲教室要是本校的", "The lead classroom has to be the school's own")
OTHER_SCHOOL = Text("这位老师不在这所学校", "This teacher is not of that school")
BAD_LENGTH = Text(
    "一节课最短五分钟，最长四小时", "A class takes five minutes at least, and four hours at most"
)
TOO_FAR = Text("最多约到两年以后", "Two years ahead at most")


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
    # Who besides may watch it and its recording: tokens that the booker holds. None: as the school
    # has it for its lessons; a training is for those whom somebody names.
    audience: frozenset[str] | None = None
    # Documents and slides, in the order in which they are needed.
    materials: tuple[int, ...] = ()
    # None: the school's own rule.
    recording: RecordingRule | None = None


def school_of(viewer: Viewer, asked: int | None = None) -> int:
    """The school for which somebody books: the one asked for, or their own. Raises Forbidden: not
    theirs."""
    school_id = viewer.home_school_id if asked is None else asked
    if school_id is None or school_id not in viewer.school_ids:
        raise Forbidden
    return school_id


def book(
    session: Session, viewer: Viewer, wanted: Wanted, *, series: str | None = None
) -> LiveClass:
    """Book a class; its partners are asked.

    Raises:
        Forbidden: the booker is not of that school.
        Invalid: it is past, ends before it begins, is too short or too long, names a room, a
            teacher or a material that it may not; or is a training for nobody, or one too many
            of its booker's today.
        Clashes: a room or a teacher has another class then.
    """
    (made,) = _book(session, viewer, wanted, [(wanted.begins_at, wanted.ends_at)], series)
    return made


def book_series(
    session: Session, viewer: Viewer, wanted: Wanted, times: Sequence[Occurrence]
) -> list[LiveClass]:
    """Book the same class at each of these times (one at least), or at none of them. Raises as
    `book`."""
    each = [(time.begins_at, time.ends_at) for time in times]
    return _book(session, viewer, wanted, each, secrets.token_hex(16))


def _book(
    session: Session,
    viewer: Viewer,
    wanted: Wanted,
    times: Iterable[tuple[datetime, datetime]],
    series: str | None,
) -> list[LiveClass]:
    audience = _audience(session, viewer, wanted)
    invited.must_be_invitable(session, viewer, wanted.school_id, audience)
    rooms = check(session, viewer, wanted, audience)
    if wanted.purpose == Purpose.TRAINING:
        trainings.must_be_few(session, viewer)
    made = [_new(viewer, wanted, rooms, begins, ends, series) for begins, ends in times]
    for live in made:
        check_times(live.begins_at, live.ends_at)
        if live.begins_at < clock.now() - JUST_BEGUN:
            raise Invalid({"begins_at": planned.PAST})
    slots = [occupancy.slot(live) for live in made]
    occupancy.must_be_free(session, slots, wanted.school_id)
    rule = wanted.recording or recording_rule.of_school(session, wanted.school_id)
    for live in made:
        live.recording_rule = rule.stored()
        materials.put(live, wanted.materials)
    session.add_all(made)
    session.flush()
    for live in made:
        tokens.carry(session, live, audience)
    trainings.must_be_for_somebody(session, made[0])
    _ask(session, viewer, made)
    return made


def _audience(session: Session, viewer: Viewer, wanted: Wanted) -> frozenset[str]:
    """Whom a class is for besides. Raises Forbidden: the booker is not of that school."""
    school_id = school_of(viewer, wanted.school_id)
    if wanted.audience is not None:
        return wanted.audience
    if wanted.purpose == Purpose.TRAINING:
        return frozenset()
    return recording_rule.audience_of_school(session, viewer, school_id)


def check(
    session: Session,
    viewer: Viewer,
    wanted: Wanted,
    audience: Collection[str],
    before: Wanted | None = None,
) -> dict[int, Room]:
    """That a class may be held so, whatever its time; gives the rooms that may be booked.
    `audience` are the tokens of whom it is for besides; `before` is how it stands until now.

    Raises:
        Forbidden, Invalid.
    """
    if wanted.school_id not in viewer.school_ids:
        raise Forbidden
    rooms = _rooms(session, viewer, wanted)
    _check_teachers(session, wanted, rooms)
    schools = {wanted.school_id, *(rooms[room].school_id for room, _ in wanted.seats)}
    kept, shown_to = (before.materials, before.audience or ()) if before else ((), ())
    materials.check(session, viewer, wanted.materials, audience, schools, kept, shown_to)
    return rooms


def check_times(begins_at: datetime, ends_at: datetime) -> None:
    """Raises Invalid."""
    if begins_at > clock.now() + FURTHEST:
        raise Invalid({"begins_at": TOO_FAR})
    if not SHORTEST <= ends_at - begins_at <= LONGEST:
        raise Invalid({"ends_at": BAD_LENGTH})


def _new(
    viewer: Viewer,
    wanted: Wanted,
    rooms: Mapping[int, Room],
    begins_at: datetime,
    ends_at: datetime,
    series: str | None,
) -> LiveClass:
    live = LiveClass(
        title=wanted.title,
        subject=wanted.subject,
        grade=wanted.grade,
        mode=wanted.mode,
        purpose=wanted.purpose,
        state=State.BOOKED,
        begins_at=begins_at,
        ends_at=ends_at,
        teacher_id=wanted.teacher_id,
        school_id=wanted.school_id,
        room_id=wanted.room_id,
        series=series,
        booked_by_id=viewer.account_id,
        created_at=clock.now(),
    )
    live.seats = [
        Seat(room_id=room, teacher_id=teacher, state=asked(rooms[room], wanted.school_id))
        for room, teacher in wanted.seats
    ]
    return live


def asked(room: Room, school_id: int) -> SeatState:
    """How a room's place begins: one's own school needs not be asked."""
    return SeatState.CONFIRMED if room.school_id == school_id else SeatState.ASKED


def _rooms(session: Session, viewer: Viewer, wanted: Wanted) -> dict[int, Room]:
    """The rooms of a booking: of the school itself, and of those it is paired with today."""
    named = [room for room, _ in wanted.seats]
    named += [] if wanted.room_id is None else [wanted.room_id]
    if len(set(named)) != len(named):
        raise Invalid({"seats": TWICE})
    found = {room.id: room for room in bookable.partner_rooms(session, viewer)}
    if not set(named) <= found.keys():
        raise Invalid({"seats": NOT_PAIRED})
    if wanted.room_id is not None and found[wanted.room_id].school_id != wanted.school_id:
        raise Invalid({"room_id": NOT_OURS})
    return found


def _check_teachers(session: Session, wanted: Wanted, rooms: Mapping[int, Room]) -> None:
    """A teacher is of the school whose pupils are before her."""
    pairs = [("teacher_id", wanted.teacher_id, wanted.school_id)]
    pairs += [
        ("seats", teacher, rooms[room].school_id) for room, teacher in wanted.seats if teacher
    ]
    for field, teacher, school in pairs:
        if not is_of_school(session, teacher, school):
            raise Invalid({field: OTHER_SCHOOL})


def is_of_school(session: Session, account_id: int, school_id: int) -> bool:
    """Whether somebody is one of the people of a school."""
    roles = queries.held_roles(session, account_id)
    return any(role.name in SCHOOL_PEOPLE and role.school_id == school_id for role in roles)


def _ask(session: Session, viewer: Viewer, made: Sequence[LiveClass]) -> None:
    """Ask the partners and whom a training is for, and tell the teacher whom somebody else booked
    for: of a series by its first."""
    live = made[0]
    waiting = [seat for seat in live.seats if seat.state == SeatState.ASKED]
    asked = answer_for(session, waiting)
    notices.tell(session, live, NoticeKind.ASKED, asked, but=viewer.account_id)
    teacher = [(each, {each.teacher_id}) for each in made]
    notices.tell_once(session, teacher, NoticeKind.BOOKED, but=viewer.account_id)
    ask_teachers(session, live, viewer, but=asked)


def answer_for(session: Session, seats: Sequence[Seat]) -> set[int]:
    """Who says whether these places are taken: the teachers beside the pupils, and their heads."""
    people = {seat.teacher_id for seat in seats if seat.teacher_id is not None}
    return people | notices.administrators(session, {seat.room.school_id for seat in seats})


def ask_teachers(
    session: Session, live: LiveClass, viewer: Viewer, *, but: Collection[int]
) -> set[int]:
    """Ask the teachers whom a training was opened to, those left out who have heard of it or have
    a place in it; gives who was asked."""
    placed = {live.teacher_id, *(seat.teacher_id for seat in live.seats)}
    people = invited.people(session, live) - placed - set(but)
    notices.tell(session, live, NoticeKind.INVITED, people, but=viewer.account_id)
    return people
