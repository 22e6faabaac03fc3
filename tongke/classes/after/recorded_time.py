"""From the lesson's clock to the seconds of its recording.

A recording is the runs of its class one behind the other in the order of their capture
(`tongke.live.runs`), so what was not captured between two of them (a break whose pictures never
came) takes no time in it: every moment of a gap is the moment at which the recording goes on. What
happened before the first picture is at its beginning, what came after the last at its end.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from tongke.classes.models import LiveSegment
from tongke.live.runs import runs, span_us

Piece = tuple[int, int]
"""When a run began on the lesson's clock, and how long it lasts, in microseconds."""


class RecordedTime:
    """The time line of one recording. Where two pieces overlap, the later one is what is seen."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        ordered = sorted(pieces)
        self._began_us = [began_us for began_us, _ in ordered]
        self._lasts_us = [lasts_us for _, lasts_us in ordered]
        # Where each piece begins in the recording, and behind them where it ends.
        self._starts_us = [0, *accumulate(self._lasts_us)]

    @staticmethod
    def of(rows: Sequence[LiveSegment]) -> RecordedTime:
        """Of the segments of a lesson, in its order."""
        return RecordedTime((run[0].began_us, span_us(run)) for run in runs(rows))

    @property
    def duration_s(self) -> float:
        return self._starts_us[-1] / 1e6

    def seconds_at(self, media_ms: float) -> float:
        """Where in the recording a moment of the lesson is."""
        at = bisect_right(self._began_us, media_ms * 1000) - 1
        if at < 0:
            return 0.0
        within_us = min(media_ms * 1000 - self._began_us[at], self._lasts_us[at])
        return (self._starts_us[at] + within_us) / 1e6
