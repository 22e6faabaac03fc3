"""Who was there, from when to when, and rooms with how many: worked out from a class's log. Who is
a room, by its number, or a teacher at a desk of her own in a training, by her account's.

Pure and replayable: the log is all there is, and the result is a function of what happened and
not of the order in which it was written down. The figures of the year and the .xlsx of a class
come from here, so what a thin line does to them is decided here, once:

- A room that drops and returns within a minute never left. Children do not leave the room
  because a router restarts.
- A device may be back before its old connection is missed. So a leaving within a second after
  such a second joining is the old connection's, and the room stays.
- Only what lies between the begin and the end of the class counts, but a drop across the bell
  is still one drop. The end is the lead's word in the log: rooms go when they hear it, and the
  service is through with the class some seconds after.
- Head counts are taken whenever they are taken, before the bell and after it too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from tongke.errors import Text

RETURNS_WITHIN: Final = timedelta(seconds=60)
# How far apart two processes, or two connections of one device, may note the same moment.
SAME_MOMENT: Final = timedelta(seconds=1)


class Why(StrEnum):
    """Why somebody is not there any more."""

    DROPPED = "dropped"
    LEFT = "left"
    REMOVED = "removed"


@dataclass(frozen=True)
class Joined:
    """Somebody has connected."""

    who: int
    at: datetime


@dataclass(frozen=True)
class Left:
    who: int
    at: datetime
    why: Why


@dataclass(frozen=True)
class HeadCount:
    """So many pupils are in the room, as the room or the lead counted."""

    who: int
    at: datetime
    count: int


@dataclass(frozen=True)
class Ended:
    """The lead has said that the class is over."""

    at: datetime


Told = Joined | Left | HeadCount
Event = Told | Ended


@dataclass(frozen=True)
class Interval:
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Attendee:
    """A room or a teacher in one class. Who never came has no intervals, and is not called late."""

    who: int
    class_begins_at: datetime
    class_ends_at: datetime
    intervals: tuple[Interval, ...]
    # Why they were gone for good before the end; None who stayed, or never came.
    gone: Why | None
    last_count: int | None
    greatest_count: int | None

    @property
    def seconds_present(self) -> float:
        return sum(_seconds(part.begins_at, part.ends_at) for part in self.intervals)

    @property
    def late_by_s(self) -> float | None:
        if not self.intervals:
            return None
        return _seconds(self.class_begins_at, self.intervals[0].begins_at)

    @property
    def left_early_s(self) -> float | None:
        if not self.intervals:
            return None
        return _seconds(self.intervals[-1].ends_at, self.class_ends_at)


def attendance(
    events: Iterable[Event],
    begins_at: datetime,
    ends_at: datetime,
    expected: Iterable[int] = (),
) -> list[Attendee]:
    """The attendance of everybody who was `expected` or is in the log, by their numbers.

    `begins_at` and `ends_at` are the class's, as it was held; of one that is running, `ends_at`
    is now, and who has not left is there until then. Where the log says that it ended, it ended
    then.
    """
    logs: defaultdict[int, list[Told]] = defaultdict(list)
    for event in events:
        if isinstance(event, Ended):
            ends_at = max(begins_at, min(ends_at, event.at))
        else:
            logs[event.who].append(event)
    return [_of(who, logs.get(who, []), begins_at, ends_at) for who in sorted({*expected, *logs})]


def _of(who: int, log: Sequence[Told], begins_at: datetime, ends_at: datetime) -> Attendee:
    stays = _stays([event for event in log if not isinstance(event, HeadCount)], ends_at)
    intervals = _within(_without_short_gaps(stays), begins_at, ends_at)
    early = bool(intervals) and intervals[-1].ends_at < ends_at
    counted = [event for event in log if isinstance(event, HeadCount)]
    counts = [event.count for event in sorted(counted, key=lambda event: (event.at, event.count))]
    return Attendee(
        who,
        begins_at,
        ends_at,
        intervals,
        _why_gone(log, intervals[-1].ends_at) if early else None,
        counts[-1] if counts else None,
        max(counts, default=None),
    )


def _stays(moves: Iterable[Joined | Left], until: datetime) -> list[Interval]:
    """When they were connected, in order; what has no end goes on `until` then.

    At the same moment leaving comes before joining, since they are there afterwards.
    """
    stays: list[Interval] = []
    came: datetime | None = None
    came_again: datetime | None = None
    for move in sorted(moves, key=lambda move: (move.at, isinstance(move, Joined))):
        if isinstance(move, Joined):
            if came is None:
                came = move.at
            elif move.at > came:
                came_again = move.at
        elif came is not None and not _old_connection(came_again, move.at):
            stays.append(Interval(came, move.at))
            came = came_again = None
    if came is not None:
        stays.append(Interval(came, max(came, until)))
    return stays


def _old_connection(came_again: datetime | None, left_at: datetime) -> bool:
    return came_again is not None and left_at - came_again <= SAME_MOMENT


def _without_short_gaps(stays: Iterable[Interval]) -> list[Interval]:
    whole: list[Interval] = []
    for stay in stays:
        if whole and stay.begins_at - whole[-1].ends_at <= RETURNS_WITHIN:
            whole[-1] = Interval(whole[-1].begins_at, stay.ends_at)
        else:
            whole.append(stay)
    return whole


def _within(
    stays: Iterable[Interval], begins_at: datetime, ends_at: datetime
) -> tuple[Interval, ...]:
    cut = (Interval(max(stay.begins_at, begins_at), min(stay.ends_at, ends_at)) for stay in stays)
    return tuple(stay for stay in cut if stay.begins_at < stay.ends_at)


def _why_gone(log: Iterable[Told], at: datetime) -> Why | None:
    """The reason noted at that moment; of several, what somebody did before a dropped line."""
    noted = {event.why for event in log if isinstance(event, Left) and event.at == at}
    return next((why for why in (Why.REMOVED, Why.LEFT, Why.DROPPED) if why in noted), None)


def _seconds(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()


class Row(NamedTuple):
    """A line of the table. Seconds are whole; what cannot be said of who was absent is None."""

    who: int
    came_at: datetime | None
    went_at: datetime | None
    seconds_present: int
    late_by_s: int | None
    left_early_s: int | None
    interruptions: int
    gone: Why | None
    last_count: int | None
    greatest_count: int | None


# What stands over each column, in the order of a row's fields.
COLUMNS: Final = (
    Text("教室", "Room"),
    Text("到课时间", "Came at"),
    Text("离课时间", "Went at"),
    Text("在课时长", "Present"),
    Text("迟到", "Late by"),
    Text("早退", "Left early by"),
    Text("中断次数", "Interruptions"),
    Text("离开原因", "Why it left"),
    Text("最后人数", "Last head count"),
    Text("最多人数", "Greatest head count"),
)


def rows(found: Iterable[Attendee]) -> list[Row]:
    return [_row(each) for each in found]


def _row(found: Attendee) -> Row:
    parts = found.intervals
    return Row(
        who=found.who,
        came_at=parts[0].begins_at if parts else None,
        went_at=parts[-1].ends_at if parts else None,
        seconds_present=round(found.seconds_present),
        late_by_s=None if found.late_by_s is None else round(found.late_by_s),
        left_early_s=None if found.left_early_s is None else round(found.left_early_s),
        interruptions=max(len(parts) - 1, 0),
        gone=found.gone,
        last_count=found.last_count,
        greatest_count=found.greatest_count,
    )
