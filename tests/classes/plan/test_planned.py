"""A class that is planned is held when its planner meant, and never in the past."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from tongke.classes.plan.planned import Repeat, When, occurrences
from tongke.classes.times.school_times import Times
from tongke.classes.times.timetable import BellTimes, Calendar, Period, Term
from tongke.errors import Invalid

# A Monday; the week of the first of October is free, and Saturday the 10th makes up for the 7th.
SCHOOL = Times(
    BellTimes((Period(1, time(8, 0), time(8, 40)), Period(2, time(8, 50), time(9, 30)))),
    Term(date(2026, 9, 1), date(2026, 10, 18)),
    Calendar(
        frozenset(date(2026, 10, day) for day in range(1, 8)),
        {date(2026, 10, 10): date(2026, 10, 7)},
    ),
)
NOW = datetime(2026, 9, 14, 4, tzinfo=UTC)


def days(when: When, school: Times | None = SCHOOL) -> list[date]:
    return [each.day for each in occurrences(when, school, NOW)]


def test_a_period_rings_as_the_school_does_and_a_clock_as_it_says() -> None:
    (by_bell,) = occurrences(When(date(2026, 9, 21), period=2), SCHOOL, NOW)
    (by_clock,) = occurrences(
        When(date(2026, 9, 21), begins=time(8, 50), ends=time(9, 30)), None, NOW
    )
    assert by_bell == by_clock
    assert by_bell.begins_at == datetime(2026, 9, 21, 0, 50, tzinfo=UTC)


def test_every_week_goes_from_its_day_to_the_end_of_term_without_holidays() -> None:
    wednesdays = When(date(2026, 9, 16), period=1, repeat=Repeat.EVERY)
    # The 7th of October is taught on Saturday the 10th.
    assert days(wednesdays) == [
        date(2026, 9, 16), date(2026, 9, 23), date(2026, 9, 30), date(2026, 10, 10),
        date(2026, 10, 14),
    ]  # fmt: skip


def test_from_a_make_up_day_on_it_is_the_lessons_taught_on_it() -> None:
    made_up = When(date(2026, 10, 10), period=1, repeat=Repeat.EVERY)
    assert days(made_up) == [date(2026, 10, 10), date(2026, 10, 14)]


def test_what_of_a_series_is_past_is_not_booked() -> None:
    mondays = When(date(2026, 9, 7), begins=time(8, 0), ends=time(8, 40), repeat=Repeat.EVERY)
    assert days(mondays)[0] == date(2026, 9, 21)


def test_odd_and_even_weeks_share_the_term_between_them() -> None:
    both = [
        days(When(date(2026, 9, 15), period=1, repeat=repeat))
        for repeat in (Repeat.ODD, Repeat.EVEN)
    ]
    every = days(When(date(2026, 9, 15), period=1, repeat=Repeat.EVERY))
    assert sorted(both[0] + both[1]) == every
    assert not set(both[0]) & set(both[1])


@pytest.mark.parametrize(
    ("when", "school", "field"),
    [
        (When(date(2026, 9, 14), period=1), SCHOOL, "day"),
        (When(date(2026, 9, 21), period=9), SCHOOL, "period"),
        (When(date(2026, 9, 21), period=1), None, "period"),
        (When(date(2026, 9, 21)), SCHOOL, "begins"),
        (When(date(2026, 9, 21), begins=time(9), ends=time(9)), SCHOOL, "ends"),
        (When(date(2026, 9, 21), None, time(8), time(9), Repeat.EVERY), None, "repeat"),
        (When(date(2026, 11, 2), period=1, repeat=Repeat.EVERY), SCHOOL, "repeat"),
    ],
)
def test_what_cannot_be_held_is_said_beside_its_field(
    when: When, school: Times | None, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        occurrences(when, school, NOW)
    assert set(refused.value.fields) == {field}
