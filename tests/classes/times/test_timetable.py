"""A booking is held when the school teaches, and nobody is wanted in two places at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.classes.times import timetable
from tongke.classes.times.timetable import (
    TERM_DAYS_MAX,
    BellTimes,
    Booking,
    Calendar,
    Clash,
    Moment,
    OddEven,
    Once,
    Period,
    Slot,
    Term,
    Weekday,
    Weekly,
    clashes,
    moment,
    occurrences,
)
from tongke.errors import Invalid

BELLS = BellTimes(
    (Period(1, time(8, 0), time(8, 40)), Period(2, time(8, 50), time(9, 30))),
)
# The autumn term of 2024: its first day is a Sunday, the Mid-Autumn Festival is 15–17 September,
# and Saturday the 14th is taught as Monday the 16th.
AUTUMN = Term(date(2024, 9, 1), date(2024, 10, 6))
MID_AUTUMN = frozenset({date(2024, 9, 15), date(2024, 9, 16), date(2024, 9, 17)})
NATIONAL_DAY = frozenset(date(2024, 10, day) for day in range(1, 8))
HUNAN = Calendar(MID_AUTUMN | NATIONAL_DAY, {date(2024, 9, 14): date(2024, 9, 16)})
NINE = datetime(2024, 9, 2, 9, 0, tzinfo=UTC)


def days(booking: Booking, calendar: Calendar = HUNAN) -> list[tuple[int, int]]:
    return [(found.day.month, found.day.day) for found in occurrences(booking, BELLS, calendar)]


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def test_a_period_is_on_the_wall_clock_of_hunan_and_kept_in_utc() -> None:
    (found,) = occurrences(Once(date(2024, 9, 2), 1), BELLS, HUNAN)
    assert found.day == date(2024, 9, 2)
    assert found.begins_at == datetime(2024, 9, 2, 0, 0, tzinfo=UTC)
    assert found.ends_at == datetime(2024, 9, 2, 0, 40, tzinfo=UTC)
    assert found.begins_at.tzinfo is UTC


def test_a_weekly_class_keeps_the_holidays_and_the_make_up_days() -> None:
    assert days(Weekly(AUTUMN, Weekday.MONDAY, 2)) == [(9, 2), (9, 9), (9, 14), (9, 23), (9, 30)]
    assert days(Weekly(AUTUMN, Weekday.SATURDAY, 2)) == [(9, 7), (9, 21), (9, 28)]


def test_the_week_of_the_first_day_is_the_first_however_short() -> None:
    assert [AUTUMN.week_of(date(2024, 9, day)) for day in (1, 2, 8, 9)] == [1, 2, 2, 3]
    odd, even = (
        days(Weekly(AUTUMN, Weekday.MONDAY, 1, which)) for which in (OddEven.ODD, OddEven.EVEN)
    )
    # The 14th lies in an odd week, and stands for the 16th of an even one.
    assert odd == [(9, 9), (9, 23)]
    assert even == [(9, 2), (9, 14), (9, 30)]


def test_who_names_the_day_means_that_day() -> None:
    assert days(Once(date(2024, 10, 1), 1)) == [(10, 1)]


def test_a_school_that_closes_need_not_take_its_make_up_day_back() -> None:
    closed = Calendar(HUNAN.holidays | {date(2024, 9, 14)}, HUNAN.make_up)
    assert (9, 14) not in days(Weekly(AUTUMN, Weekday.MONDAY, 1), closed)


@given(
    st.dates(date(2024, 1, 1), date(2024, 12, 31)),
    st.integers(0, 150),
    st.sampled_from(Weekday),
    st.sampled_from(OddEven),
    st.frozensets(st.integers(0, 150)),
    st.dictionaries(st.integers(0, 150), st.integers(-20, 170)),
)
def test_occurrences_are_those_found_by_walking_the_weeks(
    first: date,
    length: int,
    weekday: Weekday,
    which: OddEven,
    closed: frozenset[int],
    made_up: dict[int, int],
) -> None:
    def at(number: int) -> date:
        return first + timedelta(days=number)

    calendar = Calendar(
        frozenset(map(at, closed)), {at(day): at(as_) for day, as_ in made_up.items()}
    )
    lessons: set[int] = set()
    # The first day's week is 1, and the weeks count on outside the term.
    week = 1 - sum(at(number).isoweekday() == 1 for number in range(-20, 1))
    for number in range(-20, 171):
        week += at(number).isoweekday() == 1
        wanted = {"every": True, "odd": week % 2 == 1, "even": week % 2 == 0}[which]
        if at(number).isoweekday() == weekday and wanted:
            lessons.add(number)
    expected = [
        at(number)
        for number in range(length + 1)
        if number not in closed and made_up.get(number, number) in lessons
    ]
    booking = Weekly(Term(first, at(length)), weekday, 1, which)
    assert [found.day for found in occurrences(booking, BELLS, calendar)] == expected


def test_a_period_the_school_does_not_have_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        occurrences(Once(date(2024, 9, 2), 9), BELLS, HUNAN)
    assert "第9节" in refused.value.fields["period"].zh


@pytest.mark.parametrize(
    "second",
    [
        Period(2, time(8, 30), time(9, 10)),
        Period(2, time(9, 30), time(8, 50)),
        Period(2, time(9, 0), time(9, 0)),
        Period(1, time(9, 0), time(9, 40)),
    ],
    ids=["overlaps", "backwards", "empty", "number twice"],
)
def test_bell_times_that_cannot_be_are_refused(second: Period) -> None:
    with pytest.raises(Invalid) as refused:
        BellTimes((Period(1, time(8, 0), time(8, 40)), second))
    assert f"第{second.number}节" in refused.value.fields["periods"].zh


@pytest.mark.parametrize("length", [-1, TERM_DAYS_MAX])
def test_a_term_that_cannot_be_is_refused(length: int) -> None:
    with pytest.raises(Invalid) as refused:
        Term(AUTUMN.first_day, AUTUMN.first_day + timedelta(days=length))
    assert refused.value.fields.keys() == {"last_day"}


def slot(
    begins: float,
    ends: float,
    rooms: set[int] | None = None,
    teachers: set[int] | None = None,
    id: int | None = None,
) -> Slot:
    """A slot by minutes after nine."""
    people = frozenset(teachers or ())
    return Slot(NINE + minutes(begins), NINE + minutes(ends), frozenset(rooms or ()), people, id)


def test_a_clash_names_the_room_the_teacher_and_the_other_class() -> None:
    wanted = slot(0, 40, {1, 2}, {10, 11})
    other = slot(39, 80, {2, 3}, {11}, id=5)
    expected = Clash(wanted, other, frozenset({2}), frozenset({11}))
    assert clashes([wanted], [other, slot(0, 40, {4}, {12}, id=6)]) == [expected]


def test_one_class_may_begin_as_another_ends() -> None:
    assert clashes([slot(40, 80, {1})], [slot(0, 40, {1}, id=1), slot(80, 120, {1}, id=2)]) == []


def test_a_class_that_is_moved_does_not_stand_in_its_own_way() -> None:
    moved = [slot(20, 60, {1}, id=5), slot(80, 120, {1}, id=6)]
    before = [slot(0, 40, {1}, id=5), slot(40, 80, {1}, id=6), slot(100, 140, {1}, id=7)]
    assert [found.other.id for found in clashes(moved, before)] == [7]


FEW = st.frozensets(st.integers(0, 3), max_size=2)


@st.composite
def slots(draw: st.DrawFn, ids: st.SearchStrategy[int | None]) -> Slot:
    begins = draw(st.integers(0, 30))
    ends = begins + draw(st.integers(1, 12))
    return slot(begins, ends, set(draw(FEW)), set(draw(FEW)), draw(ids))


@given(
    st.lists(slots(st.sampled_from([None, 1, 2])), max_size=8),
    st.lists(slots(st.integers(1, 40)), max_size=25),
)
def test_clashes_are_those_of_every_pair(wanted: list[Slot], held: list[Slot]) -> None:
    replaced = [mine.id for mine in wanted]
    expected = [
        Clash(mine, other, mine.rooms & other.rooms, mine.teachers & other.teachers)
        for mine in wanted
        for other in sorted(held, key=lambda other: other.begins_at)
        if max(mine.begins_at, other.begins_at) < min(mine.ends_at, other.ends_at)
        and (mine.rooms & other.rooms or mine.teachers & other.teachers)
        and other.id not in replaced
    ]
    assert clashes(wanted, held) == expected


def test_a_whole_timetable_is_compared_with_ten_thousand_slots_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    random = Random(6)
    slots_of_a_term = [
        slot(begins, begins + 40, {random.randrange(300)}, {random.randrange(600)}, number)
        for number in range(15_000)
        for begins in [random.randrange(0, 140 * 24 * 60, 50)]
    ]
    compared, compare = list[None](), timetable._clash

    def comparing(wanted: Slot, other: Slot) -> Clash | None:
        compared.append(None)
        return compare(wanted, other)

    monkeypatch.setattr(timetable, "_clash", comparing)
    assert clashes(slots_of_a_term[:5_000], slots_of_a_term[5_000:])
    # Two or three of the held ones are at the same time; pair by pair it would be 50 million.
    assert len(compared) < 20_000


@pytest.mark.parametrize(
    ("at", "expected", "joins"),
    [
        (-10.01, Moment.TOO_EARLY, False),
        (-10, Moment.DOORS_OPEN, True),
        (0, Moment.SHOULD_RUN, True),
        (4.99, Moment.SHOULD_RUN, True),
        (5, Moment.LATE, True),
        (39.99, Moment.LATE, True),
        (40, Moment.OVER, False),
    ],
)
def test_a_class_that_nobody_starts(at: float, expected: Moment, joins: bool) -> None:
    found = moment(NINE + minutes(at), NINE, NINE + minutes(40), None, None)
    assert (found, found.may_join) == (expected, joins)


@pytest.mark.parametrize("at", [-30, -5, 10, 39, 55])
def test_what_happened_goes_before_what_was_planned(at: float) -> None:
    now = NINE + minutes(at)
    begun = now - minutes(1)
    assert moment(now, NINE, NINE + minutes(40), begun, None) is Moment.SHOULD_RUN
    assert moment(now, NINE, NINE + minutes(40), begun, now) is Moment.OVER


@given(st.lists(st.integers(-60, 120), min_size=2))
def test_a_class_never_goes_back_to_an_earlier_moment(ats: list[int]) -> None:
    order = list(Moment)
    seen = [
        order.index(moment(NINE + minutes(at), NINE, NINE + minutes(40), None, None))
        for at in sorted(ats)
    ]
    assert seen == sorted(seen)
