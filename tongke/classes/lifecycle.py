"""Classes in the database: who sees them, and how they begin, go on and end.

Who sees a class is the one rule (`people.audience`): it carries tokens, worked out when it is
booked (`booking`), and every list asks for them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session, selectinload

from tongke import clock
from tongke.errors import Conflict, Forbidden, NotFound, Text
from tongke.live.models import ClassEvent, ClassToken, LiveClass, LiveSegment, Seat
from tongke.people import audience
from tongke.people.audience import RoleName, Viewer

# A class that nobody ended is over so long after it should have been.
FORGOTTEN_AFTER: Final = timedelta(hours=1)


class State(StrEnum):
    BOOKED = "booked"
    RUNNING = "running"
    ENDED = "ended"
    CANCELLED = "cancelled"


class NotYourClass(Forbidden):
    code = "not-your-class"
    message = Text("只有主讲教师能做这一步", "Only its lead teacher may do this")
    remedy = Text("请主讲教师登录后再做", "Ask the lead teacher to sign in and do it")


class ClassOver(Conflict):
    code = "class-over"
    message = Text("这节课已经结束或取消", "This class has ended or was cancelled")
    remedy = Text("要再上一次，请另约一节", "To hold it again, book another")


def seen_by(viewer: Viewer) -> Select[LiveClass]:
    """The classes that a viewer may see."""
    shown = select(ClassToken.class_id).where(ClassToken.token.in_(viewer.tokens))
    return select(LiveClass).where(LiveClass.id.in_(shown))


def visible_class(session: Session, viewer: Viewer, class_id: int) -> LiveClass:
    """Raises NotFound: there is none, or it is not for this viewer."""
    found = session.scalars(seen_by(viewer).where(LiveClass.id == class_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def may_watch(session: Session, viewer: Viewer, class_id: int) -> bool:
    """Whether a viewer may see a class, and so its pictures and its sound."""
    carried = select(ClassToken.token).where(ClassToken.class_id == class_id)
    return audience.may_see(viewer.tokens, frozenset(session.scalars(carried)))


def held_class(session: Session, viewer: Viewer, class_id: int) -> LiveClass:
    """A class for who holds it.

    Raises:
        NotFound, NotYourClass.
    """
    found = visible_class(session, viewer, class_id)
    if found.teacher_id != viewer.account_id:
        raise NotYourClass
    return found


def begin(session: Session, viewer: Viewer, class_id: int) -> LiveClass:
    """「开始上课」. Begun twice it goes on.

    Raises:
        NotFound, NotYourClass, ClassOver.
    """
    found = held_class(session, viewer, class_id)
    if found.state not in (State.BOOKED, State.RUNNING):
        raise ClassOver
    if found.started_at is None:
        found.started_at = clock.now()
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
    found.state = State.ENDED
    return found


def resource_id(session: Session, class_id: int) -> int:
    """The resource that a class becomes. Raises NotFound: nothing was ever sent."""
    found = session.scalar(select(LiveClass.resource_id).where(LiveClass.id == class_id))
    if found is None:
        raise NotFound
    return found


def segments(session: Session, class_id: int, rendition: str) -> list[LiveSegment]:
    """The whole segments of a rendition, in their order."""
    return list(
        session.scalars(
            select(LiveSegment)
            .where(LiveSegment.class_id == class_id, LiveSegment.rendition == rendition)
            .order_by(LiveSegment.sequence)
        )
    )


def lesson(session: Session, class_id: int, rendition: str) -> list[LiveSegment]:
    """The same in the order of the lesson: what was filled in later stands where it belongs."""
    return sorted(segments(session, class_id, rendition), key=lambda row: row.began_us)


def has_segment(session: Session, class_id: int, rendition: str, name: str) -> bool:
    found = select(LiveSegment.sequence).where(
        LiveSegment.class_id == class_id,
        LiveSegment.rendition == rendition,
        LiveSegment.name == name,
    )
    return session.scalars(found).first() is not None


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


def log(session: Session, class_id: int, after: int = 0) -> list[ClassEvent]:
    """What happened, in its order, from behind a number."""
    return list(
        session.scalars(
            select(ClassEvent)
            .where(ClassEvent.class_id == class_id, ClassEvent.seq > after)
            .order_by(ClassEvent.seq)
        )
    )


def room_of(viewer: Viewer, live: LiveClass) -> Seat | None:
    """The seat that a classroom's device takes."""
    if not viewer.has(RoleName.CLASSROOM):
        return None
    return next((s for s in live.seats if audience.room(s.room_id) in viewer.tokens), None)


def forgotten(session: Session, now: datetime) -> list[int]:
    """Classes that nobody ended."""
    found = select(LiveClass.id).where(
        LiveClass.state == State.RUNNING, LiveClass.ends_at < now - FORGOTTEN_AFTER
    )
    return list(session.scalars(found))


def on_a_day(session: Session, viewer: Viewer, begins: datetime, ends: datetime) -> list[LiveClass]:
    """What a viewer may see of a stretch of days, in the order of the clock."""
    found = (
        seen_by(viewer)
        .where(LiveClass.begins_at < ends, LiveClass.ends_at > begins)
        .order_by(LiveClass.begins_at, LiveClass.id)
        .options(selectinload(LiveClass.seats).selectinload(Seat.room))
    )
    return list(session.scalars(found))
