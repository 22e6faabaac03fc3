"""Home: what came, what is watched, today's classes, and what waits. It stands on the library, the
classes and the forms of lessons, and none of them on it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.orm import Session

from search.index import Sort
from services.classes.agenda import today
from services.http.call import Call
from services.library import audiences, cards
from services.web import views
from services.web.page import Pages, see_other, show
from tongke import clock
from tongke.library import queries, reviews, watching
from tongke.library.models import Resource, Review
from tongke.library.queries import ResourceFilter
from tongke.library.resources import ReviewState
from tongke.library.vocabulary import State
from tongke.observation import lists
from tongke.people.audience import RoleName, Viewer

pages = Pages()

DAYS: Final = 7
# A week of a province may bring thousands; the line of days needs only their number.
MOST_NEW: Final = 500
ON_HOME: Final = 4
TASKS: Final = 6
# Beyond this nobody counts any more what waits of a kind.
MOST_TASKS: Final = 100


@pages.get("/")
async def home(call: Call) -> web.StreamResponse:
    if call.viewer.has(RoleName.CLASSROOM):
        # A screen before pupils has one page, and nothing of a person's.
        return see_other("/room")
    return await show(call, await call.read(_home, call))


def _home(session: Session, call: Call) -> views.HomeView:
    viewer = call.viewer
    now = clock.now()
    since = now - timedelta(days=DAYS)
    came = queries.list_resources(
        session, viewer, ResourceFilter(since=since, viewable=True), limit=MOST_NEW
    )
    fresh = [row for row in came if row.author_id != viewer.account_id]
    newest = fresh[:1] or queries.list_resources(
        session, viewer, ResourceFilter(viewable=True), limit=1
    )
    begun = watching.begun(session, viewer, ON_HOME)
    partners = audiences.partners(session, viewer)
    received = ResourceFilter(
        school_ids=frozenset(p.id for p in partners) if partners else None, viewable=True
    )
    sent = queries.list_resources(session, viewer, received, limit=ON_HOME)
    waiting = _tasks(session, viewer)
    return views.HomeView(
        today=now,
        days=_days(fresh),
        newest=next(iter(cards.cards(session, viewer, newest)), None),
        watching=tuple(cards.cards(session, viewer, [row for row, _ in begun])),
        partner=partners[0].name if len(partners) == 1 else None,
        has_partners=bool(partners),
        received=tuple(cards.cards(session, viewer, sent)),
        received_total=queries.count_resources(session, viewer, received),
        received_url=_received_url([partner.name for partner in partners]),
        tasks=tuple(waiting[:TASKS]),
        task_total=len(waiting),
        lessons=today.lessons(session, viewer, now),
        notices=today.unread(session, call),
        in_reach=today.in_reach(session, viewer, now),
    )


def _received_url(schools: list[str]) -> str:
    query = {"sort": Sort.NEWEST.value, "school": schools}
    return f"/library?{urlencode(query, doseq=True)}"


def _days(fresh: list[Resource]) -> tuple[views.Day, ...]:
    """The last seven days, today last, with what they brought."""
    came = [
        ((row.viewable_at or row.created_at).astimezone(clock.CHINA).date(), row) for row in fresh
    ]
    counts = Counter(day for day, _ in came)
    first = {day: row.title for day, row in came}
    last = clock.today()
    line = [last - timedelta(days=back) for back in reversed(range(DAYS))]
    return tuple(views.Day(day, counts[day], first.get(day, "")) for day in line)


def _tasks(session: Session, viewer: Viewer) -> list[views.Task]:
    """What waits for this person: to decide, to go on with, to mend."""
    found = today.tasks(session, viewer, clock.now())
    for review in reviews.queue(session, viewer, limit=1):
        count = reviews.waiting(session, viewer)
        found.append(views.Task("review", review.resource.title, "/review", count=count))
    for form in lists.unanswered(session, viewer, limit=1):
        count = lists.waiting(session, viewer)
        url = f"/observations/{form.id}" if count == 1 else "/observations"
        title, by = form.live_class.title, form.account.name
        found.append(views.Task("reply", title, url, by, count=count))
    unfinished = queries.uploads_of(session, viewer)
    if unfinished:
        found.append(
            views.Task("unfinished", unfinished[0].filename, "/upload", count=len(unfinished))
        )
    failed = ResourceFilter(mine=True, state=State.FAILED)
    found += [
        views.Task("failed", row.title, f"/resources/{row.id}")
        for row in queries.list_resources(session, viewer, failed, limit=MOST_TASKS)
    ]
    found += [
        views.Task(
            "returned",
            review.resource.title,
            f"/resources/{review.resource_id}/edit",
            review.comment,
        )
        for review in _returned(session, viewer)
    ]
    return found


def _returned(session: Session, viewer: Viewer) -> list[Review]:
    """What officers sent back to this author. Submitted again, it waits for them."""
    query = (
        select(Review)
        .join(Resource)
        .where(
            Resource.author_id == viewer.account_id,
            # As everywhere: who left every school sees no work, the own ones included.
            queries.visible_to(viewer.tokens),
            Review.state == ReviewState.RETURNED,
            queries.holds(),
        )
        .order_by(Review.id.desc())
        .limit(MOST_TASKS)
    )
    return list(session.scalars(query))


def mount(app: web.Application) -> None:
    pages.mount(app)
