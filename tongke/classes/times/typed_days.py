"""The days that stand in a line as somebody types it: 2026-10-01, 2026/10/1 or 2026年10月1日, and
after it a second one without what it shares with the first (至3日, 补1月4日).

Pure. What is not understood is said to be (`Line.left_over`): a day that is silently dropped is a
day of lessons on a holiday.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

_DAY: Final = re.compile(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})(?!\d)\s*[日号]?")
_MONTH: Final = r"(?:(?P<month>\d{1,2})\s*[月/.．-]\s*)?"
_SHORT_DAY: Final = rf"{_MONTH}(?P<day>\d{{1,2}})(?!\d|\s*月)"
# The last day of a stretch: after a mark that says so, and at most a weekday in brackets.
LAST: Final = re.compile(
    rf"\s*(?:[（(][^（()）\d]*[)）])?\s*(?:[至到]|[-‐–—―－~～])+\s*{_SHORT_DAY}\s*[日号]?"
)
# Whose lessons a day has: after any words, so it says itself that it is a day.
TAUGHT_AS: Final = re.compile(rf"\D{{1,20}}?{_SHORT_DAY}\s*(?(month)[日号]?|[日号])")
# Digits, and a day in Chinese ones; 周六日 are the days of a week.
_NOT_READ: Final = re.compile(r"\d|(?<![周期])[一二三四五六七八九十]+[日号]")
_HALF_A_YEAR_MONTHS: Final = 6


@dataclass(frozen=True)
class Line:
    """`left_over`: beside its days it says another number, or a day that was not understood."""

    days: tuple[date, ...]
    left_over: bool


def read(line: str, second: re.Pattern[str]) -> Line:
    """The days of a line, `second` being how one after another may be shortened. Raises ValueError:
    there is no such day."""
    days: list[date] = []
    rest: list[str] = []
    at = 0
    while match := _DAY.search(line, at):
        rest.append(line[at : match.start()])
        days.append(date(*map(int, match.groups())))
        at = match.end()
        if shortened := second.match(line, at):
            days.append(_beside(days[-1], shortened["month"], shortened["day"]))
            at = shortened.end()
    rest.append(line[at:])
    return Line(tuple(days), _NOT_READ.search("\n".join(rest)) is not None)


def _beside(first: date, month: str | None, day: str) -> date:
    """The day of that month that is next to the first, before it or after: of a winter's holidays
    in the next year."""
    number = int(month) if month else first.month
    months = number - first.month
    turns = (months < -_HALF_A_YEAR_MONTHS) - (months > _HALF_A_YEAR_MONTHS)
    return date(first.year + turns, number, int(day))
