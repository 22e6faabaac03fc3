"""What of the plan concerns somebody: their classes of a day, and those that await their answer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from tongke.classes.models import LiveClass, Seat
from tongke.classes.queries import concerns, seen_by
from tongke.classes.vocabulary import SeatState, State
from tongke.people.audience import Viewer
from tongke.people.models import Room


def held_between(
    session: Session, viewer: Viewer, begins: datetime, ends: datetime
) -> list[LiveClass]:
    """The classes of a stretch of time that somebody gives, sits in on or booked, and the trainings
    that are for them; those called off left out."""
    found = (
        seen_by(viewer)
        .where(
            concerns(viewer),
            LiveClass.begins_at < ends,
            LiveClass.ends_at > begins,
            LiveClass.state != State.CANCELLED,
        )
        .order_by(LiveClass.begins_at, LiveClass.id)
        .options(
            joinedload(LiveClass.teacher),
            joinedload(LiveClass.school),
            selectinload(LiveClass.seats).joinedload(Seat.room).joinedload(Room.school),
        )
    )
    return list(session.scalars(found))


def asked_of(live: LiveClass, viewer: Viewer) -> Literal["", "me", "school"]:
    """Whose answer a class waits for, where it is this viewer's: she is to be with the pupils of
    a room, or may answer for one of her school."""
    theirs = viewer.school_ids - {live.school_id}
    asked = [s for s in live.seats if s.state == SeatState.ASKED and s.room.school_id in theirs]
    if any(seat.teacher_id == viewer.account_id for seat in asked):
        return "me"
    return "school" if asked else ""


def to_confirm(session: Session, viewer: Viewer, now: datetime) -> list[LiveClass]:
    """The classes for whose rooms somebody may answer and nobody has, the next first; of a series
    the first one."""
    asked = (
        select(Seat.class_id)
        .join(Seat.room)
        .where(Seat.state == SeatState.ASKED, Room.school_id.in_(viewer.school_ids))
    )
    found = seen_by(viewer).where(
        LiveClass.id.in_(asked),
        LiveClass.state == State.BOOKED,
        LiveClass.ends_at > now,
        LiveClass.school_id.not_in(viewer.school_ids),
    )
    firsts: dict[str, LiveClass] = {}
    for live in session.scalars(found.order_by(LiveClass.begins_at, LiveClass.id)):
        firsts.setdefault(live.series or str(live.id), live)
    return list(firsts.values())
