"""What is made anew is what was missing, with what its pictures need, and nothing else."""

from __future__ import annotations

import itertools
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tongke.live.filling import NO_GAP_US, WINDOW_COSTS, Kept, Stretch, in_windows, lacking

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


@given(
    st.lists(st.tuples(st.integers(1, 4_000_000), st.integers(1, 40), st.booleans()), max_size=60),
    st.lists(st.tuples(st.integers(0, 60_000_000), st.integers(1, 20_000_000)), max_size=3),
    st.randoms(use_true_random=False),
)
def test_windows_are_the_same_stretches_cut_where_a_segment_can_begin(
    chunks: list[tuple[int, int, bool]], rows: list[tuple[int, int]], random: Random
) -> None:
    """In the order in which a journal has its chunks, which is none."""
    ends = itertools.accumulate(lasts for lasts, _, _ in chunks)
    kept = [
        Kept(at, hundredths * WINDOW_COSTS // 40, begins)
        for at, (_, hundredths, begins) in zip(ends, chunks, strict=True)
    ]
    keyframes = {chunk.at_us for chunk in kept if chunk.begins}
    random.shuffle(kept)
    middle = 80_000_000
    stretches = [Stretch(-NO_GAP_US, middle), Stretch(middle + 1_000_000, 2**62)]
    found = in_windows(stretches, sorted(rows), kept)
    windows = [window for each in found for window in each]
    for stretch in stretches:
        within = [window for window in windows if stretch.has(window.began_us)]
        if not any(stretch.has(chunk.at_us) for chunk in kept):
            assert not within
            continue
        assert (within[0].began_us, within[-1].until_us) == stretch
        for one, two in itertools.pairwise(within):
            assert one.until_us == two.began_us
            assert two.began_us in keyframes
            for began, lasts in sorted(rows)[-1:]:
                assert not began < two.began_us < began + lasts
    for together in found:
        held = sum(c.costs for c in kept if any(window.has(c.at_us) for window in together))
        assert len(together) == 1 or held <= WINDOW_COSTS + 2 * max(c.costs for c in kept)


def test_a_lesson_with_keyframes_is_cut_into_windows_that_can_be_held() -> None:
    each = WINDOW_COSTS // 100
    kept = [Kept(n * 200_000, each, begins=not n % 10) for n in range(1_000)]
    found = in_windows([Stretch(0, 2**62)], [], kept)
    assert len(found) == 10
    costs = [sum(c.costs for c in kept if window.has(c.at_us)) for (window,) in found]
    assert max(costs) <= WINDOW_COSTS
    assert sum(costs) == 1_000 * each


def test_small_holes_are_made_in_one_pass_over_the_journal() -> None:
    stretches = [Stretch(n * 10_000_000, n * 10_000_000 + 3_000_000) for n in range(50)]
    kept = [Kept(n * 100_000, 20_000, begins=True) for n in range(5_000)]
    assert in_windows(stretches, [], kept) == [stretches]
