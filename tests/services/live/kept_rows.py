"""What stands in the log of a class, row by row."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke.classes.models import ClassEvent


def kept_rows(session: Session, class_id: int) -> list[ClassEvent]:
    """In its order."""
    rows = select(ClassEvent).where(ClassEvent.class_id == class_id).order_by(ClassEvent.seq)
    return list(session.scalars(rows))
