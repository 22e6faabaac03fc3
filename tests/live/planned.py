"""Lessons of any shape, as a playlist is given them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from tongke.live.playlist import LivePlaylist, Part, Segment

BEGAN = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
SEGMENT_S = 1


@dataclass(frozen=True)
class Plan:
    """A segment to come: parts in ms, which initialisation it needs, whether it goes on."""

    parts_ms: tuple[int, ...]
    map_name: str
    discontinuity: bool


plans = st.lists(
    st.builds(
        Plan,
        st.lists(st.integers(1, 500) | st.just(500), min_size=1, max_size=4).map(tuple),
        st.sampled_from(["a.mp4", "a.mp4", "b.mp4"]),
        st.sampled_from([False, False, True]),
    ),
    max_size=24,
)
windows = st.sampled_from([None, 0.0, 5.0, 9.0])


def new(window_s: float | None) -> LivePlaylist:
    return LivePlaylist(segment_s=SEGMENT_S, part_s=0.5, window_s=window_s)


def teach(playlist: LivePlaylist, planned: list[Plan], made: list[Segment]) -> Iterator[int]:
    """Goes through a lesson, and stops after each part and each segment: us of lesson so far."""
    at_us = 0
    for number, plan in enumerate(planned):
        began = BEGAN + timedelta(microseconds=at_us)
        sequence = playlist.begin_segment(plan.map_name, began, discontinuity=plan.discontinuity)
        assert sequence == number
        for index, ms in enumerate(plan.parts_ms):
            playlist.add_part(Part(f"{number}.{index}.m4s", ms / 1000, independent=index == 0))
            at_us += ms * 1000
            yield at_us
        made.append(playlist.close_segment(f"{number}.m4s"))
        yield at_us
