"""Where in its recording a moment of the lesson is: gaps fall out, and nothing goes backwards."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.classes.after.recorded_time import RecordedTime

BEGAN = 1_790_000_000_000_000

# Each piece: how long after the last one's end it began, and how long it lasts, in microseconds.
pieces = st.lists(
    st.tuples(st.integers(0, 90_000_000), st.integers(1000, 10_000_000)), min_size=1, max_size=12
)


def laid(steps: list[tuple[int, int]]) -> list[tuple[int, int]]:
    at, found = BEGAN, []
    for gap, lasts in steps:
        found.append((at + gap, lasts))
        at += gap + lasts
    return found


@given(pieces, st.data())
def test_what_was_captured_is_at_its_place(
    steps: list[tuple[int, int]], data: st.DataObject
) -> None:
    found = laid(steps)
    time = RecordedTime(data.draw(st.permutations(found)))
    number = data.draw(st.integers(0, len(found) - 1))
    began_us, lasts_us = found[number]
    within_us = data.draw(st.integers(0, lasts_us - 1))
    second = time.seconds_at((began_us + within_us) / 1000)
    before_us = sum(lasts for _, lasts in found[:number])
    assert second == pytest.approx((before_us + within_us) / 1e6, abs=1e-3)


@given(pieces, st.lists(st.integers(-(10**9), 2 * 10**9), min_size=2))
def test_it_never_goes_back_and_stays_within(
    steps: list[tuple[int, int]], moments: list[int]
) -> None:
    time = RecordedTime(laid(steps))
    seconds = [time.seconds_at((BEGAN + at) / 1000) for at in sorted(moments)]
    assert seconds == sorted(seconds)
    assert all(0 <= second <= time.duration_s for second in seconds)


def test_a_break_takes_no_time() -> None:
    time = RecordedTime([(BEGAN, 2_000_000), (BEGAN + 30_000_000, 2_000_000)])
    assert time.duration_s == 4.0
    assert time.seconds_at((BEGAN + 1_500_000) / 1000) == pytest.approx(1.5)
    # A question asked while the line was down stands where the lesson goes on.
    assert time.seconds_at((BEGAN + 17_000_000) / 1000) == pytest.approx(2.0)
    assert time.seconds_at((BEGAN + 31_000_000) / 1000) == pytest.approx(3.0)


def test_before_and_behind_it_is_its_edges() -> None:
    time = RecordedTime([(BEGAN, 2_000_000)])
    assert time.seconds_at(BEGAN / 1000 - 60_000) == 0
    assert time.seconds_at(BEGAN / 1000 + 60_000) == 2.0


def test_without_pieces_there_is_no_time() -> None:
    time = RecordedTime([])
    assert time.duration_s == 0
    assert time.seconds_at(BEGAN / 1000) == 0
