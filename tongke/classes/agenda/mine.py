"""What of the plan concerns somebody: their classes of a day, and those that await their answer."""

from __future__ import annotations

from datetime import datetime

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
    """The classes of a stretch of time that somebody gives, sits in on or booked, those called off
    left out."""
    found = (
        seen_by(viewer)
        .where(
            concerns(viewer.account_id),
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
