"""The classes of a school that stand on days without lessons: a holiday was entered, or came to be
known, after they were booked. Nothing moves them by itself: the other school has its own days."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_
from sqlalchemy.orm import Session, joinedload

from tongke.classes.models import LiveClass, Seat
from tongke.classes.queries import seen_by
from tongke.classes.times.timetable import Calendar
from tongke.classes.vocabulary import SeatState, State
from tongke.clock import CHINA
from tongke.people.audience import Viewer
from tongke.people.models import Room


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
