"""The runs of a recorded lesson: what one publisher sent in one go.

Within a run pictures and sounds stand at their own times, so a moment in which a busy computer took
no picture lasts as long as it did, with the sound that there was. Between two runs the clocks begin
anew, and what was not captured takes no time.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol, TypeVar


class Recorded(Protocol):
    """A segment of a recording: when it was captured on the lesson's clock and how long its
    pictures last, in microseconds; its initialisation; whether it says itself that a run begins."""

    @property
    def began_us(self) -> int: ...
    @property
    def duration_us(self) -> int: ...
    @property
    def map_name(self) -> str: ...
    @property
    def discontinuity(self) -> bool: ...


T = TypeVar("T", bound=Recorded)


def runs(segments: Sequence[T]) -> list[list[T]]:
    """The segments of each run, of those of a lesson in its order."""
    found: list[list[T]] = []
    for segment in segments:
        if not found or segment.discontinuity or segment.map_name != found[-1][-1].map_name:
            found.append([])
        found[-1].append(segment)
    return found


def span_us(run: Sequence[Recorded]) -> int:
    """How long a run takes in the recording."""
    return max(each.began_us + each.duration_us for each in run) - run[0].began_us


def lasting_us(segments: Sequence[Recorded]) -> list[int]:
    """How long each segment is to be seen: within a run until the next one begins."""
    found = []
    for run in runs(segments):
        found += [
            max(one.duration_us, following.began_us - one.began_us)
            for one, following in pairwise(run)
        ]
        found.append(run[-1].duration_us)
    return found
