"""Classes as pages draw them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

from sqlalchemy.orm import Session

from services.web import views
from tongke.classes.after import attending
from tongke.classes.after.outcome import Outcome, in_lists
from tongke.classes.agenda import mine
from tongke.classes.models import LiveClass
from tongke.classes.places import who_is
from tongke.classes.queries import coming_in_order, takes_part
from tongke.classes.standing import Standing, moment_of, standing
from tongke.classes.times.rhythm import rhythm
from tongke.live.vocabulary import Role
from tongke.people.audience import Viewer

_WATCHES: Final[Mapping[Role, Literal["beside", "observe", "trainee"]]] = {
    Role.TEACHER: "beside",
    Role.OBSERVER: "observe",
    Role.TRAINEE: "trainee",
}


_TO_COME: Final = {Standing.ASKED, Standing.DECLINED, Standing.CONFIRMED}


def card(session: Session, live: LiveClass, viewer: Viewer, now: datetime) -> views.ClassCard:
    (made,) = cards(session, [live], viewer, now)
    return made


def cards(
    session: Session, rows: Collection[LiveClass], viewer: Viewer, now: datetime
) -> tuple[views.ClassCard, ...]:
    became = attending.outcomes(session, rows, now)
    return tuple(_card(live, viewer, now, became.get(live.id)) for live in rows)


def _card(
    live: LiveClass, viewer: Viewer, now: datetime, became: Outcome | None
) -> views.ClassCard:
    stands = standing(live, now)
    coming = coming_in_order(live)
    return views.ClassCard(
        id=live.id,
        title=live.title,
        subject=live.subject,
        mode=live.mode,
        purpose=live.purpose,
        standing=stands,
        answer=mine.answer_of(live, viewer) if stands in _TO_COME else "",
        begins_at=live.begins_at,
        ends_at=live.ends_at,
        teacher=live.teacher.name,
        school=live.school.name,
        rooms=tuple(f"{seat.room.school.name} {seat.room.name}" for seat in coming),
        declined=len(live.seats) - len(coming),
        is_mine=takes_part(live, viewer),
        cancelled_because=live.cancelled_because,
        outcome=in_lists(became),
    )


def asked(waiting: Sequence[LiveClass]) -> views.Asked:
    """One class that waits for an answer, or those of a series in their order."""
    first, regular = waiting[0], rhythm([live.begins_at for live in waiting])
    if regular is None:
        return views.Asked(first.begins_at, first.begins_at, first.ends_at, len(waiting))
    one = next(live for live in waiting if live.begins_at == regular.begins)
    return views.Asked(first.begins_at, one.begins_at, one.ends_at, len(waiting), regular.weeks)


def door(live: LiveClass, viewer: Viewer, now: datetime) -> views.Door | None:
    """The way in; None when the class is over, and for a room's device, which goes by itself."""
    over = {Standing.ENDED, Standing.CANCELLED, Standing.MISSED}
    who = who_is(viewer, live)
    if standing(live, now) in over or who is None or who.role is Role.ROOM:
        return None
    where = moment_of(live, now)
    if who.role is Role.LEAD:
        # She prepares whenever she likes.
        return views.Door("lead", f"/classes/{live.id}/lead", True)
    return views.Door(_WATCHES[who.role], f"/classes/{live.id}/watch", where.may_join)
