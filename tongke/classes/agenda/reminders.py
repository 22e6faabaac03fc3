"""People are reminded of a class the day before it, a partner who has not answered three days
before, and who was to give it that nobody did: once each, by the notices that they have anyway.

Whoever has heard of the class within hours (it was booked late, or moved) needs no reminder yet. A
class that is moved to another day is reminded of anew. The sweeper asks every minute.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from tongke import clock
from tongke.classes import batches
from tongke.classes.agenda import notices
from tongke.classes.agenda.notices import NoticeKind
from tongke.classes.models import LiveClass, Seat
from tongke.classes.plan_models import Notice
from tongke.classes.vocabulary import SeatState, State
from tongke.people.models import Room

SOON: Final = timedelta(days=1)
ANSWERED_BEFORE: Final = timedelta(days=3)
HEARD_LATELY: Final = timedelta(hours=6)
# Of a class that nobody began. Longer ago it is past mending.
MISSED_WITHIN: Final = timedelta(days=1)

Reminder = tuple[LiveClass, NoticeKind, int]


def waiting(session: Session) -> list[list[int]]:
    """The classes of which somebody is to be reminded now, as many together as `remind` takes at
    once."""
    found = [*due(session), *missed(session)]
    return batches.of(dict.fromkeys((live.id,) for live, _, _ in found))


def due(session: Session, among: Collection[int] | None = None) -> list[Reminder]:
    """Who is to be reminded of which class now; of all of them, or `among` these."""
    now = clock.now()
    ahead = LiveClass.begins_at.between(now, now + ANSWERED_BEFORE)
    places = selectinload(LiveClass.seats).joinedload(Seat.room).joinedload(Room.school)
    found = select(LiveClass).where(LiveClass.state == State.BOOKED, ahead).options(places)
    if among is not None:
        found = found.where(LiveClass.id.in_(among))
    return [
        (live, kind, person)
        for live in session.scalars(found.order_by(LiveClass.begins_at, LiveClass.id))
        for kind, person in sorted(set(_of(session, live, now)))
        if not _has_heard(session, live, kind, person, now)
    ]


def missed(session: Session, among: Collection[int] | None = None) -> list[Reminder]:
    """Who was to give or has booked a class that nobody began, and has not been told so."""
    now = clock.now()
    told = LiveClass.id.in_(select(Notice.class_id).where(Notice.kind == NoticeKind.MISSED))
    found = select(LiveClass).where(
        LiveClass.state == State.BOOKED,
        LiveClass.ends_at.between(now - MISSED_WITHIN, now),
        ~told,
    )
    if among is not None:
        found = found.where(LiveClass.id.in_(among))
    return [
        (live, NoticeKind.MISSED, person)
        for live in session.scalars(found.order_by(LiveClass.begins_at, LiveClass.id))
        for person in sorted({live.teacher_id, live.booked_by_id})
    ]


def remind(session: Session, class_ids: Collection[int]) -> int:
    """Remind people of these classes; how many it were."""
    found = [*due(session, class_ids), *missed(session, class_ids)]
    for live, kind, person in found:
        notices.tell(session, live, kind, {person}, but=None)
    return len(found)


def _of(session: Session, live: LiveClass, now: datetime) -> Iterator[tuple[NoticeKind, int]]:
    """Those who stand in a class or beside its pupils; and who has to answer for a room."""
    coming = [live.teacher_id]
    for seat in live.seats:
        beside = [seat.teacher_id] if seat.teacher_id is not None else []
        if seat.state == SeatState.CONFIRMED:
            coming += beside
        elif seat.state == SeatState.ASKED:
            heads = notices.administrators(session, [seat.room.school_id])
            yield from ((NoticeKind.UNANSWERED, person) for person in {*beside, *heads})
    if live.begins_at - now <= SOON:
        yield from ((NoticeKind.SOON, person) for person in coming)


def _has_heard(
    session: Session, live: LiveClass, kind: NoticeKind, person: int, now: datetime
) -> bool:
    """Of this day's class, or of the class at all a moment ago."""
    since = live.begins_at - (SOON if kind is NoticeKind.SOON else ANSWERED_BEFORE)
    told = select(Notice.kind, Notice.created_at).where(
        Notice.class_id == live.id, Notice.account_id == person
    )
    return any(
        at > now - HEARD_LATELY or (said == kind and at >= since)
        for said, at in session.execute(told)
    )
