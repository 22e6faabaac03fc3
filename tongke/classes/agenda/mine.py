"""What of the plan concerns somebody: their classes of a day, and those that await their answer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tongke.classes.models import LiveClass, Seat
from tongke.classes.queries import concerns, is_spared, seen_by
from tongke.classes.vocabulary import SeatState, State
from tongke.people.audience import Viewer
from tongke.people.models import Room


def held_between(
    session: Session, viewer: Viewer, begins: datetime, ends: datetime
) -> list[LiveClass]:
    """The classes of a stretch of time that somebody gives, sits in on or booked, and the trainings
    that are for them; those called off left out, and those that her school has declined."""
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
    return [live for live in session.scalars(found) if not is_spared(live, viewer)]


def answer_of(live: LiveClass, viewer: Viewer) -> Literal["", "me", "school", "declined"]:
    """What the partner's answer is, to its own people: one is awaited, of this viewer since she is
    to be with the pupils of a room or of somebody of her school; or they have declined."""
    partner = viewer.school_ids - {live.school_id}
    theirs = [seat for seat in live.seats if seat.room.school_id in partner]
    asked = [seat for seat in theirs if seat.state == SeatState.ASKED]
    if any(seat.teacher_id == viewer.account_id for seat in asked):
        return "me"
    if asked:
        return "school"
    declined = theirs and all(map(_is_declined, theirs)) and partner == viewer.school_ids
    return "declined" if declined else ""


def _is_declined(seat: Seat) -> bool:
    return seat.state == SeatState.DECLINED


def to_confirm(session: Session, viewer: Viewer, now: datetime) -> list[list[LiveClass]]:
    """The classes for whose rooms somebody may answer and nobody has, the next first; those of a
    series together."""
    series: dict[str, list[LiveClass]] = {}
    for live in session.scalars(_unanswered(viewer, now)):
        series.setdefault(live.series or str(live.id), []).append(live)
    return list(series.values())


def waits_with(session: Session, viewer: Viewer, live: LiveClass, now: datetime) -> list[LiveClass]:
    """Of the series of a class those that wait for this viewer's answer as well, it included, the
    next first; none where it does not wait itself."""
    its = LiveClass.id == live.id if live.series is None else LiveClass.series == live.series
    found = list(session.scalars(_unanswered(viewer, now).where(its)))
    return found if live in found else []


def _unanswered(viewer: Viewer, now: datetime) -> Select[LiveClass]:
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
    return found.order_by(LiveClass.begins_at, LiveClass.id)
