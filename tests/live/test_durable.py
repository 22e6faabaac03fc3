"""What is told to be durable is what came in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tongke.live.durable import Durable


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
