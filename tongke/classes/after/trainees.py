"""Which teachers were in a training from desks of their own (参加研修的老师), as its log tells it,
and who reads that: she herself, who holds or booked the class, and whoever administers either
school or is above it. It is about people, so who may see the class does not read it of
everybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke.classes.after import attending
from tongke.classes.models import LiveClass
from tongke.live.attendance import Row, rows
from tongke.live.bodies import Arrive
from tongke.live.events import Event
from tongke.people import audience
from tongke.people.audience import Viewer
from tongke.people.models import Role, School


@dataclass(frozen=True)
class Trainee:
    """A teacher with the name and the school that she came with."""

    name: str
    school: str
    times: Row


def of_class(
    session: Session, viewer: Viewer, live: LiveClass, log: Iterable[Event], now: datetime
) -> list[Trainee]:
    """Those who were there at some time of the lesson and whom this viewer reads of, by school."""
    log = list(log)
    came = {int(a.trainee): a for happened in log if isinstance(a := happened.body, Arrive)}
    present = [
        each for each in attending.within(live, attending.desk_moves(log), now) if each.intervals
    ]
    carried = _tokens(session, live, {each.who for each in present})
    read = [each for each in present if audience.may_see(viewer.tokens, carried[each.who])]
    found = [Trainee(came[row.who].name, came[row.who].school, row) for row in rows(read)]
    return sorted(found, key=lambda each: (each.school, each.name, each.times.who))


def _tokens(
    session: Session, live: LiveClass, accounts: Iterable[int]
) -> dict[int, frozenset[str]]:
    """What it carries of each that she was there; of her schools, those that she is at now."""
    school = live.school
    of_all = {audience.user(live.teacher_id), audience.user(live.booked_by_id)}
    of_all |= {audience.admin(school.id), audience.patrol(school.region_code)}
    above: defaultdict[int, set[str]] = defaultdict(set)
    held = (
        select(Role.account_id, School.id, School.region_code)
        .join(School, School.id == Role.school_id)
        .where(Role.account_id.in_(accounts))
    )
    for account, number, region in session.execute(held):
        above[account] |= {audience.admin(number), audience.patrol(region)}
    return {who: frozenset(of_all | {audience.user(who)} | above[who]) for who in accounts}
