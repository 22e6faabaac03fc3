"""Classes that nobody ends: they are ended for them.

Who gave a class from her own page may run over, and is let. But a class whose picture comes from a
recording appliance may have begun by itself, with nobody at a computer who could end it: what the
lead classroom does afterwards is nobody's lesson, and its next class waits for the place.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tongke.classes.models import ClassEvent, LiveClass, Seat
from tongke.classes.queries import FORGOTTEN_AFTER
from tongke.classes.times.timetable import DOORS_OPEN_BEFORE
from tongke.classes.vocabulary import SeatState, State
from tongke.live.events import event
from tongke.live.state import ClassState, replay
from tongke.live.vocabulary import PictureSource

# A teacher who stands before the appliance finishes her sentence.
UNATTENDED_FOR: Final = timedelta(minutes=3)
# Whether the lead teacher is there, and what the picture comes from.
_KINDS: Final = ("prepare", "join", "leave", "publisher")


def to_end(session: Session, now: datetime) -> list[int]:
    """Classes that nobody ended, or will end."""
    over = select(LiveClass).where(LiveClass.state == State.RUNNING, LiveClass.ends_at <= now)
    return [live.id for live in session.scalars(over) if _is_due(session, live, now)]


def _is_due(session: Session, live: LiveClass, now: datetime) -> bool:
    if live.ends_at < now - FORGOTTEN_AFTER:
        return True
    waited = live.ends_at <= now - UNATTENDED_FOR or _next_opens(session, live, now)
    return waited and _is_unattended(_state(session, live.id))


def _next_opens(session: Session, live: LiveClass, now: datetime) -> bool:
    """Whether the doors of another class of the lead classroom are open."""
    if live.room_id is None:
        return False
    received = select(Seat.class_id).where(
        Seat.room_id == live.room_id, Seat.state != SeatState.DECLINED
    )
    found = select(LiveClass.id).where(
        LiveClass.id != live.id,
        LiveClass.state.in_((State.BOOKED, State.RUNNING)),
        LiveClass.begins_at <= now + DOORS_OPEN_BEFORE,
        LiveClass.ends_at > now,
        or_(LiveClass.room_id == live.room_id, LiveClass.id.in_(received)),
    )
    return session.scalars(found).first() is not None


def _state(session: Session, class_id: int) -> ClassState:
    rows: Iterable[ClassEvent] = session.scalars(
        select(ClassEvent)
        .where(ClassEvent.class_id == class_id, ClassEvent.kind.in_(_KINDS))
        .order_by(ClassEvent.seq)
    )
    return replay(event(row.media_ms, row.kind, row.payload) for row in rows)


def _is_unattended(state: ClassState) -> bool:
    return state.picture_source is PictureSource.APPLIANCE and not state.connections
