"""Coded pictures and frames of sound, and the samples of a fragment that they become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tongke.live.tracks import Sample, SoundTrack, Track

MICROSECONDS: Final = 1_000_000


@dataclass(frozen=True)
class Frame:
    """A coded picture or frame of sound, at its time on the lesson's clock."""

    at_us: int
    data: bytes
    sync: bool = True
    # Known of sound; of a picture it is told by the next.
    duration_us: int = 0
    # How much later than `at_us`, its turn, a picture is shown.
    offset_us: int = 0


def samples(track: Track, frames: Sequence[Frame], ends_us: int, origin_us: int) -> list[Sample]:
    """A run of a fragment. Each frame lasts until the next: a run has no holes, so a hole lengthens
    what is before it."""
    times = [_ticks(track, frame.at_us - origin_us) for frame in frames]
    following = [*times[1:], _ticks(track, ends_us - origin_us)]
    return [
        Sample(
            time,
            max(1, until - time),
            frame.data,
            frame.sync,
            _ticks(track, frame.offset_us),
        )
        for time, until, frame in zip(times, following, frames, strict=True)
    ]


def sounds(track: SoundTrack, heard: Sequence[Frame], origin_us: int) -> list[Sample]:
    """The same of frames of sound, which know how long they are."""
    return samples(track, heard, heard[-1].at_us + heard[-1].duration_us, origin_us)


def _ticks(track: Track, microseconds: int) -> int:
    """A time in a track's timescale, rounded once: no error adds up."""
    return round(microseconds * track.timescale / MICROSECONDS)
