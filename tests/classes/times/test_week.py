"""A week of the timetable stands as the school's bell rings, and loses no class."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.classes.times.timetable import BellTimes, Period
from tongke.classes.times.week import Week, day_of, grid
from tongke.clock import CHINA

BELLS = BellTimes((Period(1, time(8, 0), time(8, 40)), Period(2, time(8, 50), time(9, 30))))
WEEK = Week(date(2026, 11, 23))


Lesson = tuple[datetime, str]


def at(day: int, hour: int, minute: int = 0) -> Lesson:
    local = datetime(2026, 11, 23, hour, minute, tzinfo=CHINA) + timedelta(days=day)
    return local.astimezone(UTC), f"{day} {hour}"


def test_a_week_is_written_as_iso_8601_does() -> None:
    assert str(Week.of(date(2026, 11, 29))) == "2026-W48"
    assert Week.read("2026-W48") == WEEK
    # The last days of a year may be of the next one's first week.
    assert str(Week.of(date(2024, 12, 30))) == "2025-W01"


@pytest.mark.parametrize("text", ["", "2026-W54", "2026-W00", "0001-W01", "9999-W53", "2026W48"])
def test_what_is_no_week_is_none(text: str) -> None:
    assert Week.read(text) is None


def test_a_week_is_hunans_and_not_greenwichs() -> None:
    begins, ends = WEEK.stretch
    assert begins == datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert ends - begins == timedelta(days=7)
    assert day_of(datetime(2026, 11, 22, 16, tzinfo=UTC))[0] == begins


def test_every_period_has_its_row_and_what_no_period_holds_stands_at_its_hour() -> None:
    first, early, evening = at(1, 8, 5), at(0, 7, 30), at(6, 19, 20)
    rows = grid(WEEK, [evening, first, early], BELLS)
    assert [(row.period, row.begins) for row in rows] == [
        (None, time(7)), (1, time(8)), (2, time(8, 50)), (None, time(19)),
    ]  # fmt: skip
    assert rows[1].days[1] == (first[1],)
    assert rows[0].days[0] == (early[1],) and rows[3].days[6] == (evening[1],)


def test_without_bell_times_there_is_a_row_for_each_hour_that_has_a_class() -> None:
    assert grid(WEEK, [], None) == []
    (row,) = grid(WEEK, [at(2, 9, 10), at(2, 9, 50), at(4, 9)], None)
    assert (row.period, row.begins) == (None, time(9))
    assert [len(day) for day in row.days] == [0, 0, 2, 0, 1, 0, 0]


@given(st.lists(st.integers(0, 7 * 24 * 60 - 1), max_size=40), st.booleans())
def test_each_class_of_the_week_stands_in_it_once(minutes: list[int], has_bells: bool) -> None:
    begins = WEEK.stretch[0]
    held = [(begins + timedelta(minutes=minute), minute) for minute in minutes]
    rows = grid(WEEK, held, BELLS if has_bells else None)
    shown = [each for row in rows for day in row.days for each in day]
    assert sorted(shown) == sorted(minutes)
    assert [row.begins for row in rows] == sorted(row.begins for row in rows)
