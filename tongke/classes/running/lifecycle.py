"""How a class begins, goes on and ends, in the database."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from tongke import clock
from tongke.classes.models import LiveClass
from tongke.classes.queries import held_class
from tongke.classes.running import devices
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
