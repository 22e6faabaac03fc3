"""What the tests of the library begin with: viewers by name, uploads, resources to be seen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.services.house import show
from tongke.library import reviews, uploads
from tongke.library.models import OutboxEntry, Resource, ResourceToken, Review, Upload
from tongke.people.audience import Viewer
from tongke.people.queries import viewer_of

KEEP_DAYS = 7


def approve(world: World, officer: Viewer, review_id: int, comment: str = "") -> None:
    """By an officer who has just read it."""
    read = _as_it_is(world, review_id)
    reviews.approve(world.session, officer, review_id, read, comment)


def send_back(world: World, officer: Viewer, review_id: int, comment: str) -> None:
    reviews.send_back(world.session, officer, review_id, _as_it_is(world, review_id), comment)


def _as_it_is(world: World, review_id: int) -> datetime | None:
    review = world.session.get(Review, review_id)
    return review.resource.updated_at if review else None


@dataclass(frozen=True)
class World:
    """One transaction over the small province."""

    session: Session
    ids: dict[str, int]
    url: str = ""

    def viewer(self, name: str) -> Viewer:
        found = viewer_of(self.session, self.ids[name])
        assert found is not None
        return found

    def begin(self, author: str, audience: Collection[str] = (), **said: str) -> Upload:
        metadata = {"filename": "课.mp4", "audience": " ".join(audience), **said}
        return uploads.begin(self.session, self.viewer(author), metadata, "raw", 8, KEEP_DAYS)

    def make(self, author: str, audience: Collection[str] = (), **said: str) -> Resource:
        """A resource that is still being checked."""
        found = uploads.finish(self.session, self.begin(author, audience, **said).id)
        assert found is not None
        return found

    def publish(self, author: str, audience: Collection[str] = (), **said: str) -> Resource:
        """A resource that can be watched."""
        made = self.make(author, audience, **said)
        show(self.session, made)
        return made

    def tokens(self, resource: Resource) -> set[str]:
        query = select(ResourceToken.token).where(ResourceToken.resource_id == resource.id)
        return set(self.session.scalars(query))

    def announced(self) -> list[int]:
        """The resources in the outbox, in its order."""
        return list(self.session.scalars(select(OutboxEntry.resource_id).order_by(OutboxEntry.id)))

    def review(self, resource: Resource) -> Review:
        self.session.refresh(resource, ["reviews"])
        (review,) = resource.reviews
        return review

    def me(self, name: str) -> str:
        return f"user:{self.ids[name]}"

    def gone(self, model: type[Any], key: object) -> bool:
        self.session.expire_all()
        return self.session.get(model, key) is None
