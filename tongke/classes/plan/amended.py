"""What a change of one class does to the others of its series. Pure.

A partner names its own teacher week by week, and a week may have a title or slides of its own. So
it is not the class as it is wanted that is carried over, only what is otherwise in it than in the
class as it stood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from tongke.classes.models import LiveClass
from tongke.classes.plan.booking import Wanted
from tongke.classes.school.recording_rule import RecordingRule
from tongke.classes.times.timetable import Slot

_WHOLE: Final = ("title", "mode", "purpose", "teacher_id", "room_id", "subject", "grade")

T = TypeVar("T")
Seats = tuple[tuple[int, int | None], ...]


@dataclass(frozen=True)
class Booked(Wanted):
    """A class as it stands, or as it will: nothing of it is left to the school's rule."""

    audience: frozenset[str] = frozenset()
    recording: RecordingRule = field(default_factory=RecordingRule)


@dataclass(frozen=True)
class Amended:
    """A class with what it was and what it is to be."""

    live: LiveClass
    before: Booked
    wanted: Booked

    @property
    def moved(self) -> bool:
        return _times(self.before) != _times(self.wanted)

    @property
    def widened(self) -> bool:
        """Whether its recording shows more of the rooms than it did, or is for more people."""
        more = self.wanted.recording.shows_more_than(self.before.recording)
        return more or not self.wanted.audience <= self.before.audience

    @property
    def only_moved(self) -> bool:
        begins_at, ends_at = _times(self.before)
        return replace(self.wanted, begins_at=begins_at, ends_at=ends_at) == self.before


def booked(live: LiveClass, invited: frozenset[str]) -> Booked:
    """A class as it stands. `invited`: whom its booker invited besides."""
    return Booked(
        title=live.title,
        mode=live.mode,
        purpose=live.purpose,
        begins_at=live.begins_at,
        ends_at=live.ends_at,
        teacher_id=live.teacher_id,
        school_id=live.school_id,
        room_id=live.room_id,
        seats=tuple((seat.room_id, seat.teacher_id) for seat in live.seats),
        subject=live.subject,
        grade=live.grade,
        audience=invited,
        materials=tuple(material.resource_id for material in live.materials),
        recording=RecordingRule.of(live.recording_rule),
    )


def filled(wanted: Wanted, before: Booked) -> Booked:
    """A class as it is wanted; what is left open stays as it was, and so does its school."""
    said = {name: value for name, value in vars(wanted).items() if value is not None}
    return replace(before, **(said | {"room_id": wanted.room_id, "school_id": before.school_id}))


def carried(before: Booked, wanted: Booked, other: Booked, begins_at: datetime) -> Booked:
    """Another class of the series, that will begin at `begins_at`, with what `wanted` has otherwise
    than `before`."""
    changed: dict[str, Any] = {
        name: getattr(wanted, name)
        for name in _WHOLE
        if getattr(wanted, name) != getattr(before, name)
    }
    room_id = changed.get("room_id", other.room_id)
    seats = _seats(dict(before.seats), dict(wanted.seats), other.seats)
    return replace(
        other,
        **changed,
        begins_at=begins_at,
        ends_at=begins_at + _length(before, wanted, other),
        # The room from which it is given receives nothing.
        seats=tuple(seat for seat in seats if seat[0] != room_id),
        audience=_carried_set(before.audience, wanted.audience, other.audience),
        materials=_materials(before.materials, wanted.materials, other.materials),
        recording=_recording(before.recording, wanted.recording, other.recording),
    )


def occupied(before: Slot, wanted: Slot, other: Slot, begins_at: datetime) -> Slot:
    """The same of the rooms and teachers that are taken, as far as those can tell."""
    return replace(
        other,
        begins_at=begins_at,
        ends_at=begins_at + _length(before, wanted, other),
        rooms=_carried_set(before.rooms, wanted.rooms, other.rooms),
        teachers=_carried_set(before.teachers, wanted.teachers, other.teachers),
    )


def _times(of: Wanted) -> tuple[datetime, datetime]:
    return of.begins_at, of.ends_at


def _length(before: Wanted | Slot, wanted: Wanted | Slot, other: Wanted | Slot) -> timedelta:
    was, lasts, others = (each.ends_at - each.begins_at for each in (before, wanted, other))
    return others if lasts == was else lasts


def _carried_set(before: frozenset[T], wanted: frozenset[T], other: frozenset[T]) -> frozenset[T]:
    return (other - (before - wanted)) | (wanted - before)


def _seats(before: dict[int, int | None], wanted: dict[int, int | None], other: Seats) -> Seats:
    """Rooms that went or came; and a teacher where the booker chose another. Who leaves it to the
    partner leaves what the partner has chosen."""
    kept = {room: beside for room, beside in other if room in wanted or room not in before}
    for room, beside in wanted.items():
        if room not in before:
            kept[room] = beside or kept.get(room)
        elif room in kept and beside != before[room] and (beside or kept[room] == before[room]):
            kept[room] = beside
    return tuple(kept.items())


def _materials(
    before: Sequence[int], wanted: Sequence[int], other: Sequence[int]
) -> tuple[int, ...]:
    if other == before:
        # In the new order, too.
        return tuple(wanted)
    gone = set(before) - set(wanted)
    new = [number for number in wanted if number not in before]
    return tuple(dict.fromkeys([*(number for number in other if number not in gone), *new]))


def _recording(before: RecordingRule, wanted: RecordingRule, other: RecordingRule) -> RecordingRule:
    return RecordingRule(
        rooms_seen=_either(before.rooms_seen, wanted.rooms_seen, other.rooms_seen),
        rooms_heard=_either(before.rooms_heard, wanted.rooms_heard, other.rooms_heard),
    )


def _either(before: bool, wanted: bool, other: bool) -> bool:
    return other if wanted == before else wanted
