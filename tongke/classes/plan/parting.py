"""The end of a pairing takes the other school out of the classes that are still to come or run, and
what it had lent to them.

Their rooms, the teachers beside the pupils, the heads and the officers above see such a class by
tokens of their own, which hold whatever the agreements say. So the places go, as if the class had
been changed, and what it carries is worked out again. What has ended stays as it was: who was there
is in its log, and its recording is for whom it was offered to (docs/decisions/audience.md).

Slides of the other school that were given to the pair go as well: nobody's right to a document is
asked where a class shows it (`running.decks`), so the class has to let go of it.

A training is for the teachers of a pair, and the officers above either school see it: it is closed
to the pair.

Ended before its time, an agreement parts the schools at once; on its last day nobody does anything,
so the sweeper looks every minute.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import groupby

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from tongke.classes import batches, invited
from tongke.classes.agenda import notices
from tongke.classes.agenda.notices import NoticeKind
from tongke.classes.models import ClassToken, LiveClass, Material, Seat
from tongke.classes.plan import booking, materials, tokens
from tongke.classes.plan.changes import mark_changed
from tongke.classes.school import bookable
from tongke.classes.vocabulary import Purpose, State
from tongke.library.models import Resource, ResourceToken
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


def waiting(session: Session) -> list[list[int]]:
    """The classes of schools that are paired no more, as many together as `part` takes at once: of
    a series all, so that each person is told once."""
    found = sorted(parted(session), key=_series)
    return batches.of([live.id for live in rows] for _, rows in groupby(found, key=_series))


def parted(session: Session, among: Collection[int] | None = None) -> list[LiveClass]:
    """Classes that are booked or run, with a place of a school that is not paired any more, or with
    what it had lent; and trainings that were opened to a pair which is none. Of all, or `among`
    these."""
    return _in_order({*_apart(session, among), *_borrowing(session, among)})


def _in_order(found: Iterable[LiveClass]) -> list[LiveClass]:
    return sorted(found, key=lambda live: (live.begins_at, live.id))


def _ahead(among: Collection[int] | None) -> ColumnElement[bool]:
    these = true() if among is None else LiveClass.id.in_(among)
    return and_(LiveClass.state.in_((State.BOOKED, State.RUNNING)), these)


def _apart(session: Session, among: Collection[int] | None) -> list[LiveClass]:
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
    opened = (
        select(ClassToken.class_id)
        .join(Agreement, ClassToken.token == invited.token_of_agreement())
        .where(~invited.holds())
    )
    training = and_(LiveClass.purpose == Purpose.TRAINING, LiveClass.id.in_(opened))
    found = select(LiveClass).where(_ahead(among), or_(LiveClass.id.in_(places), training))
    return list(session.scalars(found))


def _borrowing(session: Session, among: Collection[int] | None) -> list[LiveClass]:
    lent = (
        select(Material.class_id)
        .join(ResourceToken, ResourceToken.resource_id == Material.resource_id)
        .join(Agreement, ResourceToken.token == invited.token_of_agreement())
        .where(~invited.holds())
    )
    found = session.scalars(select(LiveClass).where(_ahead(among), LiveClass.id.in_(lent)))
    return [live for live in found if _lent_no_more(session, live)]


def _lent_no_more(session: Session, live: LiveClass) -> set[int]:
    """The materials of a class that it had from another school, and that not all of its schools
    see any more."""
    schools = {live.school_id, *(seat.room.school_id for seat in live.seats)}
    return {
        each.id
        for each in materials.of_class(session, live)
        if not _is_its_own(session, live, each)
        and not materials.all_see(session, schools, materials.given_to(session, each.id))
    }


def _is_its_own(session: Session, live: LiveClass, resource: Resource) -> bool:
    """Whether it is its school's, or of who gives the class or booked it, or of a school of
    theirs."""
    people = {live.teacher_id, live.booked_by_id}
    school = resource.school_id
    return (
        resource.author_id in people
        or school == live.school_id
        or (school is not None and any(booking.is_of_school(session, p, school) for p in people))
    )


def part(session: Session, class_ids: Collection[int] | None = None) -> int:
    """Take the schools that are paired no more out of these classes, or of all, and tell those
    concerned: of a series each once. How many classes it was."""
    apart = set(_apart(session, class_ids))
    found = _in_order(apart.union(_borrowing(session, class_ids)))
    whom = [(live, _told(session, live, live in apart)) for live in found]
    details: dict[int, notices.Details] = {
        live.id: {"lent_no_more": _part(session, live)} for live in found
    }
    for _, rows in groupby(sorted(whom, key=_of_series), key=_of_series):
        notices.tell_once(session, rows, NoticeKind.CHANGED, but=None, details=details)
    return len(found)


def _told(session: Session, live: LiveClass, is_apart: bool) -> set[int]:
    """Whom it concerns that schools leave a class; that slides do, those who meant to show them."""
    return notices.concerned(session, live) if is_apart else {live.teacher_id, live.booked_by_id}


def _series(live: LiveClass) -> str:
    return live.series or f"class:{live.id}"


def _of_series(each: tuple[LiveClass, set[int]]) -> str:
    return _series(each[0])


def _part(session: Session, live: LiveClass) -> bool:
    """Gives whether what the other school had lent went."""
    schools = {seat.room.school_id for seat in live.seats}
    kept = {school for school in schools if bookable.are_paired(session, live.school_id, school)}
    live.seats = [seat for seat in live.seats if seat.room.school_id in kept]
    gone = _lent_no_more(session, live)
    still = [each.resource_id for each in live.materials if each.resource_id not in gone]
    materials.put(live, still)
    mark_changed(live)
    session.flush()
    tokens.carry(session, live, _still_invited(session, live))
    return bool(gone)


def _still_invited(session: Session, live: LiveClass) -> frozenset[str]:
    """Whom it was opened to, without the pairs that are none any more."""
    named = tokens.invited(session, live)
    held = {audience.agreement(pair.id) for pair in invited.pairs(session, named)}
    return frozenset(t for t in named if t in held or not audience.agreements_of([t]))
