"""The plan over JSON: what stands in the way, a class in every week, saved groups of rooms, a
school's times, and what one is told."""

from __future__ import annotations

import contextlib
from datetime import date, datetime, time
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy.orm import Session

from services.http.api import Api
from services.http.call import Call
from services.http.paging import Number, Page, PageQuery, cut
from services.live import clash_words
from services.live.api import wanted_of
from services.live.schemas import Classes, ClassIn, class_out
from tongke import clock
from tongke.classes import booking, groups, notices, occupancy, planned, school_times
from tongke.classes.changes import following
from tongke.classes.groups import groups_of
from tongke.classes.notices import NoticeKind
from tongke.classes.plan_models import Notice, RoomGroup
from tongke.classes.planned import Repeat, When
from tongke.classes.queries import visible_class
from tongke.classes.school_times import MOST_PERIODS, Times
from tongke.classes.timetable import (
    TERM_DAYS_MAX,
    BellTimes,
    Calendar,
    Occurrence,
    Period,
    Slot,
    Term,
)
from tongke.errors import NotFound
from tongke.people.audience import Viewer

api = Api("plan")


class WhenIn(BaseModel):
    """A day and a period of the school's bell times, or its times on the clock of Hunan; once, or
    in these weeks of the school's term from that day on."""

    day: date
    period: Annotated[int, Field(ge=0, le=99)] | None = None
    begins: time | None = None
    ends: time | None = None
    repeat: Repeat = Repeat.ONCE

    def meant(self) -> When:
        begins, ends = (t and _by_minutes(t) for t in (self.begins, self.ends))
        return When(self.day, self.period, begins, ends, self.repeat)


class OccupationIn(BaseModel):
    """What a class would occupy. `but` is the class that is being moved."""

    when: WhenIn
    school_id: Number | None = None
    room_ids: Annotated[list[Number], Field(max_length=60)] = []
    teacher_ids: Annotated[list[Number], Field(max_length=60)] = []
    but: Number | None = None


class ClashesOut(BaseModel):
    """A line for each clash, as a person reads it; `times` is how often the class would be held."""

    times: int
    lines: list[str]


class SeriesIn(BaseModel):
    """A class in every week: `booking` as for one class, whose own times are not looked at."""

    when: WhenIn
    booking: ClassIn


class GroupIn(BaseModel):
    name: Annotated[str, StringConstraints(max_length=200)]
    room_ids: Annotated[list[Number], Field(max_length=60)]


class GroupOut(BaseModel):
    id: int
    name: str
    room_ids: list[int]


class Groups(BaseModel):
    items: list[GroupOut]


@api.post("/classes/clashes", "What stands in the way of a class, before it is booked")
async def clashes(call: Call, body: OccupationIn) -> ClashesOut:
    """Of rooms that may be booked and of their schools' people; of others nothing is told."""

    def read(session: Session) -> ClashesOut:
        school_id = booking.school_of(call.viewer, body.school_id)
        times = _times(session, school_id, body.when)
        wanted = _slots(session, call.viewer, body, times)
        found = occupancy.clashes(session, wanted)
        lines = clash_words.lines(session, call.viewer, found, call.language)
        return ClashesOut(times=len(times), lines=lines)

    return await call.read(read)


def _slots(
    session: Session, viewer: Viewer, body: OccupationIn, times: list[Occurrence]
) -> list[Slot]:
    schools = occupancy.bookable_schools(session, viewer)
    rooms = {room.id for room in occupancy.rooms_of(session, schools)} & set(body.room_ids)
    held = occupancy.teachers_of(session, schools).values()
    teachers = {one.id for people in held for one in people} & set(body.teacher_ids)
    slots = [
        Slot(each.begins_at, each.ends_at, frozenset(rooms), frozenset(teachers)) for each in times
    ]
    return slots + ([] if body.but is None else _in_no_way(session, viewer, body.but, slots[0]))


def _in_no_way(session: Session, viewer: Viewer, class_id: int, like: Slot) -> list[Slot]:
    """A class that is moved, and those that follow it, do not stand in their own way: they are
    among what is wanted, and want nothing."""
    nobody = frozenset[int]()
    with contextlib.suppress(NotFound):
        live = visible_class(session, viewer, class_id)
        return [
            Slot(like.begins_at, like.ends_at, nobody, nobody, each.id)
            for each in following(session, live)
        ]
    return []


@api.post("/classes/series", "Book a class in every week of the term, or in none", status=201)
async def book_series(call: Call, body: SeriesIn) -> Classes:
    def write(session: Session) -> Classes:
        wanted = wanted_of(call.viewer, body.booking)
        times = _times(session, wanted.school_id, body.when)
        made = booking.book_series(session, call.viewer, wanted, times)
        return Classes(items=[class_out(live, call.viewer.account_id) for live in made])

    return await call.write(write)


def _times(session: Session, school_id: int, when: WhenIn) -> list[Occurrence]:
    school = school_times.of_school(session, school_id)
    return planned.occurrences(when.meant(), school, clock.now())


@api.get("/room-groups", "The groups of rooms that my school has saved")
async def room_groups(call: Call) -> Groups:
    def read(session: Session) -> Groups:
        found = groups_of(session, call.viewer.school_ids)
        return Groups(items=[_out(group) for group in found])

    return await call.read(read)


@api.post("/room-groups", "Save rooms as a group; one of that name is replaced", status=201)
async def save_group(call: Call, body: GroupIn) -> GroupOut:
    def write(session: Session) -> GroupOut:
        school_id = booking.school_of(call.viewer)
        return _out(groups.save(session, call.viewer, school_id, body.name, body.room_ids))

    return await call.write(write)


@api.delete("/room-groups/{id}", "Forget a group of rooms")
async def remove_group(call: Call, id: int) -> None:
    await call.write(groups.remove, call.viewer, id)


def _out(group: RoomGroup) -> GroupOut:
    return GroupOut(id=group.id, name=group.name, room_ids=group.room_ids)


class PeriodIn(BaseModel):
    number: Annotated[int, Field(ge=1, le=MOST_PERIODS)]
    begins: time
    ends: time


TermDay = Annotated[date, Field(ge=planned.FIRST_DAY, le=planned.LAST_DAY)]


class TimesIn(BaseModel):
    """A school's bell times and term. `make_up` maps a day to the one that it is taught as."""

    periods: Annotated[list[PeriodIn], Field(min_length=1, max_length=MOST_PERIODS)]
    first_day: TermDay
    last_day: TermDay
    holidays: Annotated[list[date], Field(max_length=TERM_DAYS_MAX)] = []
    make_up: Annotated[dict[date, date], Field(max_length=TERM_DAYS_MAX)] = {}

    def meant(self) -> Times:
        periods = tuple(
            Period(each.number, _by_minutes(each.begins), _by_minutes(each.ends))
            for each in self.periods
        )
        calendar = Calendar(frozenset(self.holidays), self.make_up)
        return Times(BellTimes(periods), Term(self.first_day, self.last_day), calendar)


def _by_minutes(moment: time) -> time:
    """A bell rings on the minute, by the clock of Hunan."""
    return moment.replace(second=0, microsecond=0, tzinfo=None)


@api.get("/schools/{id}/times", "A school's bell times and term")
async def times_of_school(call: Call, id: int) -> TimesIn:
    """For its own people: what others need of it stands in the classes."""
    if id not in call.viewer.school_ids:
        raise NotFound
    found = await call.read(school_times.of_school, id)
    if found is None:
        raise NotFound
    periods = [PeriodIn(number=p.number, begins=p.begins, ends=p.ends) for p in found.bells.periods]
    return TimesIn(
        periods=periods,
        first_day=found.term.first_day,
        last_day=found.term.last_day,
        holidays=sorted(found.calendar.holidays),
        make_up=dict(found.calendar.make_up),
    )


@api.put("/schools/{id}/times", "Set a school's bell times and term")
async def set_times(call: Call, id: int, body: TimesIn) -> TimesIn:
    await call.write(school_times.set_times, call.viewer, id, body.meant())
    return body


class NoticeOut(BaseModel):
    """What one was told of a class. The class may be one that is not for them any more."""

    id: int
    kind: NoticeKind
    class_id: int
    created_at: datetime
    read_at: datetime | None


@api.get("/notices", "What I was told of classes, the newest first")
async def list_notices(call: Call, query: PageQuery) -> Page[NoticeOut]:
    def read(session: Session) -> Page[NoticeOut]:
        me, before = call.viewer.account_id, query.after_id
        rows = notices.listed(session, me, limit=query.limit + 1, before_id=before)
        page, following = cut(rows, query.limit, lambda row: row.id)
        return Page(items=[_told(row) for row in page], next=following)

    return await call.read(read)


def _told(row: Notice) -> NoticeOut:
    return NoticeOut(
        id=row.id,
        kind=NoticeKind(row.kind),
        class_id=row.class_id,
        created_at=row.created_at,
        read_at=row.read_at,
    )
