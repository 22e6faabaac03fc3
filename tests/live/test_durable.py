"""What is told to be durable is what came in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.live import durable as module
from tongke.live.durable import MOST_TOLD, Durable


@given(st.lists(st.integers(1, 40), max_size=80))
def test_ranges_are_those_of_a_set(numbers: list[int]) -> None:
    durable, known = Durable(), set[int]()
    for number in numbers:
        assert durable.add(number) == (number not in known)
        known.add(number)
        first_missing = next(n for n in range(1, 50) if n not in known)
        assert durable.up_to == first_missing - 1
        above = {n for first, last in durable.above for n in range(first, last + 1)}
        assert above == {n for n in known if n >= first_missing}
        assert durable.highest == max(known)
    assert {n for n in range(1, 50) if n in durable} == known


def test_of_many_ranges_the_lowest_are_told() -> None:
    durable = Durable()
    for number in range(3, 1_001, 2):
        durable.add(number)
    assert durable.above == [(number, number) for number in range(3, 3 + 2 * MOST_TOLD, 2)]
    assert durable.highest == 999


def test_ranges_are_not_without_number_and_those_there_may_grow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_RANGES", 3)
    durable = Durable()
    for number in (1, 10, 20):
        assert durable.has_room(number)
        durable.add(number)
    assert [n for n in range(1, 25) if n not in durable and durable.has_room(n)] == [
        2,
        9,
        11,
        19,
        21,
    ]
    for number in range(2, 10):
        durable.add(number)
    assert durable.has_room(30), "a gap was filled"
