"""What officers are asked and what they say, as the API shows it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from tongke.library.models import Resource, Review
from tongke.library.resources import ReviewState


class ReviewOut(BaseModel):
    """What is asked of officers: `waiting` as long as one of them has not decided."""

    state: Literal["none", "waiting", "returned", "approved"]
    audience: list[str] = []
    comment: str = ""


class AskedOut(BaseModel):
    """One thing that officers were asked: for which audience, who decides it (an office, never a
    person), and what they said."""

    id: int
    audience: str
    reviewer: str
    state: ReviewState
    comment: str
    asked_at: datetime
    decided_at: datetime | None


def review_out(resource: Resource) -> ReviewOut:
    """The newest word of the officers, waiting before decided."""
    waiting = [r for r in resource.reviews if r.state == ReviewState.WAITING]
    if waiting:
        return ReviewOut(state="waiting", audience=[r.token for r in waiting])
    if not resource.reviews:
        return ReviewOut(state="none")
    last = max(resource.reviews, key=lambda r: (r.decided_at or r.asked_at, r.id))
    returned = last.state == ReviewState.RETURNED
    return ReviewOut(
        state="returned" if returned else "approved", audience=[last.token], comment=last.comment
    )


def asked_out(row: Review, offices: Mapping[str, str]) -> AskedOut:
    return AskedOut(
        id=row.id,
        audience=row.token,
        reviewer=offices[row.region_code],
        state=ReviewState(row.state),
        comment=row.comment,
        asked_at=row.asked_at,
        decided_at=row.decided_at,
    )
