"""A school's bell times, term, holidays and make-up days (调休): as they are kept, and as an
administrator types them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final

from sqlalchemy.orm import Session

from tongke import clock
from tongke.classes.plan_models import SchoolTimes
from tongke.classes.times import typed_days
from tongke.classes.times.timetable import TERM_DAYS_MAX, BellTimes, Calendar, Period, Term
from tongke.errors import Forbidden, Invalid, Text
from tongke.people.audience import Viewer

MOST_PERIODS: Final = 12
# Longer is a mistyped year.
LONGEST_HOLIDAY_DAYS: Final = 100
# A school year has some ten of them.
MOST_MAKE_UP: Final = 40

BAD_LINE = Text("看不懂这一行：{line}", "This line cannot be read: {line}")
BAD_HOLIDAY = Text(
    f"一行写一天，或者头尾两天，先开始后结束，最长 {LONGEST_HOLIDAY_DAYS} 天：{{line}}",
    f"A line has one day, or the first and the last of {LONGEST_HOLIDAY_DAYS} at most: {{line}}",
)
LEFT_OVER = Text(
    "这一行里有看不懂的数字，只写日子，比如 2026-10-01 — 2026-10-07：{line}",
    "A number in this line cannot be read. Write days alone, as 2026-10-01 — 2026-10-07: {line}",
)
LEFT_OVER_OF_MAKE_UP = Text(
    "这一行里有看不懂的数字，只写两个日子，比如 2026-10-10 补 2026-10-07：{line}",
    "A number in this line cannot be read. Write two days, as 2026-10-10 补 2026-10-07: {line}",
)
TOO_MANY = Text(f"最多写 {MOST_MAKE_UP} 天补课", f"At most {MOST_MAKE_UP} make-up days")
TWICE = Text("这一天写了两次：{line}", "This day stands there twice: {line}")


@dataclass(frozen=True)
class Times:
    """When a school rings, and which days its term has."""

    bells: BellTimes
    term: Term
    calendar: Calendar


def of_school(session: Session, school_id: int | None) -> Times | None:
    """A school's times; None while nobody has set them."""
    row = None if school_id is None else session.get(SchoolTimes, school_id)
    if row is None:
        return None
    periods = tuple(
        Period(number, time.fromisoformat(begins), time.fromisoformat(ends))
        for number, begins, ends in row.periods
    )
    make_up = {
        date.fromisoformat(day): date.fromisoformat(as_day) for day, as_day in row.make_up.items()
    }
    holidays = frozenset(map(date.fromisoformat, row.holidays))
    term = Term(row.first_day, row.last_day)
    return Times(BellTimes(periods), term, Calendar(holidays, make_up))


def set_times(session: Session, viewer: Viewer, school_id: int, times: Times) -> None:
    """What is booked already stays when it is. Raises Forbidden: not its administrator."""
    if school_id not in viewer.administers:
        raise Forbidden
    row = session.get(SchoolTimes, school_id) or SchoolTimes(school_id=school_id)
    row.periods = [
        [period.number, f"{period.begins:%H:%M}", f"{period.ends:%H:%M}"]
        for period in times.bells.periods
    ]
    row.first_day, row.last_day = times.term.first_day, times.term.last_day
    row.holidays = [day.isoformat() for day in sorted(times.calendar.holidays)]
    row.make_up = {
        day.isoformat(): as_day.isoformat()
        for day, as_day in sorted(times.calendar.make_up.items())
    }
    row.updated_at = clock.now()
    session.add(row)


def read_holidays(text: str) -> frozenset[date]:
    """Holidays as they are typed: a line for each, one day or the first and the last.

    Raises:
        Invalid: of field `holidays`.
    """
    found: set[date] = set()
    for line, days in _lines("holidays", text, typed_days.LAST, LEFT_OVER):
        first, last = days[0], days[-1]
        if len(days) > 2 or not 0 <= (last - first).days < LONGEST_HOLIDAY_DAYS:
            raise Invalid({"holidays": BAD_HOLIDAY.format(line=line)})
        found |= {first + timedelta(days=number) for number in range((last - first).days + 1)}
        if len(found) > TERM_DAYS_MAX:
            raise Invalid({"holidays": BAD_HOLIDAY.format(line=line)})
    return frozenset(found)


def read_make_up(text: str) -> dict[date, date]:
    """Make-up days as they are typed: a line for each, the day and the day it is taught as.

    Raises:
        Invalid: of field `make_up`.
    """
    found: dict[date, date] = {}
    for line, days in _lines("make_up", text, typed_days.TAUGHT_AS, LEFT_OVER_OF_MAKE_UP):
        if len(days) != 2:
            raise Invalid({"make_up": BAD_LINE.format(line=line)})
        if days[0] in found:
            raise Invalid({"make_up": TWICE.format(line=line)})
        found[days[0]] = days[1]
        if len(found) > MOST_MAKE_UP:
            raise Invalid({"make_up": TOO_MANY})
    return found


def _lines(
    field: str, text: str, second: re.Pattern[str], left_over: Text
) -> Iterator[tuple[str, tuple[date, ...]]]:
    """The days of each line, which has nothing else that is counted."""
    for line in filter(None, map(str.strip, text.splitlines())):
        # A message repeats no more than a line that somebody meant.
        shown = BAD_LINE.format(line=line[:40])
        try:
            found = typed_days.read(line, second)
        except ValueError:
            raise Invalid({field: shown}) from None
        if not found.days:
            raise Invalid({field: shown})
        if found.left_over:
            raise Invalid({field: left_over.format(line=line[:40])})
        yield line[:40], found.days


def write_holidays(holidays: frozenset[date]) -> str:
    """As `read_holidays` takes them, days that follow each other in one line."""
    stretches: list[list[date]] = []
    for day in sorted(holidays):
        if stretches and day - stretches[-1][-1] == timedelta(days=1):
            stretches[-1].append(day)
        else:
            stretches.append([day])
    return "\n".join(
        f"{days[0]}" if len(days) == 1 else f"{days[0]} — {days[-1]}" for days in stretches
    )


def write_make_up(make_up: Mapping[date, date]) -> str:
    """As `read_make_up` takes them."""
    return "\n".join(f"{day} 补 {as_day}" for day, as_day in sorted(make_up.items()))
