"""Where a recording lacks something that the journal has: a line that broke, a process that died.

A segment begins with a keyframe, and what follows a break needs the pictures from the last keyframe
on. So what is made anew begins with the segment before the break, which was cut short, and ends
where the lesson went on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

# Clocks of two streams, and the end of a last picture, are not known to the millisecond.
NO_GAP_US: Final = 60_000
_FOR_EVER: Final = 2**62


class Stretch(NamedTuple):
    """A time of the lesson's clock in microseconds, its end not included."""

    began_us: int
    until_us: int

    def has(self, at_us: int) -> bool:
        return self.began_us <= at_us < self.until_us


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
