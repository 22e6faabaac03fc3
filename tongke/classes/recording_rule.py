"""What a recording may show of the pupils' rooms: said before the class, and kept with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke.classes.models import LiveClass


@dataclass(frozen=True)
class RecordingRule:
    """Whether receiving rooms are seen and heard in the recording. A recording is the lesson as it
    went out, so where nobody has said otherwise they are."""

    rooms_seen: bool = True
    rooms_heard: bool = True

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> RecordingRule:
        """As a class keeps it; what it does not say is as by default."""
        return cls(
            rooms_seen=bool(stored.get("rooms_seen", True)),
            rooms_heard=bool(stored.get("rooms_heard", True)),
        )

    def stored(self) -> dict[str, bool]:
        return asdict(self)


def of_school(session: Session, school_id: int) -> RecordingRule:
    """A school's rule: that of the class it booked last."""
    last = (
        select(LiveClass.recording_rule)
        .where(LiveClass.school_id == school_id)
        .order_by(LiveClass.id.desc())
        .limit(1)
    )
    return RecordingRule.of(session.scalar(last) or {})
