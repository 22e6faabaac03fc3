"""The end of a pairing takes the other school out of the classes that are still to come or run.

Their rooms, the teachers beside the pupils, the heads and the officers above see such a class by
tokens of their own, which hold whatever the agreements say. So the places go, as if the class had
been changed, and what it carries is worked out again. What has ended stays as it was: who was there
is in its log, and its recording is for whom it was offered to (docs/decisions/audience.md).

A training is for the teachers of a pair, and the officers above either school see it: it is closed
to the pair.

Ended before its time, an agreement parts the schools at once; on its last day nobody does anything,
so the sweeper looks every minute.
"""

from __future__ import annotations

from itertools import groupby

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from tongke.classes import invited
from tongke.classes.agenda import notices
from tongke.classes.agenda.notices import NoticeKind
from tongke.classes.models import ClassToken, LiveClass, Seat
from tongke.classes.plan import tokens
from tongke.classes.plan.changes import mark_changed
from tongke.classes.school import bookable
from tongke.classes.vocabulary import Purpose, State
from tongke.people import agreements, audience
from tongke.people.audience import Viewer
from tongke.people.models import Agreement, Room


def end_agreement(session: Session, actor: Viewer, agreement_id: int) -> Agreement:
    """End an agreement now, with what follows for the classes of its schools. Raises NotFound,
    Forbidden."""
    ended = agreements.end_agreement(session, actor, agreement_id)
    session.flush()
    part(session)
    return ended


def parted(session: Session) -> list[LiveClass]:
    """Classes that are booked or run, with a place of a school that is not paired any more; and
    trainings that were opened to a pair which is none."""
    ours, theirs = LiveClass.school_id, Room.school_id
    sides = or_(
        and_(Agreement.lead_school_id == ours, Agreement.supported_school_id == theirs),
        and_(Agreement.lead_school_id == theirs, Agreement.supported_school_id == ours),
    )
    places = (
        select(Seat.class_id)
        .join(Seat.live_class)
        .join(Seat.room)
        .where(ours != theirs, ~select(Agreement.id).where(invited.holds(), sides).exists())
    )
    ahead = LiveClass.state.in_((State.BOOKED, State.RUNNING))
    opened = (
        select(ClassToken.class_id)
        .join(Agreement, ClassToken.token == invited.token_of_agreement())
        .where(~invited.holds())
    )
    training = and_(LiveClass.purpose == Purpose.TRAINING, LiveClass.id.in_(opened))
    found = select(LiveClass).where(ahead, or_(LiveClass.id.in_(places), training))
    return list(session.scalars(found.order_by(LiveClass.begins_at, LiveClass.id)))


def part(session: Session) -> int:
    """Take the schools that are paired no more out of these classes, and tell those concerned: of a
    series each once. How many classes it was."""
    found = parted(session)
    whom = [(live, notices.concerned(session, live)) for live in found]
    for live in found:
        _part(session, live)
    for _, rows in groupby(sorted(whom, key=_series), key=_series):
        notices.tell_once(session, rows, NoticeKind.CHANGED, but=None)
    return len(found)


def _series(each: tuple[LiveClass, set[int]]) -> str:
    live, _ = each
    return live.series or f"class:{live.id}"


def _part(session: Session, live: LiveClass) -> None:
    schools = {seat.room.school_id for seat in live.seats}
    kept = {school for school in schools if bookable.are_paired(session, live.school_id, school)}
    live.seats = [seat for seat in live.seats if seat.room.school_id in kept]
    mark_changed(live)
    session.flush()
    tokens.carry(session, live, _still_invited(session, live))


def _still_invited(session: Session, live: LiveClass) -> frozenset[str]:
    """Whom it was opened to, without the pairs that are none any more."""
    named = tokens.invited(session, live)
    held = {audience.agreement(pair.id) for pair in invited.pairs(session, named)}
    return frozenset(t for t in named if t in held or not audience.agreements_of([t]))
