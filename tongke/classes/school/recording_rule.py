"""What a recording may show of the pupils' rooms: a school's rule, said before each class and kept
with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from tongke.errors import Forbidden
from tongke.people.audience import Viewer
from tongke.people.models import School


@dataclass(frozen=True)
class RecordingRule:
    """Whether receiving rooms are seen and heard in the recording. A recording is the lesson as it
    went out, so where nobody has said otherwise they are."""

    rooms_seen: bool = True
    rooms_heard: bool = True

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> RecordingRule:
        """As a class or a school keeps it; what it does not say is as by default."""
        return cls(
            rooms_seen=bool(stored.get("rooms_seen", True)),
            rooms_heard=bool(stored.get("rooms_heard", True)),
        )

    def stored(self) -> dict[str, bool]:
        return asdict(self)


def of_school(session: Session, school_id: int) -> RecordingRule:
    """A school's rule: what its classes are booked with where nobody says otherwise."""
    return RecordingRule.of(session.get_one(School, school_id).recording_rule)


def set_rule(session: Session, viewer: Viewer, school_id: int, rule: RecordingRule) -> None:
    """What is booked already keeps its own. Raises Forbidden: not its administrator."""
    if school_id not in viewer.administers:
        raise Forbidden
    session.get_one(School, school_id).recording_rule = rule.stored()
