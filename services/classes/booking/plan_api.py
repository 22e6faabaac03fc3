"""The plan over JSON: what stands in the way of a class, and a class in every week."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.classes.booking import clash_words, holiday_words
from services.classes.booking.api import wanted_of
from services.classes.booking.schemas import Classes, ClassIn, class_out
from services.http.api import Api, Body
from services.http.call import Call
from services.http.language import say
from services.http.paging import Number
from tongke import clock
from tongke.classes.agenda import holidays
from tongke.classes.plan import booking, changes, occupancy, planned
from tongke.classes.plan.changes import Scope
from tongke.classes.plan.planned import Repeat, When
from tongke.classes.queries import visible_class
from tongke.classes.school import bookable
from tongke.classes.times import school_times
from tongke.classes.times.time_of_day import by_the_minute
from tongke.classes.times.timetable import Occurrence, Slot
from tongke.errors import Invalid, NotFound
from tongke.people.audience import Viewer
from tongke.people.models import Room

api = Api("plan")


class WhenIn(Body):
    """A day and a period of the school's bell times, or its times on the clock of Hunan; once, or
    in these weeks of the school's term from that day on."""

    day: date
    period: Annotated[int, Field(ge=0, le=99)] | None = None
    begins: time | None = None
    ends: time | None = None
    repeat: Repeat = Repeat.ONCE

    def meant(self) -> When:
        begins, ends = (t and by_the_minute(t) for t in (self.begins, self.ends))
        return When(self.day, self.period, begins, ends, self.repeat)


class OccupationIn(Body):
    """What a class would occupy. `but` is the class that is being changed; of the `scope` of the
    change are those that follow it as well, moved by as many school days."""

    when: WhenIn
    school_id: Number | None = None
    room_ids: list[Number] = Field(default_factory=list, max_length=60)
    teacher_ids: list[Number] = Field(default_factory=list, max_length=60)
    but: Number | None = None
    scope: Scope = Scope.ONE


class ClashesOut(BaseModel):
    """A line for each clash, as a person reads it; `times` is how often the class would be held,
    `days` from when to when. `holidays` are no clash: a line for each school that is closed on a
    day of them."""

    times: int
    days: str
    lines: list[str]
    holidays: list[str]


class SeriesIn(Body):
    """A class in every week: `booking` as for one class, whose own times are not looked at."""

    when: WhenIn
    booking: ClassIn


@api.post("/classes/clashes", "What stands in the way of a class, before it is booked")
async def clashes(call: Call, body: OccupationIn) -> ClashesOut:
    """Of rooms that may be booked and of their schools' people; of others nothing is told."""

    def read(session: Session) -> ClashesOut:
        school_id = booking.school_of(call.viewer, body.school_id)
        times = _times(session, school_id, body.when)
        slots = _slots(session, call.viewer, body, times)
        try:
            wanted, taken = _with_changed(session, call.viewer, body, slots)
        except Invalid as error:
            # One that follows would be on a day without its lessons.
            lines = [say(text, call.language) for text in error.fields.values()]
            return _out(session, call, school_id, slots, lines)
        found = occupancy.clashes(session, taken, school_id)
        lines = clash_words.lines(session, call.viewer, found, call.language)
        return _out(session, call, school_id, wanted, lines)

    return await call.read(read)


def _out(
    session: Session, call: Call, school_id: int, wanted: list[Slot], lines: list[str]
) -> ClashesOut:
    rooms = select(Room.id, Room.school_id)
    rooms = rooms.where(Room.id.in_({room for slot in wanted for room in slot.rooms}))
    school_of = dict(session.execute(rooms).all())
    held = [
        (slot.begins_at, {school_id, *(school_of[room] for room in slot.rooms)}) for slot in wanted
    ]
    closed = holidays.days_off(session, held)
    return ClashesOut(
        times=len(wanted),
        days=holiday_words.span([slot.begins_at for slot in wanted], call.language),
        lines=lines,
        holidays=holiday_words.lines(closed, call.language),
    )


def _slots(
    session: Session, viewer: Viewer, body: OccupationIn, times: list[Occurrence]
) -> list[Slot]:
    schools = bookable.bookable_schools(session, viewer)
    rooms = {room.id for room in bookable.rooms_of(session, schools)} & set(body.room_ids)
    held = bookable.teachers_of(session, schools).values()
    teachers = {one.id for people in held for one in people} & set(body.teacher_ids)
    return [
        Slot(each.begins_at, each.ends_at, frozenset(rooms), frozenset(teachers)) for each in times
    ]


def _with_changed(
    session: Session, viewer: Viewer, body: OccupationIn, slots: list[Slot]
) -> tuple[list[Slot], list[Slot]]:
    """Of a class that is being changed, with those that follow it; and what of it is not theirs
    yet. Raises Invalid."""
    if body.but is None:
        return slots, slots
    try:
        live = visible_class(session, viewer, body.but)
    except NotFound:
        return slots, slots
    return changes.would_occupy(session, viewer, live, slots[0], body.scope)


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
