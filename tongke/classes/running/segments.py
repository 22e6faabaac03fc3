"""The rows of a class's segments: their numbers, and what is made anew."""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from tongke.classes.models import LiveSegment


def next_sequence(session: Session, class_id: int, rendition: str, wanted: int) -> int:
    """The number that a segment gets: its own, or, filled in when the class has ended, one that
    is free behind all others."""
    if session.get(LiveSegment, (class_id, rendition, wanted)) is None:
        return wanted
    last = session.scalar(
        select(func.max(LiveSegment.sequence)).where(
            LiveSegment.class_id == class_id, LiveSegment.rendition == rendition
        )
    )
    return (last or 0) + 1


def forget_stretch(
    session: Session, class_id: int, rendition: str, began_us: int, until_us: int
) -> None:
    """What is made anew takes the place of what began in its time."""
    session.execute(
        delete(LiveSegment).where(
            LiveSegment.class_id == class_id,
            LiveSegment.rendition == rendition,
            LiveSegment.began_us >= began_us,
            LiveSegment.began_us < until_us,
        )
    )
