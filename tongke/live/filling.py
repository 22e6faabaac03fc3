"""Where a recording lacks something that the journal has: a line that broke, a process that died.

A segment begins with a keyframe, and what follows a break needs the pictures from the last keyframe
on. So what is made anew begins with the segment before the break, which was cut short, and ends
where the lesson went on. All of a lesson may be missing, of a line that was too thin for pictures:
it is made in windows, which memory has room for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

# Clocks of two streams, and the end of a last picture, are not known to the millisecond.
NO_GAP_US: Final = 60_000
_FOR_EVER: Final = 2**62
# Of a window: two minutes of a lesson. As much again is held of what is made of it, and twice.
WINDOW_COSTS: Final = 32 * 2**20
# What a chunk costs in memory beside its bytes.
CHUNK_COSTS: Final = 1_024
_SECOND_US: Final = 1_000_000


class Stretch(NamedTuple):
    """A time of the lesson's clock in microseconds, its end not included."""

    began_us: int
    until_us: int

    def has(self, at_us: int) -> bool:
        return self.began_us <= at_us < self.until_us


class Kept(NamedTuple):
    """A chunk of the journal: when it was captured, what it costs in memory, and whether a segment
    can begin with it."""

    at_us: int
    costs: int
    begins: bool


def lacking(made: Sequence[tuple[int, int]], kept: Iterable[int]) -> list[Stretch]:
    """What is to be made anew.

    Args:
        made: When each segment began and how long it is, in the order of the lesson.
        kept: When each chunk of the journal was captured.
    """
    edges = [began for began, _ in made] + [_FOR_EVER]
    holes = [
        Stretch(began + lasts, following)
        for (began, lasts), following in zip(made, edges[1:], strict=True)
        if following - began - lasts > NO_GAP_US
    ]
    if made:
        holes.insert(0, Stretch(-NO_GAP_US, made[0][0]))
    else:
        holes = [Stretch(-NO_GAP_US, _FOR_EVER)]
    # Holes do not overlap: a chunk is in the last that began before it, or in none. Its very
    # beginning is the last chunk's own length.
    begins = [hole.began_us + NO_GAP_US for hole in holes]
    missing = set[Stretch]()
    for at in kept:
        hole = holes[bisect_right(begins, at) - 1]
        if hole.began_us + NO_GAP_US <= at < hole.until_us:
            missing.add(hole)
    ends = [began + lasts for began, lasts in made]
    stretches = list[Stretch]()
    for hole in sorted(missing):
        # With the segment before it.
        before = bisect_right(ends, hole.began_us)
        began_us = made[before - 1][0] if before else hole.began_us
        stretches.append(Stretch(began_us, hole.until_us))
    return _joined(stretches)


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    found: list[Stretch] = []
    for each in stretches:
        if found and each.began_us <= found[-1].until_us:
            found[-1] = Stretch(found[-1].began_us, max(found[-1].until_us, each.until_us))
        else:
            found.append(each)
    return found


def in_windows(
    stretches: Sequence[Stretch], made: Sequence[tuple[int, int]], kept: Iterable[Kept]
) -> list[list[Stretch]]:
    """The stretches, cut into windows where a segment can begin; those together that one pass over
    the journal can hold. A window may cost more: of pictures without a keyframe, say.

    Args:
        stretches: As `lacking` gave them.
        made: As `lacking` was given.
        kept: All chunks of the journal, in any order.
    """
    begins, made_begins = [each.began_us for each in stretches], [began for began, _ in made]
    # By stretch and second, as a lesson has many chunks: what they cost, and where to cut first.
    costs, cuts = defaultdict[tuple[int, int], int](int), dict[tuple[int, int], int]()
    for at_us, cost, can_begin in kept:
        number = bisect_right(begins, at_us) - 1
        if number < 0 or not stretches[number].has(at_us):
            continue
        key = number, at_us // _SECOND_US
        costs[key] += cost
        # A segment that was made is replaced whole, or stays.
        row = bisect_right(made_begins, at_us) - 1
        is_in_row = row >= 0 and 0 < at_us - made[row][0] < made[row][1]
        if can_begin and not is_in_row:
            cuts[key] = min(at_us, cuts.get(key, at_us))
    return _together(_cut(stretches, costs, cuts))


def _cut(
    stretches: Sequence[Stretch],
    costs: dict[tuple[int, int], int],
    cuts: dict[tuple[int, int], int],
) -> Iterator[tuple[Stretch, int]]:
    """Each window, with what it costs."""
    for number, keys in groupby(sorted(costs), key=lambda key: key[0]):
        began_us, cost = stretches[number].began_us, 0
        for key in keys:
            if cost and cost + costs[key] > WINDOW_COSTS and key in cuts:
                yield Stretch(began_us, cuts[key]), cost
                began_us, cost = cuts[key], 0
            cost += costs[key]
        yield Stretch(began_us, stretches[number].until_us), cost


def _together(found: Iterable[tuple[Stretch, int]]) -> list[list[Stretch]]:
    passes, held = list[list[Stretch]](), WINDOW_COSTS
    for window, cost in found:
        held += cost
        if held > WINDOW_COSTS:
            passes.append([])
            held = cost
        passes[-1].append(window)
    return passes
