"""What is asked of the classes: who sees them, and what has happened in them.

Who sees a class is the one rule (`people.audience`): it carries tokens, worked out when it is
booked or changed (`tokens`), and every list asks for them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tongke import clock
from tongke.classes.models import ClassEvent, ClassToken, LiveClass, LiveSegment, Seat
from tongke.classes.room_order import in_order
from tongke.classes.vocabulary import NotYourClass, Purpose, SeatState
from tongke.errors import NotFound
from tongke.library import queries as library
from tongke.people import audience
from tongke.people.audience import RoleName, Viewer
from tongke.people.models import Room

# What the lead says of a classroom's seat (`live.bodies.Admit`, `Remove`).
ADMISSION: Final = ("admit", "remove")
# A class that nobody ended is over so long after it should have been.
FORGOTTEN_AFTER: Final = timedelta(hours=1)
# Who watches a lesson to its end, some seconds behind it or looking back, is not cut off by it.
WATCHED_TO_THE_END: Final = timedelta(minutes=10)


def seen_by(viewer: Viewer) -> Select[LiveClass]:
    """The classes that a viewer may see."""
    shown = select(ClassToken.class_id).where(ClassToken.token.in_(viewer.tokens))
    return select(LiveClass).where(LiveClass.id.in_(shown))


def concerns(viewer: Viewer) -> ColumnElement[bool]:
    """Of the classes that somebody sees those that they give, sit in on or booked, and the
    trainings that are for them."""
    account_id = viewer.account_id
    named = or_(
        LiveClass.teacher_id == account_id,
        LiveClass.booked_by_id == account_id,
        LiveClass.seats.any(Seat.teacher_id == account_id),
    )
    return or_(named, LiveClass.purpose == Purpose.TRAINING) if _is_trained(viewer) else named


def takes_part(live: LiveClass, viewer: Viewer) -> bool:
    """Whether a class at hand, which somebody sees, is one of those that `concerns` finds."""
    return is_named(live, viewer) or is_trainee(live, viewer)


def is_named(live: LiveClass, viewer: Viewer) -> bool:
    """Whether somebody gives a class, sits in on it or booked it."""
    beside = {seat.teacher_id for seat in live.seats}
    return viewer.account_id in {live.teacher_id, live.booked_by_id, *beside}


def is_trainee(live: LiveClass, viewer: Viewer) -> bool:
    """Whether a class is a training that was opened to somebody who sees it."""
    return live.purpose == Purpose.TRAINING and _is_trained(viewer)


def _is_trained(viewer: Viewer) -> bool:
    """Those who patrol are in trainings unseen, as in all classes; a room's device is a room."""
    return not viewer.may_patrol and not viewer.has(RoleName.CLASSROOM)


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


def may_follow(session: Session, viewer: Viewer, class_id: int) -> bool:
    """Whether a viewer may have a class's pictures and its sound as they are kept with the class.
    A classroom that the lead has sent out may not, nor the teacher beside its pupils, until it is
    let in again; nor may the teacher of one that does not come.

    Once it has ended those are its recording: who may look into a class is not always whom that is
    for, and its author may have narrowed or removed it since.
    """
    if not may_watch(session, viewer, class_id):
        return False
    live = session.get_one(LiveClass, class_id)
    for seat in (room_of(viewer, live), seat_beside(live, viewer.account_id)):
        if seat is not None and is_sent_out(session, class_id, seat.room_id):
            return False
    if live.ended_at is None or clock.now() - live.ended_at < WATCHED_TO_THE_END:
        return not stays_away(live, viewer)
    return live.resource_id is not None and library.may_see(session, viewer, live.resource_id)


def is_sent_out(session: Session, class_id: int, room_id: int) -> bool:
    """Whether the lead has sent a classroom out, and not let it in again."""
    said = (
        select(ClassEvent.payload, ClassEvent.kind)
        .where(ClassEvent.class_id == class_id, ClassEvent.kind.in_(ADMISSION))
        .order_by(ClassEvent.seq)
    )
    last = {payload["room"]: kind for payload, kind in session.execute(said)}
    return last.get(str(room_id)) == "remove"


def held_class(session: Session, viewer: Viewer, class_id: int) -> LiveClass:
    """A class for who holds it.

    Raises:
        NotFound, NotYourClass.
    """
    found = visible_class(session, viewer, class_id)
    if found.teacher_id != viewer.account_id:
        raise NotYourClass
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


def room_of(viewer: Viewer, live: LiveClass) -> Seat | None:
    """The seat that a classroom's device takes."""
    if not viewer.has(RoleName.CLASSROOM):
        return None
    return next((s for s in live.seats if audience.room(s.room_id) in viewer.tokens), None)


def hears_why(viewer: Viewer, live: LiveClass, seat: Seat) -> bool:
    """Whether what a partner says of its place is said to them: the schools that ask and that
    answer."""
    return not viewer.school_ids.isdisjoint({live.school_id, seat.room.school_id})


def seats_in_order(live: LiveClass) -> list[Seat]:
    """The places of a class as lists show them."""
    return sorted(live.seats, key=lambda seat: in_order(seat.room))


def coming_in_order(live: LiveClass) -> list[Seat]:
    """Those of them that have not declined."""
    return [seat for seat in seats_in_order(live) if seat.state != SeatState.DECLINED]


def seat_in(live: LiveClass, room_id: int) -> Seat | None:
    """A room's place among those that receive a class."""
    return next((seat for seat in live.seats if seat.room_id == room_id), None)


def seat_beside(live: LiveClass, account_id: int) -> Seat | None:
    """The place beside whose pupils somebody is."""
    beside = (seat for seat in live.seats if seat.teacher_id == account_id)
    return next((seat for seat in beside if seat.state != SeatState.DECLINED), None)


def is_spared(live: LiveClass, viewer: Viewer) -> bool:
    """Whether all that ties somebody to a class is a place beside pupils who do not come. They see
    that there is one, and may think better of it."""
    if not is_named(live, viewer) or viewer.account_id in {live.teacher_id, live.booked_by_id}:
        return False
    is_beside = seat_beside(live, viewer.account_id) is not None
    return not is_beside and not is_trainee(live, viewer)


def stays_away(live: LiveClass, viewer: Viewer) -> bool:
    """Whether somebody has no part in a class since their pupils have none. Whoever patrols has."""
    return is_spared(live, viewer) and not viewer.may_patrol


def seen_between(
    session: Session,
    viewer: Viewer,
    begins: datetime,
    ends: datetime,
    *,
    after: tuple[datetime, int] | None = None,
    limit: int | None = None,
) -> list[LiveClass]:
    """What a viewer may see of a stretch of time, in the order of the clock; of a list in pages
    those `after` one that begins then and has that number."""
    found = (
        seen_by(viewer)
        .where(LiveClass.begins_at < ends, LiveClass.ends_at > begins)
        .order_by(LiveClass.begins_at, LiveClass.id)
        .limit(limit)
        .options(
            joinedload(LiveClass.teacher),
            joinedload(LiveClass.school),
            selectinload(LiveClass.seats).joinedload(Seat.room).joinedload(Room.school),
        )
    )
    if after is not None:
        moment, number = after
        at_once = and_(LiveClass.begins_at == moment, LiveClass.id > number)
        found = found.where(or_(LiveClass.begins_at > moment, at_once))
    return list(session.scalars(found))
