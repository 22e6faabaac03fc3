"""An administrator types holidays and make-up days as they stand in the notice of the bureau."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.classes.times.school_times import (
    read_holidays,
    read_make_up,
    write_holidays,
    write_make_up,
)
from tongke.errors import Invalid

TERM_DAYS = st.integers(0, 200).map(lambda number: date(2026, 8, 1) + timedelta(days=number))


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-01 — 2026-10-03",
        "2026年10月1日至2026年10月3日",
        "2026/10/1\n2026/10/2\n\n 2026.10.3 ",
        # As they stand in a notice of the bureau: the last without what it shares with the first.
        "国庆 2026年10月1日至10月3日",
        "2026.10.1-10.3",
        "2026.10.1—3",
        "2026年10月1日-3日",
        "2026年10月1至3日放假",
        "2026-10-01-10-03",
        "2026-10-01-2026-10-03",
        "2026年10月1日（星期四）至10月3日（星期六）",
        "2026年10月1日 ～ 3号",
    ],
)
def test_holidays_are_read_as_people_write_dates(text: str) -> None:
    assert read_holidays(text) == {date(2026, 10, day) for day in (1, 2, 3)}


def test_make_up_days_name_the_day_and_what_is_taught_on_it() -> None:
    found = read_make_up("2026-10-10 补 2026-10-07\n2026年9月27日上2026年10月6日的课")
    assert found == {
        date(2026, 10, 10): date(2026, 10, 7),
        date(2026, 9, 27): date(2026, 10, 6),
    }


def test_a_stretch_goes_over_the_end_of_the_year() -> None:
    found = read_holidays("2026年12月31日至1月2日")
    assert found == {date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 2)}


@pytest.mark.parametrize(
    ("text", "day", "as_day"),
    [
        ("2027年1月9日补1月4日", (2027, 1, 9), (2027, 1, 4)),
        ("2027.1.9 补 1.4", (2027, 1, 9), (2027, 1, 4)),
        ("2027-01-09 补 01-04", (2027, 1, 9), (2027, 1, 4)),
        ("2027年1月9日（周六）上4日的课", (2027, 1, 9), (2027, 1, 4)),
        ("2027年1月3日补12月31日", (2027, 1, 3), (2026, 12, 31)),
    ],
)
def test_a_make_up_day_names_the_other_without_its_year(
    text: str, day: tuple[int, int, int], as_day: tuple[int, int, int]
) -> None:
    assert read_make_up(text) == {date(*day): date(*as_day)}


@pytest.mark.parametrize(
    "text",
    [
        "2027年1月1日放假，1月4日上课",
        "2027年1月1日、2、3日",
        "2027-01-01 共3天",
        "2027年1月1日至三日",
        "2027年1月1日至2月",
        "2027年1月1日至1月3日，共3天",
        "2027-01-011",
    ],
)
def test_no_number_in_a_holiday_is_passed_over(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_holidays(text)
    assert text in refused.value.fields["holidays"].zh


@pytest.mark.parametrize("text", ["2027年1月9日第3周", "2027-01-09 补 2027-01-04 第2节"])
def test_nor_in_a_make_up_day(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_make_up(text)
    told = refused.value.fields["make_up"].zh
    assert text in told and "补 2026-10-07" in told


def test_the_days_of_a_week_are_no_dates() -> None:
    assert read_holidays("元旦（周五） 2027-01-01") == {date(2027, 1, 1)}
    assert len(read_holidays("2027-01-02 — 2027-01-03（周六日）")) == 2


@pytest.mark.parametrize(
    "text",
    [
        "国庆节",
        "2026年10月1日至10月32日",
        "2027年2月26日至29日",
        "2026-13-01",
        "2026-10-07 — 2026-10-01",
        "2026-10-01 — 2036-10-01",
        "0000-1-1",
    ],
)
def test_a_holiday_that_cannot_be_read_is_shown_again(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_holidays(text)
    assert text in refused.value.fields["holidays"].zh


@pytest.mark.parametrize("text", ["2026-10-10", "2026-10-10 2026-10-07\n2026-10-10 2026-10-06"])
def test_a_make_up_day_without_its_day_or_named_twice_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_make_up(text)
    assert set(refused.value.fields) == {"make_up"}


def test_no_school_has_more_make_up_days_than_a_year_could() -> None:
    first = date(2026, 8, 1)
    days = "\n".join(f"{first + timedelta(days=n)} 补 2026-10-07" for n in range(41))
    with pytest.raises(Invalid) as refused:
        read_make_up(days)
    assert set(refused.value.fields) == {"make_up"}
    assert len(read_make_up(days.rpartition("\n")[0])) == 40


@given(st.frozensets(TERM_DAYS, max_size=30), st.dictionaries(TERM_DAYS, TERM_DAYS, max_size=8))
def test_what_was_kept_is_shown_so_that_it_is_read_the_same(
    holidays: frozenset[date], make_up: dict[date, date]
) -> None:
    assert read_holidays(write_holidays(holidays)) == holidays
    assert read_make_up(write_make_up(make_up)) == make_up
