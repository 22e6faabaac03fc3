"""Classes as pages draw them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from services.web import views
from tongke.classes.after import attending
from tongke.classes.after.outcome import Outcome, in_lists
from tongke.classes.models import LiveClass
from tongke.classes.queries import room_of, seat_beside, takes_part
from tongke.classes.standing import Standing, standing
from tongke.classes.times.timetable import moment
from tongke.people.audience import Viewer


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
    return views.ClassCard(
        id=live.id,
        title=live.title,
        subject=live.subject,
        mode=live.mode,
        purpose=live.purpose,
        standing=standing(live, now),
        begins_at=live.begins_at,
        ends_at=live.ends_at,
        teacher=live.teacher.name,
        school=live.school.name,
        rooms=tuple(f"{seat.room.school.name} {seat.room.name}" for seat in live.seats),
        is_mine=takes_part(live, viewer.account_id),
        cancelled_because=live.cancelled_because,
        outcome=in_lists(became),
    )


def door(live: LiveClass, viewer: Viewer, now: datetime) -> views.Door | None:
    """The way in; None when the class is over, and for a room's device, which goes by itself."""
    over = {Standing.ENDED, Standing.CANCELLED, Standing.MISSED}
    if standing(live, now) in over or room_of(viewer, live) is not None:
        return None
    where = moment(now, live.begins_at, live.ends_at, live.started_at, live.ended_at)
    if live.teacher_id == viewer.account_id:
        # She prepares whenever she likes.
        return views.Door("lead", f"/classes/{live.id}/lead", True)
    beside = seat_beside(live, viewer.account_id) is not None
    url = f"/classes/{live.id}/watch"
    return views.Door("beside" if beside else "observe", url, where.may_join)
