"""Which schools were asked to a training by name or as a pair, and whether anybody of them came: a
list of those who came alone does not say who stayed away."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke.classes import invited
from tongke.classes.after import attending
from tongke.classes.models import LiveClass
from tongke.classes.vocabulary import Purpose
from tongke.live.attendance import Attendee
from tongke.live.bodies import Arrive
from tongke.live.events import Event
from tongke.people import audience
from tongke.people.models import Agreement, Room, School


@dataclass(frozen=True)
class AskedSchool:
    name: str
    came: bool


def of_class(
    session: Session,
    live: LiveClass,
    log: Collection[Event],
    rooms: Iterable[Attendee],
    now: datetime,
) -> list[AskedSchool]:
    """In the order of their names, without the one that held it. A school came when a teacher of it
    was at her desk, or a room of it was there. Nothing of a lesson, or of what has not begun."""
    if live.purpose != Purpose.TRAINING or live.started_at is None:
        return []
    desks = attending.within(live, attending.desk_moves(log), now)
    present = {str(each.who) for each in desks if each.intervals}
    said = (happened.body for happened in log)
    named = {body.school for body in said if isinstance(body, Arrive) and body.trainee in present}
    seated = select(Room.school_id).where(Room.id.in_([r.who for r in rooms if r.intervals]))
    there = set(session.scalars(seated))
    return [
        AskedSchool(school.name, school.name in named or school.id in there)
        for school in _named(session, live)
    ]


def _named(session: Session, live: LiveClass) -> Iterable[School]:
    """A pair that has ended since was asked all the same."""
    tokens = invited.tokens(session, live)
    pairs = select(Agreement).where(
        Agreement.id.in_([int(number) for number in audience.agreements_of(tokens)])
    )
    sides = {
        side
        for pair in session.scalars(pairs)
        for side in (pair.lead_school_id, pair.supported_school_id)
    }
    alone = invited.schools(session, (token for token in tokens if token.startswith("school:")))
    sides |= {school.id for school in alone}
    return session.scalars(
        select(School).where(School.id.in_(sides - {live.school_id})).order_by(School.name)
    )
