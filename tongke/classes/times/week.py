"""A week of the timetable as a grid: periods down, days across. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Generic, TypeVar

from tongke.classes.times.timetable import BellTimes, Period
from tongke.clock import CHINA

DAYS: Final = 7
_WRITTEN: Final = re.compile(r"(\d{4})-W(\d{2})")


T = TypeVar("T")


@dataclass(frozen=True)
class Week:
    """A week of seven days, written as ISO 8601 does: 2026-W48."""

    monday: date

    @classmethod
    def of(cls, day: date) -> Week:
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def read(cls, text: str) -> Week | None:
        """The week that was written; None where there is none such."""
        found = _WRITTEN.fullmatch(text)
        if found is None:
            return None
        try:
            week = cls(date.fromisocalendar(int(found[1]), int(found[2]), 1))
            _ = week.after(-1), week.after(2)
        except (ValueError, OverflowError):
            return None
        return week

    def __str__(self) -> str:
        year, number, _ = self.monday.isocalendar()
        return f"{year:04}-W{number:02}"

    def after(self, weeks: int) -> Week:
        return Week(self.monday + timedelta(weeks=weeks))

    @property
    def days(self) -> list[date]:
        return [self.monday + timedelta(days=number) for number in range(DAYS)]

    @property
    def stretch(self) -> tuple[datetime, datetime]:
        """Its moments in UTC, the last not included."""
        begins, ends = (_midnight(day) for day in (self.monday, self.after(1).monday))
        return begins, ends


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, CHINA).astimezone(UTC)


def day_of(moment: datetime) -> tuple[datetime, datetime]:
    """The day in Hunan of a moment, as its first moment and that of the next, in UTC."""
    day = moment.astimezone(CHINA).date()
    return _midnight(day), _midnight(day + timedelta(days=1))


@dataclass(frozen=True)
class Row(Generic[T]):
    """What is held in a period (or, with no `period`, from an hour of the clock on), day by day."""

    period: int | None
    begins: time
    ends: time | None
    days: tuple[tuple[T, ...], ...]


def grid(
    week: Week, classes: Iterable[tuple[datetime, T]], bells: BellTimes | None
) -> list[Row[T]]:
    """The classes of a week, each with its begin, by the bell times of whoever looks; what no
    period holds stands at its hour of the clock, between them."""
    periods = {(period.begins, period): period for period in (bells.periods if bells else ())}
    placed: dict[tuple[time, Period | None], list[list[T]]] = {
        key: [[] for _ in range(DAYS)] for key in periods
    }
    for moment, each in sorted(classes, key=lambda held: held[0]):
        begins = moment.astimezone(CHINA)
        column = (begins.date() - week.monday).days
        if not 0 <= column < DAYS:
            continue
        period = _period(bells, begins.time())
        key = (period.begins, period) if period else (time(begins.hour), None)
        placed.setdefault(key, [[] for _ in range(DAYS)])[column].append(each)
    in_order = sorted(placed.items(), key=lambda item: (item[0][0], item[0][1] is not None))
    return [_row(begins, period, days) for (begins, period), days in in_order]


def _row(begins: time, period: Period | None, days: Sequence[Sequence[T]]) -> Row[T]:
    number, ends = (period.number, period.ends) if period else (None, None)
    return Row(number, begins, ends, tuple(map(tuple, days)))


def _period(bells: BellTimes | None, begins: time) -> Period | None:
    """The period in which a class begins: another school's bell may be some minutes off."""
    held = bells.periods if bells else ()
    return next((period for period in held if period.begins <= begins < period.ends), None)
