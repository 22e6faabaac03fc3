"""What a notice says besides: from when to when a class was moved, who of the partners has answered
and who has not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from services.web.views import Span
from tongke.classes.agenda import notices
from tongke.classes.agenda.notices import NoticeKind
from tongke.classes.models import LiveClass
from tongke.classes.plan_models import Notice
from tongke.classes.queries import seats_in_order
from tongke.classes.standing import Standing, standing
from tongke.classes.vocabulary import SeatState
from tongke.people.models import Room


def moved(row: Notice) -> tuple[Span, Span] | None:
    """When the class was, and when it was to be from then on."""
    found = notices.moved(row)
    if found is None:
        return None
    before, after = found
    return Span(*before), Span(*after)


def answered(session: Session, row: Notice) -> str:
    """The room whose answer it tells of."""
    number = row.details.get("room_id")
    room = None if number is None else session.get(Room, number)
    return "" if room is None else _called(room)


def awaited(row: Notice, live: LiveClass, now: datetime) -> tuple[str, ...]:
    """To who has been told of an answer: the rooms that have yet to give theirs."""
    tells = row.kind in (NoticeKind.CONFIRMED, NoticeKind.DECLINED)
    if not tells or standing(live, now) is not Standing.ASKED:
        return ()
    waiting = (seat for seat in seats_in_order(live) if seat.state == SeatState.ASKED)
    return tuple(_called(seat.room) for seat in waiting)


def _called(room: Room) -> str:
    return f"{room.school.name} {room.name}"
