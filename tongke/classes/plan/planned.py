"""When a class is held, as somebody plans it: by the bell or by the clock, once or in the weeks of
a term. Pure; `timetable` turns it into moments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final

from tongke.classes.times import timetable
from tongke.classes.times.school_times import Times
from tongke.classes.times.timetable import (
    BellTimes,
    Calendar,
    Occurrence,
    OddEven,
    Once,
    Period,
    Weekday,
    Weekly,
)
from tongke.errors import Invalid, Text


class Repeat(StrEnum):
    """How often: once, or in these weeks of the term from that day on."""

    ONCE = "once"
    EVERY = OddEven.EVERY.value
    ODD = OddEven.ODD.value
    EVEN = OddEven.EVEN.value


@dataclass(frozen=True)
class When:
    """A day and a period of it, or its times on the wall clock."""

    day: date
    period: int | None = None
    begins: time | None = None
    ends: time | None = None
    repeat: Repeat = Repeat.ONCE


# The number under which times of the clock are a period.
_CLOCK: Final = 0

# Beyond them a day is mistyped, and its moments may be none.
FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2999, 12, 31)

NO_DAY = Text("请选一天", "Choose a day")
NO_TIME = Text("选一节课，或写上几点到几点", "Choose a period, or say from when to when")
BACKWARDS = Text("下课要在上课之后", "It ends after it begins")
NO_BELLS = Text(
    "学校还没有填作息时间，请写几点到几点", "The school has no bell times: say from when"
)
NO_TERM = Text(
    "学校还没有填学期，请管理员在“作息和校历”里填好",
    "The school has set no term: its administrator does, under bell times",
)
PAST = Text("这个时间已经过去了", "That time has passed")
NONE_LEFT = Text(
    "从这一天起，学期里没有要上的日子了", "From that day on, the term has no day for it left"
)


def occurrences(when: When, school: Times | None, now: datetime) -> list[Occurrence]:
    """The times at which a class is held that is planned so; never none, none of them past.

    Raises:
        Invalid: fields `day`, `period`, `begins`, `ends`, `repeat`.
    """
    if not FIRST_DAY <= when.day <= LAST_DAY:
        raise Invalid({"day": NO_DAY})
    number, bells = _bells(when, school)
    if when.repeat is Repeat.ONCE:
        found = timetable.occurrences(Once(when.day, number), bells, Calendar())
        if found[0].begins_at <= now:
            raise Invalid({"day": PAST})
        return found
    if school is None:
        raise Invalid({"repeat": NO_TERM})
    odd_even = OddEven(when.repeat.value)
    # Who plans on a make-up day means the lessons that are taught on it.
    as_day = school.calendar.taught_as(when.day) or when.day
    weekly = Weekly(school.term, Weekday(as_day.isoweekday()), number, odd_even)
    found = timetable.occurrences(weekly, bells, school.calendar)
    left = [each for each in found if each.day >= when.day and each.begins_at > now]
    if not left:
        raise Invalid({"repeat": NONE_LEFT})
    return left


def _bells(when: When, school: Times | None) -> tuple[int, BellTimes]:
    """The bell times that hold, and the number of the period among them."""
    if when.period is not None:
        if school is None:
            raise Invalid({"period": NO_BELLS})
        return when.period, school.bells
    if when.begins is None or when.ends is None:
        raise Invalid({"begins": NO_TIME})
    if when.ends <= when.begins:
        raise Invalid({"ends": BACKWARDS})
    return _CLOCK, BellTimes((Period(_CLOCK, when.begins, when.ends),))
