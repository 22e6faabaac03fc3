"""Who sees a class: what it carries, written down whenever it is booked or changed."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke.classes import invited as opened
from tongke.classes.invited import INVITED
from tongke.classes.models import ClassToken, LiveClass
from tongke.classes.vocabulary import Purpose, SeatState
from tongke.people import audience


def carry(session: Session, live: LiveClass, invited: Iterable[str]) -> None:
    """A class carries its teachers, its rooms, the heads of the schools that take part and the
    officers above them; and whom the booker invited. In a training those whose teachers were
    invited take part as well: the officers above them see it."""
    schools = {live.school_id, *(seat.room.school_id for seat in live.seats)}
    people = {live.teacher_id, live.booked_by_id, *(seat.teacher_id for seat in live.seats)}
    rooms = {live.room_id}
    rooms |= {seat.room_id for seat in live.seats if seat.state != SeatState.DECLINED}
    places = {live.school.region_code, *(seat.room.school.region_code for seat in live.seats)}
    tokens = {token for token in invited if token.startswith(INVITED)}
    if live.purpose == Purpose.TRAINING:
        places |= {school.region_code for school in opened.schools(session, tokens)}
    tokens |= {audience.user(person) for person in people if person is not None}
    tokens |= {audience.room(room) for room in rooms if room is not None}
    tokens |= {audience.admin(school) for school in schools}
    tokens |= {audience.patrol(place) for place in places}
    held = {row.token: row for row in _carried(session, live)}
    # Row by row, and so told as a change of this class alone (`RightsBearing`).
    for token in held.keys() - tokens:
        session.delete(held[token])
    session.add_all(ClassToken(class_id=live.id, token=token) for token in tokens - held.keys())


def invited(session: Session, live: LiveClass) -> frozenset[str]:
    """Whom the booker invited, besides those who take part."""
    return opened.tokens(session, live)


def _carried(session: Session, live: LiveClass) -> Iterable[ClassToken]:
    return session.scalars(select(ClassToken).where(ClassToken.class_id == live.id))
