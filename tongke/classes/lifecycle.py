"""How a class begins, goes on and ends, in the database."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from tongke import clock
from tongke.classes import devices
from tongke.classes.models import LiveClass, LiveSegment
from tongke.classes.queries import held_class
from tongke.classes.vocabulary import ClassOver, State
from tongke.errors import Conflict, NotFound, Text
from tongke.people.audience import Viewer

# Tried out the day before, a class is begun; weeks before, it is a slip of the hand.
SOONEST: Final = timedelta(days=1)


class TooSoon(Conflict):
    code = "class-too-soon"
    message = Text("离上课还早，现在不能开始", "It is too early to begin this class")
    remedy = Text(
        "上课前一天之内才能开始；要马上上，先改时间",
        "Begin it within a day of its time, or move it first",
    )


def begin(session: Session, viewer: Viewer, class_id: int) -> LiveClass:
    """「开始上课」. Begun twice it goes on.

    Raises:
        NotFound, NotYourClass, ClassOver, TooSoon.
    """
    found = held_class(session, viewer, class_id)
    if found.state not in (State.BOOKED, State.RUNNING):
        raise ClassOver
    if found.begins_at > clock.now() + SOONEST:
        raise TooSoon
    if found.started_at is None:
        found.started_at = clock.now()
    if found.phone_code is None:
        found.phone_code = devices.new_code(session)
    found.state = State.RUNNING
    return found


def carry_on(session: Session, class_id: int) -> LiveClass:
    """Another process carries a running class: under a new epoch.

    Raises:
        NotFound, ClassOver.
    """
    found = session.get(LiveClass, class_id)
    if found is None:
        raise NotFound
    if found.state != State.RUNNING:
        raise ClassOver
    found.epoch += 1
    return found


def end(session: Session, class_id: int) -> LiveClass:
    """The class is over. Ended twice it stays as it was.

    Raises:
        NotFound, ClassOver: it has not begun, or was cancelled.
    """
    found = session.get(LiveClass, class_id)
    if found is None:
        raise NotFound
    if found.state not in (State.RUNNING, State.ENDED):
        raise ClassOver
    if found.ended_at is None:
        found.ended_at = clock.now()
    found.phone_code = None
    found.state = State.ENDED
    return found


def next_sequence(session: Session, class_id: int, rendition: str, wanted: int) -> int:
    """The number that a segment gets: its own, or, filled in when the class has ended, one that
    is free behind all others."""
    if session.get(LiveSegment, (class_id, rendition, wanted)) is None:
        return wanted
    last = session.scalar(
        select(func.max(LiveSegment.sequence)).where(
            LiveSegment.class_id == class_id, LiveSegment.rendition == rendition
        )
    )
    return (last or 0) + 1


def forget_stretch(
    session: Session, class_id: int, rendition: str, began_us: int, until_us: int
) -> None:
    """What is made anew takes the place of what began in its time."""
    session.execute(
        delete(LiveSegment).where(
            LiveSegment.class_id == class_id,
            LiveSegment.rendition == rendition,
            LiveSegment.began_us >= began_us,
            LiveSegment.began_us < until_us,
        )
    )
