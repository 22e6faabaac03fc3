"""Resources, jobs and media as the API shows them, and how they are made from the tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from services.http.api import Body
from services.http.language import Language, say
from services.library.review_schemas import AskedOut, ReviewOut, asked_out, review_out
from tongke.library import eta, jobs
from tongke.library.fields import Grade, Short, Summary, Title, Token
from tongke.library.jobs import JobState
from tongke.library.models import Asset, Job, JobStep, Resource
from tongke.library.resources import ReviewState, may_delete, may_edit
from tongke.library.vocabulary import DownloadKind, Kind, Stage, State, Subject
from tongke.people.audience import Viewer, is_by_rule


class Named(BaseModel):
    id: int
    name: str


class FailureOut(BaseModel):
    code: str
    message: str
    remedy: str
    may_retry: bool


class ProgressOut(BaseModel):
    """Of the step that a worker has in hand; there is none while the next one waits for its turn.
    `percent` is of the step; `eta_s` seconds until the step is done, where known."""

    step: str
    percent: float
    eta_s: float | None = None


class MayOut(BaseModel):
    """What this viewer may do with it."""

    edit: bool
    delete: bool
    review: bool


class ResourceOut(BaseModel):
    """A resource as its viewer sees it. Times are UTC; sizes bytes; lengths seconds."""

    id: int
    kind: Kind
    title: str
    summary: str
    stage: str
    grade: str
    subject: str
    edition: str
    unit: str
    lesson: str
    school: Named | None
    author: Named
    audience: list[str]
    review: ReviewOut
    # All that was asked, the oldest first; `review` is where it stands.
    reviews: list[AskedOut]
    state: State
    viewable: bool
    medium: str | None
    duration_s: float | None
    size_bytes: int
    views: int
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    poster: str | None
    may: MayOut
    failure: FailureOut | None = None
    progress: ProgressOut | None = None
    job_id: int | None = None


# What is shown as the table has it.
COLUMNS = (
    "id", "kind", "title", "summary", "stage", "grade", "subject", "edition", "unit", "lesson",
    "medium", "duration_s", "size_bytes", "views", "created_at", "updated_at", "published_at",
)  # fmt: skip


class ResourceChanges(Body):
    """Fields to change; what is absent stays. `audience` replaces what was asked for."""

    kind: Kind | None = None
    title: Title | None = None
    summary: Summary | None = None
    stage: Stage | Literal[""] | None = None
    grade: Grade | None = None
    subject: Subject | Literal[""] | None = None
    edition: Annotated[Short, Field(max_length=60)] | None = None
    unit: Short | None = None
    lesson: Short | None = None
    audience: list[Token] | None = None


class StepOut(BaseModel):
    name: str
    state: str
    percent: float
    attempts: int


class JobOut(BaseModel):
    id: int
    state: JobState
    step: str | None
    percent: float
    eta_s: float | None
    reason: FailureOut | None
    may_retry: bool
    created_at: datetime
    steps: list[StepOut]


class RenditionOut(BaseModel):
    name: str
    width: int
    height: int
    bandwidth: int


class DownloadOut(BaseModel):
    """Something to take along: a picture with sound, the sound alone, a document, or (to its
    author) the file as it was uploaded."""

    kind: DownloadKind
    name: str
    url: str
    bytes: int


class PageOut(BaseModel):
    """A page of a document as pictures; `text` is the address of its text layer."""

    number: int
    width: int
    height: int
    small: str
    large: str
    text: str


class MediaOut(BaseModel):
    """Where everything made of a resource is. `growing`: more may come, so ask again;
    `position_s`: where this person stopped."""

    state: State
    growing: bool
    medium: str | None
    duration_s: float | None
    hls: str | None
    sound: str | None
    poster: str | None
    storyboard: str | None
    renditions: list[RenditionOut]
    downloads: list[DownloadOut]
    pages: list[PageOut]
    html: str | None
    position_s: float


def media_url(resource_id: int, name: str) -> str:
    return f"/media/{resource_id}/{name}"


def asset_url(asset: Asset, name: str | None = None) -> str:
    return media_url(asset.resource_id, f"{asset.prefix}{name or asset.name}")


def failure_out(job: Job, language: Language, *, mine: bool) -> FailureOut | None:
    failure = jobs.failure_of(job)
    if failure is None:
        return None
    return FailureOut(
        code=failure.code,
        message=say(failure.message, language),
        remedy=say(failure.remedy, language),
        may_retry=mine and failure.may_retry,
    )


def resource_out(
    resource: Resource,
    viewer: Viewer,
    language: Language,
    poster: Asset | None,
    job: Job | None,
    offices: Mapping[str, str],
) -> ResourceOut:
    """A resource for a viewer. How it is being made, and who else sees it, only its author and
    those who decide about it are told. `offices` are the names of those who decide, by region."""
    mine, inside = may_edit(viewer, resource), is_inside(viewer, resource)
    return ResourceOut(
        **{name: getattr(resource, name) for name in COLUMNS},
        school=Named(id=resource.school.id, name=resource.school.name) if resource.school else None,
        author=Named(id=resource.author.id, name=resource.author.name),
        audience=_chosen(resource) if inside else [],
        review=review_out(resource) if inside else ReviewOut(state="none"),
        reviews=[asked_out(row, offices) for row in resource.reviews] if inside else [],
        state=state_told(resource, inside),
        viewable=resource.viewable_at is not None,
        poster=asset_url(poster) if poster else None,
        may=MayOut(
            edit=mine, delete=may_delete(viewer, resource), review=_decides(viewer, resource)
        ),
        failure=failure_out(job, language, mine=mine) if job and inside else None,
        progress=progress_out(job) if job and inside else None,
        job_id=job.id if job and inside else None,
    )


def _chosen(resource: Resource) -> list[str]:
    """Whom it was published to; who else has it by rule cannot be asked for."""
    return sorted(grant.token for grant in resource.grants if not is_by_rule(grant.token))


def is_inside(viewer: Viewer, resource: Resource) -> bool:
    """Who is told how a resource is made: its author, and those who decide about it."""
    return may_edit(viewer, resource) or may_delete(viewer, resource) or _decides(viewer, resource)


def state_told(resource: Resource, inside: bool) -> State:
    """To all others what they see is published."""
    return State(resource.state) if inside else State.PUBLISHED


def progress_out(job: Job) -> ProgressOut | None:
    step = jobs.running_step(job)
    if step is None:
        return None
    return ProgressOut(step=step.name, percent=step.percent, eta_s=eta.seconds_left(job))


def job_out(job: Job, language: Language, *, mine: bool) -> JobOut:
    step = jobs.next_step(job)
    failure = failure_out(job, language, mine=mine)
    return JobOut(
        id=job.id,
        state=JobState(job.state),
        step=step.name if step else None,
        percent=step.percent if step else 100.0,
        eta_s=eta.seconds_left(job),
        reason=failure,
        may_retry=failure is not None and failure.may_retry,
        created_at=job.created_at,
        steps=[_step_out(step) for step in job.steps],
    )


def page_out(asset: Asset) -> PageOut:
    details: Mapping[str, str | int] = asset.details
    return PageOut(
        number=asset.number,
        width=int(details["width"]),
        height=int(details["height"]),
        small=asset_url(asset, str(details["small"])),
        large=asset_url(asset, str(details["large"])),
        text=asset_url(asset, str(details["text"])),
    )


def _step_out(step: JobStep) -> StepOut:
    return StepOut(name=step.name, state=step.state, percent=step.percent, attempts=step.attempts)


def _decides(viewer: Viewer, resource: Resource) -> bool:
    return resource.author_id != viewer.account_id and any(
        review.state == ReviewState.WAITING and review.region_code in viewer.reviews
        for review in resource.reviews
    )
