"""The classes of today and what waits about them, for home."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from services.classes.agenda.class_cards import asked, card, cards, door
from services.classes.agenda.notice_pages import row_of
from services.http.call import Call
from services.web import views
from tongke.classes.agenda import mine, notices
from tongke.classes.models import LiveClass
from tongke.classes.queries import is_named
from tongke.classes.running import patrol
from tongke.classes.running.patrol import PatrolState
from tongke.classes.standing import Standing, standing
from tongke.classes.times.week import day_of
from tongke.people.audience import Viewer

NOTICES = 3
_AHEAD = {Standing.ASKED, Standing.CONFIRMED, Standing.LATE, Standing.RUNNING}


def lessons(session: Session, viewer: Viewer, now: datetime) -> views.Today | None:
    """Somebody's classes of today, and the next of them; None on a day without any."""
    found = mine.held_between(session, viewer, *day_of(now))
    if not found:
        return None
    following = _following([each for each in found if standing(each, now) in _AHEAD], viewer)
    return views.Today(
        cards(session, found, viewer, now),
        None if following is None else _next(session, following, viewer, now),
    )


def _following(left: Sequence[LiveClass], viewer: Viewer) -> LiveClass | None:
    """The next of those that are left. A training that somebody may come to steps back behind a
    class of their own that begins before it is over."""
    first = next(iter(left), None)
    if first is None or is_named(first, viewer):
        return first
    own = (each for each in left if is_named(each, viewer) and each.begins_at < first.ends_at)
    return next(own, first)


def _next(session: Session, live: LiveClass, viewer: Viewer, now: datetime) -> views.NextLesson:
    seconds = (live.begins_at - now).total_seconds()
    return views.NextLesson(
        card(session, live, viewer, now),
        max(0, -int(-seconds // 60)),
        door(live, viewer, now),
    )


def tasks(session: Session, viewer: Viewer, now: datetime) -> list[views.Task]:
    """Classes that wait for an answer, in one line."""
    found = mine.to_confirm(session, viewer, now)
    if not found:
        return []
    (first, *_), count = found[0], sum(map(len, found))
    url = f"/classes/{first.id}"
    return [views.Task("confirm", first.title, url, count=count, asked=asked(found[0]))]


def in_reach(session: Session, viewer: Viewer, now: datetime) -> views.InReach | None:
    """What who may patrol looks at first; None where that is nothing."""
    if not viewer.may_patrol:
        return None
    found = patrol.counts(session, viewer, now)
    looked_at = (PatrolState.RUNNING, PatrolState.LATE, PatrolState.MISSED)
    running, late, missed = (found[state] for state in looked_at)
    return views.InReach(running, late, missed) if running or late or missed else None


def unread(session: Session, call: Call) -> tuple[views.NoticeRow, ...]:
    """The newest of what was told and not read."""
    rows = notices.listed(session, call.viewer.account_id, limit=NOTICES)
    return tuple(row_of(session, call, row) for row in rows if row.read_at is None)
