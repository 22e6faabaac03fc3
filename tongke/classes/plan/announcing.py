"""Who is told of a class that was changed, and of what: a partner is asked once more where its
answer does not hold any longer, everybody else concerned hears that something changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from tongke.classes import invited
from tongke.classes.agenda import notices
from tongke.classes.agenda.notices import NoticeKind
from tongke.classes.models import LiveClass, Seat
from tongke.classes.plan import booking
from tongke.classes.plan.amended import Amended
from tongke.classes.vocabulary import SeatState
from tongke.people.audience import Viewer

Whom = list[tuple[LiveClass, set[int]]]


@dataclass(frozen=True)
class Heard:
    """Whom classes concerned before they were changed; and whom a training was opened to."""

    concerned: Whom
    invited: set[int]


def heard(session: Session, live: LiveClass, rows: Sequence[LiveClass]) -> Heard:
    return Heard(_concerned(session, rows), invited.people(session, live))


def tell_changed(
    session: Session,
    viewer: Viewer,
    live: LiveClass,
    each: Sequence[Amended],
    anew: Sequence[Sequence[Seat]],
    before: Heard,
) -> None:
    """Tell of a class and those of its series that were changed with it, each person once and of
    what asks most of them. `anew` are the places that had said yes to a narrower recording."""
    rows = [one.live for one in each]
    details = {one.live.id: _move(one) for one in each if one.moved}
    widened = [
        (row, booking.answer_for(session, seats)) for row, seats in zip(rows, anew, strict=True)
    ]
    moved = [(one.live, booking.answer_for(session, list(_asked_again(one)))) for one in each]
    asked = [(one.live, booking.answer_for(session, list(_asked(one, live)))) for one in each]
    told: set[int] = set()
    for kind, whom in (
        (NoticeKind.WIDENED, widened),
        (NoticeKind.MOVED, moved),
        (NoticeKind.ASKED, asked),
    ):
        told = notices.tell_once(
            session, whom, kind, but=viewer.account_id, told=told, details=details
        )
    told |= booking.ask_teachers(session, live, viewer, but=before.invited | told)
    changed, me = NoticeKind.CHANGED, viewer.account_id
    still = _concerned(session, rows)
    told = notices.tell_once(session, still, changed, but=me, told=told, details=details)
    # Who is not in it any more learns nothing of what it is now.
    was = {one.live.id: _was(one) for one in each}
    notices.tell_once(session, before.concerned, changed, but=me, told=told, details=was)


def _concerned(session: Session, rows: Sequence[LiveClass]) -> Whom:
    return [(row, notices.concerned(session, row)) for row in rows]


def _move(one: Amended) -> notices.Details:
    return notices.of_move(
        (one.before.begins_at, one.before.ends_at), (one.wanted.begins_at, one.wanted.ends_at)
    )


def _was(one: Amended) -> notices.Details:
    return {"title": one.before.title, "at": one.before.begins_at.isoformat()}


def _asked_again(one: Amended) -> Iterator[Seat]:
    """The places that were there before a class was moved, and wait for an answer."""
    return (seat for seat in _waiting(one) if one.moved and seat.room_id in dict(one.before.seats))


def _asked(one: Amended, edited: LiveClass) -> Iterator[Seat]:
    """The places that came; and in the class that was edited, those that wait still."""
    return (
        seat
        for seat in _waiting(one)
        if one.live is edited or seat.room_id not in dict(one.before.seats)
    )


def _waiting(one: Amended) -> Iterator[Seat]:
    return (seat for seat in one.live.seats if seat.state == SeatState.ASKED)
