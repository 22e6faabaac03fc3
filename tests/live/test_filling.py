"""What is made anew is what was missing, with what its pictures need, and nothing else."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from tongke.live.filling import NO_GAP_US, lacking

SEGMENT_US = 2_000_000


def test_a_lesson_without_a_break_lacks_nothing() -> None:
    made = [(number * SEGMENT_US, SEGMENT_US) for number in range(5)]
    assert lacking(made, range(0, 10_000_000, 20_000)) == []


def test_a_break_is_filled_from_the_segment_before_it() -> None:
    made = [(0, SEGMENT_US), (SEGMENT_US, 1_000_000), (9_000_000, SEGMENT_US)]
    (found,) = lacking(made, range(0, 11_000_000, 20_000))
    assert found == (SEGMENT_US, 9_000_000)


def test_what_nobody_kept_cannot_be_filled() -> None:
    made = [(0, SEGMENT_US), (9_000_000, SEGMENT_US)]
    kept = [*range(0, SEGMENT_US, 20_000), *range(9_000_000, 11_000_000, 20_000)]
    assert lacking(made, kept) == []


def test_what_came_at_the_end_alone_is_filled_too() -> None:
    made = [(0, SEGMENT_US)]
    (found,) = lacking(made, range(0, 5_000_000, 20_000))
    assert found.began_us == 0
    assert found.has(5_000_000)
    (whole,) = lacking([], [1_000_000])
    assert whole.has(1_000_000)


@given(st.lists(st.tuples(st.integers(0, 3_000_000), st.integers(100_000, 2_000_000)), max_size=12))
def test_afterwards_nothing_is_missing(pieces: list[tuple[int, int]]) -> None:
    """With what is made anew in place of what it covers, every moment that was kept is there."""
    at, made = 0, list[tuple[int, int]]()
    for hole, lasts in pieces:
        at += hole
        made.append((at, lasts))
        at += lasts
    kept = range(0, at, 20_000)
    found = lacking(made, kept)
    assert all(one.until_us < two.began_us for one, two in itertools.pairwise(found))
    starts = {began for began, _ in made} | {-NO_GAP_US}
    assert all(stretch.began_us in starts for stretch in found)
    for moment in kept:
        in_segment = any(began <= moment < began + lasts + NO_GAP_US for began, lasts in made)
        assert in_segment or any(stretch.has(moment) for stretch in found)
    # No segment is half covered: what a stretch covers is taken out whole.
    for began, lasts in made:
        touched = [s for s in found if s.began_us < began + lasts and began < s.until_us]
        assert all(s.began_us <= began and began + lasts <= s.until_us for s in touched)
