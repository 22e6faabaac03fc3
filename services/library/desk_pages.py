"""A person's own desk: home, my work, and the officer's queue."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.orm import Session

from search.index import Sort
from services.http.api import parse_id
from services.http.call import Call
from services.http.paging import PageQuery, cut
from services.library import audiences, cards
from services.live import today
from services.web import views
from services.web.page import Pages, done, form_values, show
from tongke import clock
from tongke.errors import Invalid, TongkeError
from tongke.library import queries, reviews
from tongke.library.models import Resource, Review
from tongke.library.queries import ResourceFilter
from tongke.library.resources import ReviewState
from tongke.library.reviews import ChangedMeanwhile
from tongke.library.vocabulary import State
from tongke.people.audience import Viewer

pages = Pages()

DAYS = 7
# A week of a province may bring thousands; the line of days needs only their number.
MOST_NEW = 500
ON_HOME = 4
TASKS = 6
WORKS = 20
SUBMISSIONS = 20


@pages.get("/")
async def home(call: Call) -> web.StreamResponse:
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
    watching = queries.watching(session, viewer, ON_HOME)
    partners = audiences.partners(session, viewer)
    received = ResourceFilter(school_ids=frozenset(p.id for p in partners), viewable=True)
    sent = queries.list_resources(session, viewer, received, limit=ON_HOME) if partners else fresh
    return views.HomeView(
        today=now,
        days=_days(fresh),
        newest=next(iter(cards.cards(session, viewer, newest)), None),
        watching=tuple(cards.cards(session, viewer, [row for row, _ in watching])),
        partner=partners[0].name if len(partners) == 1 else None,
        has_partners=bool(partners),
        received=tuple(cards.cards(session, viewer, sent[:ON_HOME])),
        received_total=(
            queries.count_resources(session, viewer, received) if partners else len(fresh)
        ),
        received_url=_received_url([partner.name for partner in partners]),
        tasks=tuple(_tasks(session, viewer)),
        lessons=today.lessons(session, viewer, now),
        notices=today.unread(session, call),
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
    unfinished = queries.uploads_of(session, viewer)
    if unfinished:
        found.append(
            views.Task("unfinished", unfinished[0].filename, "/upload", count=len(unfinished))
        )
    failed = ResourceFilter(mine=True, state=State.FAILED)
    found += [
        views.Task("failed", row.title, f"/resources/{row.id}")
        for row in queries.list_resources(session, viewer, failed, limit=TASKS)
    ]
    found += [
        views.Task(
            "returned" if review.state == ReviewState.RETURNED else "waiting",
            review.resource.title,
            f"/resources/{review.resource_id}",
            review.comment,
        )
        for review in _last_words(session, viewer)
    ]
    return found[:TASKS]


def _last_words(session: Session, viewer: Viewer) -> list[Review]:
    """Returned and waiting submissions of this author."""
    query = (
        select(Review)
        .join(Resource)
        .where(
            Resource.author_id == viewer.account_id,
            # As everywhere: who left every school sees no work, the own ones included.
            queries.visible_to(viewer.tokens),
            Review.state.in_([ReviewState.RETURNED, ReviewState.WAITING]),
            queries.last_word(),
        )
        .order_by(Review.state, Review.id.desc())
        .limit(TASKS)
    )
    return list(session.scalars(query))


# The tabs of my work, as filters.
TABS: dict[str, ResourceFilter] = {
    "all": ResourceFilter(mine=True),
    "working": ResourceFilter(mine=True, states=(State.CHECKING, State.PLAYABLE, State.ENCODING)),
    "failed": ResourceFilter(mine=True, state=State.FAILED),
    "waiting": ResourceFilter(mine=True, review=ReviewState.WAITING),
    "returned": ResourceFilter(mine=True, review=ReviewState.RETURNED),
    "published": ResourceFilter(mine=True, state=State.PUBLISHED, shared=True),
}


@pages.get("/mine")
async def mine(call: Call) -> web.StreamResponse:
    return await show(call, await call.read(_mine, call))


def _mine(session: Session, call: Call) -> views.MineView:
    viewer, request = call.viewer, call.request
    tab = request.query.get("tab", "all")
    tab = tab if tab in TABS else "all"
    after = PageQuery.of(request.query).after_id
    rows = queries.list_resources(session, viewer, TABS[tab], limit=WORKS + 1, before_id=after)
    rows, following = cut(rows, WORKS, lambda row: row.id)
    return views.MineView(
        tabs=tuple(
            views.Choice(
                name,
                "/mine" if name == "all" else f"/mine?tab={name}",
                name == tab,
                queries.count_resources(session, viewer, wanted),
            )
            for name, wanted in TABS.items()
        ),
        works=tuple(_works(session, call, rows)),
        unfinished=len(queries.uploads_of(session, viewer)),
        first_url=f"/mine?tab={tab}" if after is not None else None,
        next_url=f"/mine?tab={tab}&cursor={following}" if following else None,
    )


def _works(session: Session, call: Call, rows: list[Resource]) -> list[views.Work]:
    latest = queries.latest_jobs(session, [row.id for row in rows])
    drawn = cards.cards(session, call.viewer, rows)
    return [
        views.Work(
            card=card,
            progress=cards.progress(row, latest.get(row.id), mine=True),
            audience=audiences.labels(session, cards.granted(row), call.language),
            reviews=cards.review_views(session, row, call.language),
        )
        for row, card in zip(rows, drawn, strict=True)
    ]


@pages.get("/review")
async def review_queue(call: Call) -> web.StreamResponse:
    return await show(call, await call.read(_queue, call, None, views.Form()))


def _queue(session: Session, call: Call, kept_id: int | None, kept: views.Form) -> views.ReviewView:
    after = PageQuery.of(call.request.query).after_id if kept_id is None else kept_id - 1
    rows = reviews.queue(session, call.viewer, limit=SUBMISSIONS + 1, after_id=after)
    rows, following = cut(rows, SUBMISSIONS, lambda row: row.id)
    drawn = cards.cards(session, call.viewer, [row.resource for row in rows])
    names = audiences.labels(session, [row.token for row in rows], call.language)
    regions = audiences.regions(session, [row.region_code for row in rows])
    return views.ReviewView(
        submissions=tuple(
            views.Submission(
                id=row.id,
                card=card,
                audience=name,
                region=regions[row.region_code],
                asked_at=row.asked_at,
                updated_at=row.resource.updated_at,
                summary=row.resource.summary,
                again=row.token in cards.granted(row.resource),
                form=kept if row.id == kept_id else views.Form(),
            )
            for row, card, name in zip(rows, drawn, names, strict=True)
        ),
        total=reviews.waiting(session, call.viewer),
        first_url="/review" if after is not None else None,
        next_url=f"/review?cursor={following}" if following else None,
    )


@pages.post("/review/{id}/approve")
async def approve(call: Call) -> web.StreamResponse:
    review_id, _, read = await _decision(call)
    try:
        await call.write(reviews.approve, call.viewer, review_id, read)
    except ChangedMeanwhile as error:
        return await _look_again(call, review_id, views.Form({}, failure=error), error)
    return done("/review", "approved")


@pages.post("/review/{id}/return")
async def send_back(call: Call) -> web.StreamResponse:
    review_id, values, read = await _decision(call)
    try:
        await call.write(reviews.send_back, call.viewer, review_id, read, values.get("comment", ""))
    except Invalid as error:
        return await _look_again(call, review_id, views.Form(values, error.fields), error)
    except ChangedMeanwhile as error:
        return await _look_again(call, review_id, views.Form(values, failure=error), error)
    return done("/review", "returned")


async def _decision(call: Call) -> tuple[int, dict[str, str], datetime | None]:
    """Which, what was written, and the time of what was read; None fits nothing."""
    values = await form_values(call.request)
    try:
        read = datetime.fromisoformat(values.get("updated_at", ""))
    except ValueError:
        read = None
    return parse_id(call.request.match_info["id"]), values, read


async def _look_again(
    call: Call, review_id: int, form: views.Form, error: TongkeError
) -> web.StreamResponse:
    """The queue as it is now, with what was written and what is wrong with it."""
    view = await call.read(_queue, call, review_id, form)
    return await show(call, view, status=error.status)
