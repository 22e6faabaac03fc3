"""The officers' queue: what is to go to a region or to everyone waits here for a decision.

It waits for an officer other than its author, who may hold both roles. What was let out once and
has been rewritten waits a second time (see `resources`): returned then, it is taken back.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, selectinload

from tongke import clock
from tongke.errors import Conflict, Forbidden, Invalid, NotFound, Text
from tongke.library.fields import plain_text
from tongke.library.models import Grant, Resource, Review
from tongke.library.resources import ReviewState, settle
from tongke.people.audience import Viewer

WHY_RETURNED = Text("请写明退回的原因，作者好照着改", "Say why, so that the author can mend it")
# A page of writing. The author reads it beside the work.
COMMENT_MAX = 2000
COMMENT_TOO_LONG = Text(
    f"请不要超过 {COMMENT_MAX} 个字", f"Write no more than {COMMENT_MAX} characters"
)


class AlreadyDecided(Conflict):
    code = "already-decided"
    message = Text("这一件已经有人处理过了", "Somebody has decided this already")
    remedy = Text("刷新看看结果", "Reload to see the outcome")


class ChangedMeanwhile(Conflict):
    """What would be decided upon is not what the officer read."""

    code = "changed-meanwhile"
    message = Text("作者刚改过", "The author has just changed it")
    remedy = Text("请再看一遍，然后决定", "Look at it again, then decide")


class OwnWork(Forbidden):
    """Letting one's own work out would make the officer's word worth nothing."""

    code = "own-work"
    message = Text("自己的作品不能由自己审核", "You cannot decide on your own work")
    remedy = Text(
        "请本地区的另一位审核人，或上级地区的审核人来办",
        "Another officer of the region, or one of a region above, can do it",
    )


def queue(
    session: Session, viewer: Viewer, *, limit: int, after_id: int | None = None
) -> list[Review]:
    """What waits for this officer, the oldest first; with the resource and its author."""
    if not viewer.reviews:
        return []
    query = (
        select(Review)
        .join(Resource)
        .where(*_waits_for(viewer))
        .options(selectinload(Review.resource).selectinload(Resource.author))
        .options(selectinload(Review.resource).selectinload(Resource.school))
        .options(selectinload(Review.resource).selectinload(Resource.grants))
        .order_by(Review.id)
        .limit(limit)
    )
    if after_id is not None:
        query = query.where(Review.id > after_id)
    return list(session.scalars(query))


def waiting(session: Session, viewer: Viewer) -> int:
    """How much waits for this officer."""
    if not viewer.reviews:
        return 0
    query = select(func.count()).select_from(Review).join(Resource).where(*_waits_for(viewer))
    return session.scalar(query) or 0


def _waits_for(viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    return (
        Review.state == ReviewState.WAITING,
        Review.region_code.in_(viewer.reviews),
        Resource.author_id != viewer.account_id,
        Resource.deleted_at.is_(None),
        Resource.viewable_at.is_not(None),
    )


def approve(
    session: Session, viewer: Viewer, review_id: int, read: datetime | None, comment: str = ""
) -> Resource:
    """Publish to what was asked for. `read` is the `updated_at` of what the officer was shown.

    Raises:
        NotFound, OwnWork, AlreadyDecided, ChangedMeanwhile, Invalid.
    """
    review = _open_review(session, viewer, review_id, read)
    _decide(review, viewer, ReviewState.APPROVED, comment)
    resource = review.resource
    if review.token not in {grant.token for grant in resource.grants}:
        resource.grants.append(Grant(token=review.token))
    settle(session, resource)
    return resource


def send_back(
    session: Session, viewer: Viewer, review_id: int, read: datetime | None, comment: str
) -> Resource:
    """Return it to the author with a comment, which is asked for; where it was out, no longer.

    Raises:
        NotFound, OwnWork, AlreadyDecided, ChangedMeanwhile, Invalid.
    """
    review = _open_review(session, viewer, review_id, read)
    if not plain_text(comment).strip():
        raise Invalid({"comment": WHY_RETURNED})
    _decide(review, viewer, ReviewState.RETURNED, comment)
    resource = review.resource
    resource.grants = [grant for grant in resource.grants if grant.token != review.token]
    settle(session, resource)
    return resource


def _open_review(session: Session, viewer: Viewer, review_id: int, read: datetime | None) -> Review:
    review = session.get(Review, review_id, with_for_update=True)
    if review is None or review.region_code not in viewer.reviews:
        raise NotFound
    if review.resource.deleted_at is not None or review.resource.viewable_at is None:
        raise NotFound
    if review.resource.author_id == viewer.account_id:
        raise OwnWork
    if review.state != ReviewState.WAITING:
        raise AlreadyDecided
    if review.resource.updated_at != read:
        raise ChangedMeanwhile
    return review


def _decide(review: Review, viewer: Viewer, state: ReviewState, comment: str) -> None:
    if len(comment) > COMMENT_MAX:
        raise Invalid({"comment": COMMENT_TOO_LONG})
    review.state = state
    review.comment = plain_text(comment).strip()
    review.decided_at = clock.now()
    review.decided_by = viewer.account_id
