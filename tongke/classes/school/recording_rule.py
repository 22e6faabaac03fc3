"""What a recording may show of the pupils' rooms, and whom it is for: a school's rule, said before
each class and kept with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from tongke.classes.invited import invitable
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

    def shows_more_than(self, other: RecordingRule) -> bool:
        """Whether it shows or gives to hear what the other does not."""
        seen = self.rooms_seen and not other.rooms_seen
        return seen or (self.rooms_heard and not other.rooms_heard)


def of_school(session: Session, school_id: int) -> RecordingRule:
    """A school's rule: what its classes are booked with where nobody says otherwise."""
    return RecordingRule.of(session.get_one(School, school_id).recording_rule)


def audience_of_school(session: Session, viewer: Viewer, school_id: int) -> frozenset[str]:
    """Whom a school's recordings are for besides those who take part, where nobody says otherwise:
    as far as who books may invite them today."""
    kept = session.get_one(School, school_id).recording_audience
    return invitable(session, viewer, school_id, kept)


def set_rule(
    session: Session,
    viewer: Viewer,
    school_id: int,
    rule: RecordingRule,
    audience: Collection[str],
) -> None:
    """What is booked already keeps its own. Whom one may not invite is left out. Raises Forbidden:
    not its administrator."""
    if school_id not in viewer.administers:
        raise Forbidden
    school = session.get_one(School, school_id)
    school.recording_rule = rule.stored()
    school.recording_audience = sorted(invitable(session, viewer, school_id, audience))
