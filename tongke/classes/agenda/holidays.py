"""Classes on days without lessons. Some came to stand there when a holiday was entered after they
were booked; nothing moves them by itself: the other school has its own days. Of others it is told
before they are booked or answered for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from tongke.classes.models import LiveClass, Seat
from tongke.classes.queries import seen_by
from tongke.classes.times import school_times
from tongke.classes.times.timetable import Calendar
from tongke.classes.vocabulary import SeatState, State
from tongke.clock import CHINA
from tongke.people.audience import Viewer
from tongke.people.models import Room, School


@dataclass(frozen=True)
class DayOff:
    """A day on which a school has no lessons."""

    day: date
    school: str


def days_off(session: Session, held: Iterable[tuple[datetime, Collection[int]]]) -> list[DayOff]:
    """Of classes that begin at these moments for these schools: the holidays that they would fall
    on, each once and in order."""
    days = {(at.astimezone(CHINA).date(), school) for at, schools in held for school in schools}
    numbers = {school for _, school in days}
    calendars = {
        number: times.calendar
        for number in numbers
        if (times := school_times.of_school(session, number)) is not None
    }
    schools = select(School.id, School.name).where(School.id.in_(numbers))
    names = dict(session.execute(schools).all())
    return [
        DayOff(day, names[school])
        for day, school in sorted(days)
        if school in calendars and calendars[school].taught_as(day) is None
    ]


def on_days_off(
    session: Session, viewer: Viewer, school_id: int, calendar: Calendar, now: datetime
) -> list[LiveClass]:
    """Those still to come that a school gives or takes part in, the next first."""
    coming = Seat.state != SeatState.DECLINED
    its = or_(
        LiveClass.school_id == school_id,
        LiveClass.seats.any(coming & Seat.room.has(Room.school_id == school_id)),
    )
    found = (
        seen_by(viewer)
        .where(its, LiveClass.state == State.BOOKED, LiveClass.begins_at > now)
        .order_by(LiveClass.begins_at, LiveClass.id)
        .options(
            joinedload(LiveClass.teacher),
            joinedload(LiveClass.school),
        )
    )
    return [
        live
        for live in session.scalars(found)
        if calendar.taught_as(live.begins_at.astimezone(CHINA).date()) is None
    ]
