"""A series that is moved stays on school days: a make-up day stands for what it is taught as."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tongke.classes.plan.moving import moved
from tongke.classes.times.timetable import Calendar, Term
from tongke.clock import CHINA
from tongke.errors import Invalid

# 2026-10-01 to 07 is a holiday; Saturday the 10th is taught as Wednesday the 7th.
HOLIDAYS = frozenset(date(2026, 10, day) for day in range(1, 8))
CALENDAR = Calendar(HOLIDAYS, {date(2026, 10, 10): date(2026, 10, 7)})
LAST_BEFORE = date(2026, 9, 30)


def at(day: date, hour: int = 8) -> datetime:
    return datetime(day.year, day.month, day.day, hour, 5, tzinfo=CHINA)


def days(found: list[datetime]) -> list[date]:
    return [each.astimezone(CHINA).date() for each in found]


def test_a_class_on_a_make_up_day_goes_where_the_other_day_is_taught() -> None:
    wednesdays = [at(LAST_BEFORE), at(date(2026, 10, 10)), at(date(2026, 10, 14))]
    found = moved(wednesdays[1:], at(date(2026, 10, 14)), at(date(2026, 10, 15)), CALENDAR)
    assert days(found) == [date(2026, 10, 8), date(2026, 10, 15)]


def test_a_series_comes_onto_a_make_up_day_where_its_lessons_are_taught_there() -> None:
    thursdays = [at(date(2026, 10, 8)), at(date(2026, 10, 15))]
    found = moved(thursdays, thursdays[1], at(date(2026, 10, 14)), CALENDAR)
    assert days(found) == [date(2026, 10, 10), date(2026, 10, 14)]


def test_a_class_that_would_fall_on_a_holiday_is_not_moved_there() -> None:
    mondays = [at(date(2026, 9, 28)), at(date(2026, 10, 12)), at(date(2026, 10, 5))]
    with pytest.raises(Invalid) as refused:
        moved(mondays, mondays[0], at(date(2026, 9, 29)), CALENDAR)
    assert "2026-10-06" in refused.value.fields["begins_at"].zh


TERM = Term(date(2026, 9, 1), date(2026, 10, 14))


def test_a_class_that_would_fall_out_of_the_term_is_not_moved_there() -> None:
    wednesdays = [at(date(2026, 9, 16)), at(date(2026, 9, 23)), at(date(2026, 10, 14))]
    with pytest.raises(Invalid) as refused:
        moved(wednesdays, wednesdays[0], at(date(2026, 9, 17)), CALENDAR, TERM)
    assert "2026-10-15" in refused.value.fields["begins_at"].zh
    assert "2026-10-14" in refused.value.fields["begins_at"].zh


def test_the_one_that_is_moved_may_be_and_so_may_those_of_another_term() -> None:
    last = at(date(2026, 10, 14))
    assert days(moved([last], last, at(date(2026, 10, 15)), CALENDAR, TERM)) == [date(2026, 10, 15)]
    later = [at(date(2026, 10, 21)), at(date(2026, 10, 28))]
    found = moved(later, later[0], at(date(2026, 10, 22)), CALENDAR, TERM)
    assert days(found) == [date(2026, 10, 22), date(2026, 10, 29)]


def test_the_class_that_is_moved_goes_where_it_was_said_whatever_the_calendar() -> None:
    monday, holiday = at(date(2026, 9, 28)), at(date(2026, 10, 6), 14)
    assert moved([monday], monday, holiday, CALENDAR) == [holiday]


@given(
    st.lists(st.dates(date(2026, 9, 1), date(2027, 1, 20)), min_size=1, unique=True),
    st.integers(0, 23),
    st.integers(-30, 30),
)
def test_without_a_calendar_all_are_moved_by_as_much(held: list[date], hour: int, by: int) -> None:
    begins = [at(day) for day in held]
    after = at(held[0] + timedelta(days=by), hour)
    shift = after - begins[0]
    assert moved(begins, begins[0], after, Calendar()) == [each + shift for each in begins]


@given(st.dates(date(2026, 9, 1), date(2026, 12, 31)), st.integers(0, 22))
def test_another_hour_moves_no_class_to_another_day(day: date, hour: int) -> None:
    begins = [at(LAST_BEFORE), at(day)]
    assume(day != LAST_BEFORE)
    assert days(moved(begins, begins[0], at(LAST_BEFORE, hour), CALENDAR)) == [LAST_BEFORE, day]
