"""What is asked of the library. Every query for a viewer goes through `visible_to`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from tongke.errors import NotFound
from tongke.library.models import (
    Asset,
    Grant,
    Job,
    Rendition,
    Resource,
    ResourceToken,
    Review,
    Upload,
)
from tongke.library.vocabulary import AssetRole, State
from tongke.people.audience import Viewer


def visible_to(tokens: frozenset[str]) -> ColumnElement[bool]:
    """The audience rule as a condition on `Resource`."""
    return exists().where(ResourceToken.resource_id == Resource.id, ResourceToken.token.in_(tokens))


def visible_resource(session: Session, viewer: Viewer, resource_id: int) -> Resource:
    """One resource, if this viewer may see it.

    Raises:
        NotFound: it is not there, or not for this viewer; the two look the same.
    """
    query = with_people(select(Resource)).where(
        Resource.id == resource_id, visible_to(viewer.tokens)
    )
    resource = session.scalars(query).one_or_none()
    if resource is None:
        raise NotFound
    return resource


def may_see(session: Session, viewer: Viewer, resource_id: int) -> bool:
    """The verdict alone, for media."""
    query = select(ResourceToken.resource_id).where(
        ResourceToken.resource_id == resource_id, ResourceToken.token.in_(viewer.tokens)
    )
    return session.scalars(query.limit(1)).first() is not None


@dataclass(frozen=True)
class ResourceFilter:
    """Which resources to list; None means any. `review` is the state of a review it has;
    `shared` are those that somebody besides their author sees."""

    mine: bool = False
    kind: str | None = None
    state: str | None = None
    states: tuple[str, ...] = ()
    since: datetime | None = None
    school_ids: frozenset[int] | None = None
    review: str | None = None
    unit: str | None = None
    subject: str | None = None
    viewable: bool = False
    shared: bool = False

    def conditions(self, viewer: Viewer) -> list[ColumnElement[bool]]:
        """What a row must meet, the audience rule first."""
        found: list[ColumnElement[bool]] = [visible_to(viewer.tokens)]
        equal = {
            Resource.kind: self.kind,
            Resource.unit: self.unit,
            Resource.subject: self.subject,
            Resource.author_id: viewer.account_id if self.mine else None,
        }
        found += [column == value for column, value in equal.items() if value is not None]
        if self.state is not None:
            found.append(_shown_in(viewer, self.state))
        if self.states:
            found.append(Resource.state.in_(self.states))
        if self.since:
            found.append(Resource.viewable_at >= self.since)
        if self.school_ids is not None:
            found.append(Resource.school_id.in_(self.school_ids))
        if self.review:
            found.append(Resource.reviews.any(and_(Review.state == self.review, holds())))
        if self.viewable:
            found.append(Resource.viewable_at.is_not(None))
        if self.shared:
            found.append(Resource.grants.any(Grant.token.not_like("user:%")))
        return found


def _shown_in(viewer: Viewer, state: str) -> ColumnElement[bool]:
    """In this state as the viewer is told: how a work is made is told its author and its school's
    administrators, to others it is published. A filter must not tell them more."""
    inside = or_(
        Resource.author_id == viewer.account_id, Resource.school_id.in_(viewer.administers)
    )
    told = and_(inside, Resource.state == state)
    return or_(told, not_(inside)) if state == State.PUBLISHED else told


def holds() -> ColumnElement[bool]:
    """Of a resource's reviews for one audience, the last: what came of the others is told in it.
    And not one that was returned, when it was let out since without asking (a trusted school)."""
    later = aliased(Review)
    decided_again = exists().where(
        later.resource_id == Review.resource_id,
        later.token == Review.token,
        later.id > Review.id,
    )
    is_out = exists().where(Grant.resource_id == Review.resource_id, Grant.token == Review.token)
    return not_(or_(decided_again, and_(Review.state == "returned", is_out)))


def list_resources(
    session: Session,
    viewer: Viewer,
    wanted: ResourceFilter,
    *,
    limit: int,
    before_id: int | None = None,
) -> list[Resource]:
    """Visible resources, the newest first; `before_id` goes on from an earlier page."""
    query = with_people(select(Resource)).where(*wanted.conditions(viewer))
    if before_id is not None:
        query = query.where(Resource.id < before_id)
    return list(session.scalars(query.order_by(Resource.id.desc()).limit(limit)))


def count_resources(session: Session, viewer: Viewer, wanted: ResourceFilter) -> int:
    """How many there are of these."""
    query = select(func.count()).select_from(Resource).where(*wanted.conditions(viewer))
    return session.scalar(query) or 0


def visible_by_ids(session: Session, viewer: Viewer, ids: Sequence[int]) -> list[Resource]:
    """The visible ones of these, in the order given: what the index found, as it is now."""
    query = with_people(select(Resource)).where(Resource.id.in_(ids), visible_to(viewer.tokens))
    found = {resource.id: resource for resource in session.scalars(query)}
    return [found[number] for number in ids if number in found]


def with_people(query: Select[Resource]) -> Select[Resource]:
    return query.options(
        joinedload(Resource.author),
        joinedload(Resource.school),
        selectinload(Resource.grants),
        selectinload(Resource.reviews),
    )


def latest_job(session: Session, resource_id: int) -> Job | None:
    query = select(Job).where(Job.resource_id == resource_id).order_by(Job.id.desc()).limit(1)
    return session.scalars(query).first()


def latest_jobs(session: Session, resource_ids: Sequence[int]) -> dict[int, Job]:
    """The newest job of each of these resources."""
    query = (
        select(Job)
        .where(Job.resource_id.in_(resource_ids))
        .options(selectinload(Job.steps))
        .order_by(Job.id)
    )
    return {job.resource_id: job for job in session.scalars(query)}


def jobs_of(session: Session, resource_id: int) -> list[Job]:
    query = (
        select(Job)
        .where(Job.resource_id == resource_id)
        .options(selectinload(Job.steps))
        .order_by(Job.id.desc())
    )
    return list(session.scalars(query))


def renditions(session: Session, resource_id: int) -> list[Rendition]:
    """The playable forms, the largest picture first, the sound last."""
    query = select(Rendition).where(Rendition.resource_id == resource_id)
    return sorted(session.scalars(query), key=lambda r: (-(r.height or 0), -r.bandwidth))


def assets(session: Session, resource_id: int) -> list[Asset]:
    query = select(Asset).where(Asset.resource_id == resource_id).order_by(Asset.role, Asset.number)
    return list(session.scalars(query))


def posters(session: Session, resource_ids: Sequence[int]) -> dict[int, Asset]:
    """The picture that stands for each of these, where one was made."""
    return pictures(session, resource_ids, AssetRole.POSTER)[AssetRole.POSTER]


def pictures(
    session: Session, resource_ids: Sequence[int], *roles: AssetRole
) -> dict[AssetRole, dict[int, Asset]]:
    """By role, of which a resource has at most one picture, and by resource."""
    query = select(Asset).where(Asset.resource_id.in_(resource_ids), Asset.role.in_(roles))
    found: dict[AssetRole, dict[int, Asset]] = {role: {} for role in roles}
    for asset in session.scalars(query):
        found[AssetRole(asset.role)][asset.resource_id] = asset
    return found


def uploads_of(session: Session, viewer: Viewer) -> list[Upload]:
    """A person's uploads that can still be gone on with, the newest first."""
    query = (
        select(Upload)
        .where(Upload.account_id == viewer.account_id, Upload.resource_id.is_(None))
        .order_by(Upload.created_at.desc())
    )
    return list(session.scalars(query))
