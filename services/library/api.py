"""Resources over JSON: lists, one, its media, its jobs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from services.http.api import Api, Body
from services.http.call import Call
from services.http.language import Language
from services.http.paging import Page, PageQuery, cut
from services.http.storable import Instant
from services.library import audiences
from services.library.media import media_of
from services.library.schemas import (
    JobOut,
    MediaOut,
    ResourceChanges,
    ResourceOut,
    job_out,
    resource_out,
)
from tongke.errors import Forbidden, NotFound
from tongke.library import jobs, queries, resources, reviews, watching
from tongke.library.models import Job, Resource
from tongke.library.queries import ResourceFilter
from tongke.library.vocabulary import Kind, State
from tongke.people.audience import Viewer

api = Api("resources")


class ResourceQuery(PageQuery):
    """Which resources: `mine=1` only my own; the newest first."""

    mine: bool = False
    kind: Kind | None = None
    state: State | None = None


class Position(Body):
    """Where a person is in a lesson, in seconds from its beginning."""

    seconds: Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]


class Jobs(BaseModel):
    items: list[JobOut]


class Decision(Body):
    """An officer's word on what was read: `updated_at` is the resource's, as it was shown; when its
    author has changed it since, this is refused with 409. A comment is asked for when something is
    returned."""

    decision: Literal["approve", "return"]
    updated_at: Instant
    comment: Annotated[str, Field(max_length=reviews.COMMENT_MAX)] = ""


class WaitingOut(BaseModel):
    """Something in an officer's queue: `audience` is the token that was asked for."""

    id: int
    audience: str
    resource: ResourceOut


@api.get("/resources", "Resources I may see, the newest first")
async def index(call: Call, query: ResourceQuery) -> Page[ResourceOut]:
    return await call.read(_page, call.viewer, call.language, query)


def _page(
    session: Session, viewer: Viewer, language: Language, query: ResourceQuery
) -> Page[ResourceOut]:
    wanted = ResourceFilter(query.mine, query.kind, query.state)
    rows = queries.list_resources(
        session, viewer, wanted, limit=query.limit + 1, before_id=query.after_id
    )
    rows, following = cut(rows, query.limit, lambda row: row.id)
    return Page(items=shown(session, viewer, language, rows), next=following)


def shown(
    session: Session, viewer: Viewer, language: Language, rows: list[Resource]
) -> list[ResourceOut]:
    """Resources as this viewer sees them, with posters and jobs, in as many queries as one."""
    ids = [row.id for row in rows]
    posters, latest = queries.posters(session, ids), queries.latest_jobs(session, ids)
    asked = {review.region_code for row in rows for review in row.reviews}
    offices = audiences.bureaus(session, asked, language) if asked else {}
    return [
        resource_out(row, viewer, language, posters.get(row.id), latest.get(row.id), offices)
        for row in rows
    ]


@api.get("/resources/{id}", "One resource")
async def show(call: Call, id: int) -> ResourceOut:
    return await call.read(_one, call.viewer, call.language, id)


def _one(session: Session, viewer: Viewer, language: Language, resource_id: int) -> ResourceOut:
    resource = queries.visible_resource(session, viewer, resource_id)
    return shown(session, viewer, language, [resource])[0]


@api.patch("/resources/{id}", "Change a resource of mine")
async def change(call: Call, id: int, body: ResourceChanges) -> ResourceOut:
    changes = body.model_dump(exclude_unset=True, exclude_none=True, mode="json")
    await call.write(resources.edit, call.viewer, id, changes)
    return await call.read(_one, call.viewer, call.language, id)


@api.delete("/resources/{id}", "Delete a resource; it can be restored for some days")
async def delete(call: Call, id: int) -> None:
    await call.write(resources.delete, call.viewer, id)


@api.post("/resources/{id}/restore", "Undo a deletion")
async def restore(call: Call, id: int) -> ResourceOut:
    await call.write(resources.restore, call.viewer, id)
    return await call.read(_one, call.viewer, call.language, id)


@api.get("/resources/{id}/media", "Where to watch, read or download it")
async def media(call: Call, id: int) -> MediaOut:
    return await call.read(media_of, call.viewer, id)


@api.put("/resources/{id}/position", "Remember where I stopped")
async def put_position(call: Call, id: int, body: Position) -> None:
    await call.write_alone(watching.keep_position, call.viewer, id, body.seconds)


@api.post("/resources/{id}/position", "The same, as a closing page sends it", status=204)
async def post_position(call: Call, id: int, body: Position) -> None:
    await call.write_alone(watching.keep_position, call.viewer, id, body.seconds)


@api.get("/resources/{id}/jobs", "The work on a resource, the newest first")
async def list_jobs(call: Call, id: int) -> Jobs:
    return await call.read(_jobs, call.viewer, call.language, id)


def _jobs(session: Session, viewer: Viewer, language: Language, resource_id: int) -> Jobs:
    resource = queries.visible_resource(session, viewer, resource_id)
    if not resources.may_delete(viewer, resource):
        raise Forbidden
    mine = resources.may_edit(viewer, resource)
    found = queries.jobs_of(session, resource_id)
    return Jobs(items=[job_out(job, language, mine=mine) for job in found])


@api.post("/jobs/{id}/retry", "Try failed work again")
async def retry(call: Call, id: int) -> JobOut:
    job = await call.write(retry_job, call.viewer, id)
    return job_out(job, call.language, mine=True)


def retry_job(session: Session, viewer: Viewer, job_id: int) -> Job:
    """Try a failed job of one's own resource again."""
    job = session.get(Job, job_id)
    if job is None:
        raise NotFound
    resource = queries.visible_resource(session, viewer, job.resource_id)
    if not resources.may_edit(viewer, resource):
        raise Forbidden
    jobs.retry(session, job_id)
    resources.settle(session, resource)
    return job


@api.get("/reviews", "What waits for my decision")
async def waiting(call: Call, query: PageQuery) -> Page[WaitingOut]:
    return await call.read(_waiting, call.viewer, call.language, query)


def _waiting(
    session: Session, viewer: Viewer, language: Language, query: PageQuery
) -> Page[WaitingOut]:
    rows = reviews.queue(session, viewer, limit=query.limit + 1, after_id=query.after_id)
    rows, following = cut(rows, query.limit, lambda row: row.id)
    views = shown(session, viewer, language, [row.resource for row in rows])
    return Page(
        items=[
            WaitingOut(id=row.id, audience=row.token, resource=view)
            for row, view in zip(rows, views, strict=True)
        ],
        next=following,
    )


@api.post("/reviews/{id}", "Approve it, or return it with a comment")
async def decide(call: Call, id: int, body: Decision) -> ResourceOut:
    return await call.write(_decide, call.viewer, call.language, id, body)


def _decide(
    session: Session, viewer: Viewer, language: Language, review_id: int, body: Decision
) -> ResourceOut:
    """What is decided upon is shown this once more: returned, it is out of the officer's sight."""
    command = reviews.approve if body.decision == "approve" else reviews.send_back
    resource = command(session, viewer, review_id, body.updated_at, body.comment)
    return shown(session, viewer, language, [resource])[0]
