"""A room's attendance is what a person with a stopwatch at its door would have written down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.live.attendance import (
    COLUMNS,
    Attendee,
    Ended,
    Event,
    HeadCount,
    Joined,
    Left,
    Row,
    Why,
    attendance,
    rows,
)

BEGINS = datetime(2024, 9, 2, 0, 0, tzinfo=UTC)
LENGTH_S = 2400


def at(seconds: float) -> datetime:
    return BEGINS + timedelta(seconds=seconds)


def joined(seconds: float, room: int = 1) -> Joined:
    return Joined(room, at(seconds))


def left(seconds: float, why: Why = Why.DROPPED, room: int = 1) -> Left:
    return Left(room, at(seconds), why)


def of(*events: Event, length_s: float = LENGTH_S) -> Attendee:
    (found,) = attendance(events, BEGINS, at(length_s), expected=[1])
    return found


def parts(found: Attendee) -> list[tuple[float, float]]:
    """The intervals in seconds after the begin."""
    return [
        ((part.begins_at - BEGINS).total_seconds(), (part.ends_at - BEGINS).total_seconds())
        for part in found.intervals
    ]


def test_a_room_that_is_there_before_the_bell_and_stays_is_neither_late_nor_early() -> None:
    found = of(joined(-300), left(LENGTH_S + 20, Why.LEFT))
    assert parts(found) == [(0, LENGTH_S)]
    assert (found.seconds_present, found.late_by_s, found.left_early_s) == (LENGTH_S, 0, 0)
    assert found.gone is None


def test_the_class_is_over_when_its_log_says_so_in_whatever_order_that_is_read() -> None:
    log = [joined(0), left(LENGTH_S - 90), joined(LENGTH_S + 2)]
    for events in ([*log, Ended(at(LENGTH_S))], [Ended(at(LENGTH_S)), *log]):
        assert of(*events, length_s=LENGTH_S + 20).left_early_s == 90
    assert of(joined(0), Ended(at(LENGTH_S + 60))).seconds_present == LENGTH_S
    # One that was begun and ended at once has nobody in it for less than no time.
    assert of(joined(-60), Ended(at(-1))).intervals == ()


def test_a_room_that_came_late_and_went_early() -> None:
    found = of(joined(90), left(2000, Why.REMOVED))
    assert (found.late_by_s, found.left_early_s, found.seconds_present) == (90, 400, 1910)
    assert found.gone is Why.REMOVED


@pytest.mark.parametrize(("away_s", "intervals"), [(59, 1), (60, 1), (60.5, 2), (600, 2)])
def test_a_drop_that_returns_within_a_minute_is_none(away_s: float, intervals: int) -> None:
    found = of(joined(0), left(600), joined(600 + away_s))
    assert len(found.intervals) == intervals
    assert found.seconds_present == LENGTH_S - (away_s if intervals == 2 else 0)


def test_a_drop_across_the_bell_makes_nobody_late() -> None:
    assert of(joined(-300), left(-20), joined(25)).late_by_s == 0


def test_a_room_is_there_until_now_while_the_class_runs() -> None:
    found = of(joined(0), length_s=700)
    assert (found.seconds_present, found.left_early_s, found.gone) == (700, 0, None)


def test_a_room_that_never_came_is_in_the_table_and_not_called_late() -> None:
    found = of()
    assert (found.intervals, found.seconds_present) == ((), 0)
    assert (found.late_by_s, found.left_early_s, found.gone) == (None, None, None)
    assert of(joined(-300), left(-100), joined(LENGTH_S + 70)).intervals == ()


def test_the_leaving_of_an_old_connection_takes_nobody_out() -> None:
    assert parts(of(joined(0), joined(600), left(600.8))) == [(0, LENGTH_S)]
    assert parts(of(joined(0), left(600), joined(600))) == [(0, LENGTH_S)]


def test_a_room_that_looks_in_for_a_moment_has_been_there_for_that_moment() -> None:
    assert parts(of(joined(600), left(600.5, Why.LEFT))) == [(600, 600.5)]


def test_head_counts_are_taken_before_the_bell_too() -> None:
    found = of(
        joined(-300),
        HeadCount(1, at(1200), 31),
        HeadCount(1, at(-60), 30),
        HeadCount(1, at(1800), 29),
    )
    assert (found.last_count, found.greatest_count) == (29, 31)


def test_rooms_are_apart_and_in_order() -> None:
    log: list[Event] = [
        joined(0, room=3),
        joined(10, room=2),
        left(100, room=3),
        HeadCount(9, at(5), 12),
    ]
    found = attendance(log, BEGINS, at(LENGTH_S), expected=[1, 2])
    assert [(room.who, room.seconds_present) for room in found] == [
        (1, 0),
        (2, LENGTH_S - 10),
        (3, 100),
        (9, 0),
    ]


def test_the_table() -> None:
    log: list[Event] = [
        joined(30.4),
        left(900),
        joined(1200),
        left(2300.2, Why.LEFT),
        HeadCount(1, at(60), 28),
    ]
    there, absent = rows(attendance(log, BEGINS, at(LENGTH_S), expected=[1, 2]))
    assert there == Row(
        who=1,
        came_at=at(30.4),
        went_at=at(2300.2),
        seconds_present=1970,
        late_by_s=30,
        left_early_s=100,
        interruptions=1,
        gone=Why.LEFT,
        last_count=28,
        greatest_count=28,
    )
    assert absent == Row(2, None, None, 0, None, None, 0, None, None, None)
    assert len(COLUMNS) == len(Row._fields)


# Logs on a grid of half seconds, in steps that meet at the edges of a second and of a minute.
TICK_S = 0.5
TICKS = 1000
CLASS = (100, 700)
STEPS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 2, 3, 40, 119, 120, 121, 150]), st.sampled_from(["joined", "left"])
    ),
    max_size=14,
)


def in_time(steps: list[tuple[int, str]]) -> list[tuple[int, str]]:
    moments = accumulate(step for step, _ in steps)
    log = zip(moments, (kind for _, kind in steps), strict=True)
    return [(tick, kind) for tick, kind in log if tick < TICKS]


LOGS = STEPS.map(in_time)


def events_of(log: list[tuple[int, str]]) -> list[Event]:
    return [
        joined(tick * TICK_S) if kind == "joined" else left(tick * TICK_S) for tick, kind in log
    ]


def measured(log: list[tuple[int, str]]) -> Attendee:
    begin, end = (at(tick * TICK_S) for tick in CLASS)
    (found,) = attendance(events_of(log), begin, end, expected=[1])
    return found


def watched(log: list[tuple[int, str]]) -> list[bool]:
    """Whether the room was there in each tick of the class, watched tick by tick."""
    there = [False] * TICKS
    came_again = [False] * TICKS
    here = False
    for tick in range(TICKS):
        if (tick, "left") in log and not any(came_again[max(0, tick - 2) : tick]):
            here = False
        if (tick, "joined") in log:
            came_again[tick] = here
            here = True
        there[tick] = here
    for before, after in pairwise([tick for tick in range(TICKS) if there[tick]]):
        if (after - before - 1) * TICK_S <= 60:
            there[before:after] = [True] * (after - before)
    return there[slice(*CLASS)]


@given(LOGS)
def test_a_room_is_there_when_somebody_watching_it_says_so(log: list[tuple[int, str]]) -> None:
    found, there = measured(log), watched(log)
    assert found.seconds_present == sum(there) * TICK_S
    runs = sum(now and not before for before, now in zip([False, *there], there, strict=False))
    assert len(found.intervals) == runs
    if runs:
        assert found.late_by_s == there.index(True) * TICK_S
        assert found.left_early_s == there[::-1].index(True) * TICK_S


@given(LOGS, st.randoms(use_true_random=False))
def test_neither_doubles_nor_the_order_of_writing_change_anything(
    log: list[tuple[int, str]], random: Random
) -> None:
    shuffled = log + random.choices(log, k=len(log)) if log else log
    random.shuffle(shuffled)
    assert measured(shuffled) == measured(log)
