"""Resources as pages show them, made from the tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.http.language import Language
from services.library import audiences, media
from services.library.schemas import asset_url
from services.web import views
from tongke.library import eta, jobs, queries
from tongke.library.models import Asset, Job, Resource, Review, WatchPosition
from tongke.library.resources import ReviewState, may_delete, may_edit
from tongke.library.vocabulary import AssetRole
from tongke.people.audience import Viewer


def cards(session: Session, viewer: Viewer, rows: Sequence[Resource]) -> list[views.Card]:
    """Cards of these resources, in as many queries as of one."""
    if not rows:
        return []
    ids = [row.id for row in rows]
    pictures = queries.pictures(session, ids, AssetRole.POSTER, AssetRole.STORYBOARD)
    posters, storyboards = pictures[AssetRole.POSTER], pictures[AssetRole.STORYBOARD]
    pages = _page_counts(session, ids)
    positions = _positions(session, viewer, ids)
    return [
        views.Card(
            id=row.id,
            kind=row.kind,
            title=row.title,
            medium=row.medium,
            school=row.school.name if row.school else "",
            author=row.author.name,
            when=row.published_at or row.viewable_at or row.created_at,
            size_bytes=row.size_bytes,
            duration_s=row.duration_s,
            pages=pages.get(row.id),
            poster=asset_url(posters[row.id]) if row.id in posters else None,
            poster_set=_widths(posters[row.id]) if row.id in posters else None,
            storyboard=asset_url(storyboards[row.id]) if row.id in storyboards else None,
            views=row.views,
            position_s=positions.get(row.id, 0.0),
        )
        for row in rows
    ]


def progress(row: Resource, job: Job | None, *, mine: bool) -> views.Progress:
    """How far the work is; a job of one's own can be tried again where that may help."""
    step = jobs.running_step(job) if job else None
    failure = jobs.failure_of(job) if job else None
    return views.Progress(
        state=row.state,
        step=step.name if step else None,
        percent=step.percent if step else 0.0,
        eta_s=eta.seconds_left(job) if job else None,
        failure=failure,
        retry_job_id=job.id if job and mine and failure and failure.may_retry else None,
    )


def resource_view(
    session: Session, viewer: Viewer, row: Resource, language: Language
) -> views.Resource:
    """A resource for its own page. Who else sees it is for its author and its school only."""
    mine = may_edit(viewer, row)
    inside = mine or may_delete(viewer, row)
    poster = queries.posters(session, [row.id]).get(row.id)
    return views.Resource(
        id=row.id,
        kind=row.kind,
        title=row.title,
        school=row.school.name if row.school else "",
        author=row.author.name,
        medium=row.medium,
        filename=row.filename,
        size_bytes=row.size_bytes,
        created_at=row.created_at,
        published_at=row.published_at or row.viewable_at,
        summary=row.summary,
        stage=row.stage,
        grade=row.grade,
        subject=row.subject,
        edition=row.edition,
        unit=row.unit,
        lesson=row.lesson,
        duration_s=row.duration_s,
        poster=asset_url(poster) if poster else None,
        views=row.views,
        audience=audiences.labels(session, granted(row), language) if inside else None,
        reviews=review_views(session, row, language) if inside else (),
        may_edit=mine,
        may_delete=inside,
    )


def granted(row: Resource) -> list[str]:
    """What it is published to, besides its author."""
    mine = f"user:{row.author_id}"
    return sorted(grant.token for grant in row.grants if grant.token != mine)


def returned(row: Resource) -> list[str]:
    """The audiences that officers sent back, and that nobody asked for again."""
    return [review.token for review in _holding(row) if review.state == ReviewState.RETURNED]


def _holding(row: Resource) -> list[Review]:
    """The newest review of each audience, as `queries.holds` has it."""
    newest = {review.token: review for review in row.reviews}
    out = granted(row)
    return [
        review
        for token, review in newest.items()
        if not (review.state == ReviewState.RETURNED and token in out)
    ]


def review_views(session: Session, row: Resource, language: Language) -> tuple[views.Review, ...]:
    """The officers' words on a resource, the newest of each audience."""
    found = _holding(row)
    names = audiences.labels(session, [review.token for review in found], language)
    codes = [review.region_code for review in found]
    deciders = audiences.bureaus(session, codes, language)
    out = granted(row)
    return tuple(
        views.Review(
            state=review.state,  # type: ignore[arg-type]  # the column holds these words
            audience=name,
            reviewer=deciders[review.region_code],
            comment=review.comment,
            again=review.state == ReviewState.WAITING and review.token in out,
        )
        for review, name in zip(found, names, strict=True)
    )


def downloads(row: Resource, kept: Iterable[Asset], viewer: Viewer) -> tuple[views.Download, ...]:
    """The copies to take along, as pages show them."""
    return tuple(
        views.Download(found.name, found.url, found.bytes, found.kind)
        for found in media.downloads(row, list(kept), viewer)
    )


def _widths(poster: Asset) -> str | None:
    """The poster's sizes as `srcset` says them. What was made before there were two has none."""
    sizes = poster.details
    if "small" not in sizes:
        return None
    small = f"{asset_url(poster, sizes['small'])} {sizes['small_width']}w"
    return f"{small}, {asset_url(poster)} {sizes['width']}w"


def _page_counts(session: Session, ids: Sequence[int]) -> dict[int, int]:
    query = (
        select(Asset.resource_id, func.count())
        .where(Asset.resource_id.in_(ids), Asset.role == AssetRole.PAGE)
        .group_by(Asset.resource_id)
    )
    return dict(session.execute(query).all())


def _positions(session: Session, viewer: Viewer, ids: Sequence[int]) -> dict[int, float]:
    query = select(WatchPosition.resource_id, WatchPosition.seconds).where(
        WatchPosition.account_id == viewer.account_id, WatchPosition.resource_id.in_(ids)
    )
    return dict(session.execute(query).all())
