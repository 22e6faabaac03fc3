"""A person's own desk: my work, and the officer's queue."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web
from sqlalchemy.orm import Session

from services.http.api import parse_id
from services.http.call import Call
from services.http.paging import PageQuery, cut
from services.library import audiences, cards
from services.web import views
from services.web.page import Pages, done, form_values, show
from tongke.errors import Invalid, TongkeError
from tongke.library import queries, reviews
from tongke.library.models import Resource
from tongke.library.queries import ResourceFilter
from tongke.library.resources import ReviewState
from tongke.library.reviews import ChangedMeanwhile
from tongke.library.vocabulary import State

pages = Pages()

WORKS = 20
SUBMISSIONS = 20


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
