"""The timetable: when booked classes take place, what clashes, and where a class is.

A booking says "the third period, every odd week"; a school's bell times and calendar turn it
into moments. What is stored and compared is always those moments, in UTC, because two schools
rarely ring at the same time: only moments can say whether a teacher is wanted in two places.

Everything here is pure, and the present moment is handed in: the page that books, the room's
device and the patrol ask the same functions and get the same answer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum, StrEnum
from typing import Final

from tongke.clock import CHINA
from tongke.errors import Invalid, Text

# A term is some twenty weeks; a mistyped year must not become thousands of classes.
TERM_DAYS_MAX: Final = 366
# Long enough to check camera, microphone and line in the break before the lesson.
DOORS_OPEN_BEFORE: Final = timedelta(minutes=10)
# The bell, the walk to the desk and the preview take minutes; called late any sooner, the
# patrol would be full of classes that are merely beginning.
LATE_AFTER: Final = timedelta(minutes=5)

BAD_PERIOD = Text(
    "第{number}节有误：要先上课后下课，节次不重复，不与前一节重叠",
    "Period {number} must begin before it ends, follow the one before, and have its own number",
)
NO_PERIOD = Text("作息时间里没有第{number}节", "The bell times have no period {number}")
BAD_TERM = Text(
    "学期的最后一天不能早于第一天，也不能超过一年",
    "The last day of a term is not before its first, and no more than a year after it",
)


class Weekday(IntEnum):
    """周一…周日, numbered as ISO 8601 does."""

    MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(1, 8)


class OddEven(StrEnum):
    """Which weeks of a term: 每周, 单周, 双周."""

    EVERY = "every"
    ODD = "odd"
    EVEN = "even"


@dataclass(frozen=True)
class Period:
    """One period (节) of a school day, on the wall clock of Hunan."""

    number: int
    begins: time
    ends: time


@dataclass(frozen=True)
class BellTimes:
    """A school's periods (作息时间); `Invalid` when out of order or with a number twice."""

    periods: tuple[Period, ...]

    def __post_init__(self) -> None:
        before, numbers = time.min, set[int]()
        for period in self.periods:
            if not before <= period.begins < period.ends or period.number in numbers:
                raise Invalid({"periods": BAD_PERIOD.format(number=period.number)})
            before = period.ends
            numbers.add(period.number)

    def period(self, number: int) -> Period:
        """The period of that number, or `Invalid`: the school has none."""
        found = next((period for period in self.periods if period.number == number), None)
        if found is None:
            raise Invalid({"period": NO_PERIOD.format(number=number)})
        return found


@dataclass(frozen=True)
class Term:
    """A term, both days included; `Invalid` when it ends before it begins, or never."""

    first_day: date
    last_day: date

    def __post_init__(self) -> None:
        if not 0 <= (self.last_day - self.first_day).days < TERM_DAYS_MAX:
            raise Invalid({"last_day": BAD_TERM})

    def days(self) -> Iterator[date]:
        length = (self.last_day - self.first_day).days + 1
        return (self.first_day + timedelta(days=number) for number in range(length))

    def week_of(self, day: date) -> int:
        """The teaching week (教学周), from Monday; the first day's is week 1, however short."""
        return ((day - self.first_day).days + self.first_day.weekday()) // 7 + 1


@dataclass(frozen=True)
class Calendar:
    """Days on which a school's week is not itself.

    `make_up` are the make-up days (调休), each with the day it replaces: a Sunday taught as that
    Friday has its lessons, of its week, and none of its own. A day that is a holiday as well is
    one, so that a school that closes need not take its make-up day back first.
    """

    holidays: frozenset[date] = frozenset()
    make_up: Mapping[date, date] = field(default_factory=dict)

    def taught_as(self, day: date) -> date | None:
        """The day whose lessons are held on this day; None on a holiday."""
        return None if day in self.holidays else self.make_up.get(day, day)

    def held_on(self, day: date) -> date | None:
        """The day on which this day's lessons are held; None if on none."""
        made_up = (made for made, as_day in self.make_up.items() if as_day == day)
        return next((each for each in (*made_up, day) if self.taught_as(each) == day), None)


@dataclass(frozen=True)
class Once:
    """One class. Who names the day means that day: no holiday and no make-up day moves it."""

    day: date
    period: int


@dataclass(frozen=True)
class Weekly:
    """A class in every week of a term, or in every other.

    What falls on a holiday is not held. A make-up day is odd or even as the day it replaces.
    """

    term: Term
    weekday: Weekday
    period: int
    odd_even: OddEven = OddEven.EVERY

    def is_on(self, day: date) -> bool:
        """Whether its lesson belongs to this day, were there no holidays and make-up days."""
        parity = OddEven.ODD if self.term.week_of(day) % 2 else OddEven.EVEN
        return day.isoweekday() == self.weekday and self.odd_even in (OddEven.EVERY, parity)


Booking = Once | Weekly


@dataclass(frozen=True)
class Occurrence:
    """A booked class on its day (Hunan's); its moments are aware, in UTC."""

    day: date
    begins_at: datetime
    ends_at: datetime


def occurrences(booking: Booking, bells: BellTimes, calendar: Calendar) -> list[Occurrence]:
    """When a booking takes place, in order; `Invalid` when the bell times lack its period."""
    period = bells.period(booking.period)
    return [
        Occurrence(day, _in_utc(day, period.begins), _in_utc(day, period.ends))
        for day in _days(booking, calendar)
    ]


def _days(booking: Booking, calendar: Calendar) -> list[date]:
    if isinstance(booking, Once):
        return [booking.day]
    taught = ((day, calendar.taught_as(day)) for day in booking.term.days())
    return [day for day, as_day in taught if as_day is not None and booking.is_on(as_day)]


def _in_utc(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, CHINA).astimezone(UTC)


@dataclass(frozen=True)
class Slot:
    """What a class occupies, up to but not including its end; no `id` while it is only wanted."""

    begins_at: datetime
    ends_at: datetime
    rooms: frozenset[int]
    teachers: frozenset[int]
    id: int | None = None

    def __post_init__(self) -> None:
        assert self.begins_at < self.ends_at


@dataclass(frozen=True)
class Clash:
    """A wanted slot and a held one that need the same rooms or teachers at the same time."""

    wanted: Slot
    other: Slot
    rooms: frozenset[int]
    teachers: frozenset[int]


def clashes(wanted: Sequence[Slot], held: Iterable[Slot]) -> list[Clash]:
    """Every clash, in the order of the wanted slots, then of the held ones' begin.

    A held slot with the id of a wanted one is what that one replaces, and clashes with none of
    them: a class that is moved does not stand in its own way.

    Both sides are sorted by begin and swept once: a wanted slot meets only what has begun before
    its end and was not over before its begin. Held slots that share nobody with any wanted one
    fall out first, so a whole province's timetable may be handed in.
    """
    coming = deque(sorted(_in_the_way(wanted, held), key=lambda slot: slot.begins_at))
    current: list[Slot] = []
    found: dict[int, list[Clash]] = {}
    for position, mine in sorted(enumerate(wanted), key=lambda entry: entry[1].begins_at):
        while coming and coming[0].begins_at < mine.ends_at:
            current.append(coming.popleft())
        current = [other for other in current if other.ends_at > mine.begins_at]
        met = (_clash(mine, other) for other in current)
        found[position] = [clash for clash in met if clash is not None]
    return [clash for position in range(len(wanted)) for clash in found[position]]


def _in_the_way(wanted: Sequence[Slot], held: Iterable[Slot]) -> Iterator[Slot]:
    replaced = {slot.id for slot in wanted} - {None}
    rooms = frozenset[int]().union(*(slot.rooms for slot in wanted))
    teachers = frozenset[int]().union(*(slot.teachers for slot in wanted))
    for slot in held:
        shared = not (rooms.isdisjoint(slot.rooms) and teachers.isdisjoint(slot.teachers))
        if shared and slot.id not in replaced:
            yield slot


def _clash(wanted: Slot, other: Slot) -> Clash | None:
    rooms, teachers = wanted.rooms & other.rooms, wanted.teachers & other.teachers
    together = other.begins_at < wanted.ends_at and wanted.begins_at < other.ends_at
    return Clash(wanted, other, rooms, teachers) if together and (rooms or teachers) else None


class Moment(StrEnum):
    """Where a class is, as its devices and the patrol see it."""

    TOO_EARLY = "too-early"
    DOORS_OPEN = "doors-open"
    # Running, or within the minutes that beginning takes.
    SHOULD_RUN = "should-run"
    # Should have begun and has not; still awaited.
    LATE = "late"
    # Ended, or its time passed without a begin.
    OVER = "over"

    @property
    def may_join(self) -> bool:
        return self in (Moment.DOORS_OPEN, Moment.SHOULD_RUN, Moment.LATE)


def moment(
    now: datetime,
    begins_at: datetime,
    ends_at: datetime,
    started_at: datetime | None,
    ended_at: datetime | None,
) -> Moment:
    """Where a class is at `now`.

    What happened goes before what was planned: a class begun early lets its rooms in, and one
    that runs over is not over until it is ended. A class that is over and never started was
    missed.
    """
    if ended_at is not None:
        return Moment.OVER
    if started_at is not None:
        return Moment.SHOULD_RUN
    if now >= ends_at:
        return Moment.OVER
    if now >= begins_at + LATE_AFTER:
        return Moment.LATE
    if now >= begins_at:
        return Moment.SHOULD_RUN
    return Moment.DOORS_OPEN if now >= begins_at - DOORS_OPEN_BEFORE else Moment.TOO_EARLY
