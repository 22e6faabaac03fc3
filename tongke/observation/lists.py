"""The forms that somebody wrote, and those of their own lessons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, selectinload

from tongke.classes.models import ClassToken, LiveClass
from tongke.observation.forms import FormState
from tongke.observation.models import Observation
from tongke.people.audience import Viewer

# Some years of a teacher's lessons.
MOST_LISTED: Final = 500


def written_by(session: Session, viewer: Viewer) -> Sequence[Observation]:
    """The forms somebody has begun or sent of classes that they may see, the newest first."""
    shown = select(ClassToken.class_id).where(ClassToken.token.in_(viewer.tokens))
    mine = Observation.account_id == viewer.account_id
    return _list(session, viewer, mine, Observation.class_id.in_(shown))


def has_written(session: Session, viewer: Viewer) -> bool:
    """Whether somebody has written any form, of classes too that they see no more."""
    mine = select(Observation.id).where(Observation.account_id == viewer.account_id)
    return session.scalars(mine.limit(1)).first() is not None


def unanswered(session: Session, viewer: Viewer, *, limit: int) -> Sequence[Observation]:
    """The forms of somebody's own lessons that wait for their answer, the newest first."""
    return _list(session, viewer, *_waits_for(viewer), limit=limit)


def waiting(session: Session, viewer: Viewer) -> int:
    """How many forms wait for somebody's answer."""
    return session.scalar(select(func.count(Observation.id)).where(*_waits_for(viewer))) or 0


def _waits_for(viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    sent = Observation.state == FormState.SENT
    return _of_lessons_of(viewer), sent, Observation.replied_at.is_(None)


def received_by(session: Session, viewer: Viewer) -> Sequence[Observation]:
    """The forms of somebody's own lessons, the newest first."""
    return _list(session, viewer, _of_lessons_of(viewer), Observation.state == FormState.SENT)


def _of_lessons_of(viewer: Viewer) -> ColumnElement[bool]:
    lessons = select(LiveClass.id).where(LiveClass.teacher_id == viewer.account_id)
    return Observation.class_id.in_(lessons)


def _list(
    session: Session, viewer: Viewer, *conditions: ColumnElement[bool], limit: int = MOST_LISTED
) -> list[Observation]:
    if not viewer.tokens:
        # As everywhere: who left every school sees nothing, their own included.
        return []
    query = (
        select(Observation)
        .where(*conditions)
        .options(selectinload(Observation.live_class), selectinload(Observation.account))
        .order_by(Observation.updated_at.desc(), Observation.id.desc())
        .limit(limit)
    )
    return list(session.scalars(query))
