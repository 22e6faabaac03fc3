"""How a class begins, goes on and ends, in the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from tongke import clock
from tongke.classes.models import LiveClass
from tongke.classes.queries import held_class
from tongke.classes.running import devices
from tongke.classes.vocabulary import ClassOver, State
from tongke.errors import Conflict, NotFound, Text
from tongke.people.audience import Viewer

# What was begun can only be ended, and then the lesson is used up and counts for the schools in it:
# a trial of the devices or a slip of the hand in the morning would take the afternoon's lesson.
SOONEST: Final = timedelta(minutes=30)


class TooSoon(Conflict):
    code = "class-too-soon"
    message = Text(
        "上课前半小时之内才能开始",
        "A class can be begun half an hour before its time at the earliest",
    )
    remedy = Text(
        "试设备不用开始上课，在主讲教室这一页就能试；要提前上，先改这节课的时间",
        "To try the devices out, do not begin: this page shows them now. "
        "To hold the class sooner, move it first",
    )


class TooLate(ClassOver):
    code = "class-too-late"
    message = Text("这节课的时间已经过了", "The time of this class has passed")
    remedy = Text("要补上，请另约一节", "To hold it after all, book another")


def may_begin_at(live: LiveClass) -> datetime:
    """From when on it may be begun."""
    return live.begins_at - SOONEST


def begin(session: Session, viewer: Viewer, class_id: int) -> LiveClass:
    """「开始上课」. Begun twice it goes on.

    Raises:
        NotFound, NotYourClass, ClassOver, TooSoon, TooLate.
    """
    found = held_class(session, viewer, class_id)
    if found.state not in (State.BOOKED, State.RUNNING):
        raise ClassOver
    if clock.now() < may_begin_at(found):
        raise TooSoon
    if found.state == State.BOOKED and found.ends_at <= clock.now():
        raise TooLate
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
