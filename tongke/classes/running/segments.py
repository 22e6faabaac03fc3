"""The rows of a class's segments: their numbers, and what is made anew."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from tongke.classes import queries
from tongke.classes.models import LiveSegment
from tongke.live.filling import Stretch
from tongke.live.stream import Whole


def keep(session: Session, class_id: int, rendition: str, whole: Whole) -> None:
    """A segment is in the object store."""
    segment = whole.segment
    if queries.has_segment(session, class_id, rendition, segment.name):
        return
    session.add(
        LiveSegment(
            class_id=class_id,
            rendition=rendition,
            sequence=_next_sequence(session, class_id, rendition, segment.sequence),
            name=segment.name,
            map_name=segment.map_name,
            codecs=whole.codecs,
            began_us=whole.began_us,
            duration_us=whole.duration_us,
            size_bytes=len(whole.data),
            discontinuity=segment.discontinuity,
        )
    )


def replace(
    session: Session, class_id: int, rendition: str, window: Stretch, wholes: Sequence[Whole]
) -> None:
    """Let what was made anew of a window take the place of what was there, if it is more."""
    anew = [whole for whole in wholes if window.has(whole.began_us)]
    rows = queries.lesson(session, class_id, rendition)
    before_us = sum(row.duration_us for row in rows if window.has(row.began_us))
    if sum(whole.duration_us for whole in anew) <= before_us:
        return
    session.execute(
        delete(LiveSegment).where(
            LiveSegment.class_id == class_id,
            LiveSegment.rendition == rendition,
            LiveSegment.began_us >= window.began_us,
            LiveSegment.began_us < window.until_us,
        )
    )
    for whole in anew:
        keep(session, class_id, rendition, whole)
        session.flush()


def _next_sequence(session: Session, class_id: int, rendition: str, wanted: int) -> int:
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
