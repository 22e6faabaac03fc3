"""The plan of a recording, for any recording."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.media.ladder import KEEP_SOURCE_FACTOR, RUNGS, SEGMENT_S, Ladder, plan
from tongke.media.probe import Audio, Probe, Video

LESSON = Video(
    index=0, codec="h264", profile="High", pixel_format="yuv420p", width=1920, height=1080,
    fps=25.0, constant_rate=True, rotated=False, interlaced=False, keyframe_gap_s=2.0,
)  # fmt: skip
SOUND = Audio(index=1, codec="aac", profile="LC", channels=2, sample_rate=48_000)


def recording(video: Video | None = LESSON, bit_rate: int = 3_000_000) -> Probe:
    return Probe("mov", 2700.0, bit_rate, video, SOUND)


videos = st.builds(
    replace,
    st.just(LESSON),
    codec=st.sampled_from(["h264", "hevc", "vp8"]),
    width=st.integers(16, 4096),
    height=st.integers(16, 2304),
    fps=st.floats(0.5, 240),
    constant_rate=st.booleans(),
    rotated=st.booleans(),
    interlaced=st.booleans(),
    keyframe_gap_s=st.floats(0.1, 60),
)
recordings = st.builds(recording, videos, st.integers(10_000, 50_000_000))


def lines(ladder: Ladder) -> list[int]:
    return [rung.lines for rung in ladder.rungs]


@given(recordings)
def test_no_rung_is_larger_than_the_source_and_all_are_even(found: Probe) -> None:
    assert found.video is not None
    for rung in plan(found).rungs:
        assert rung.width % 2 == rung.height % 2 == 0
        assert 2 <= rung.width <= found.video.width
        assert 2 <= rung.height <= found.video.height


@given(recordings)
def test_rungs_fall_and_the_smallest_is_made_first(found: Probe) -> None:
    ladder = plan(found)
    assert ladder.rungs
    assert lines(ladder) == sorted(set(lines(ladder)), reverse=True)
    assert ladder.smallest == ladder.rungs[-1]
    assert (*ladder.rest, ladder.smallest) == ladder.rungs
    assert len({rung.name for rung in ladder.rungs}) == len(ladder.rungs)


@given(recordings)
def test_the_shape_of_the_picture_is_kept(found: Probe) -> None:
    assert found.video is not None
    for rung in plan(found).rungs:
        scale = found.video.width / found.video.height
        assert rung.width == pytest.approx(rung.height * scale, abs=2 * max(scale, 1) + 2)


@given(recordings)
def test_a_gop_is_a_segment_at_a_rate_that_an_old_pc_shows(found: Probe) -> None:
    ladder = plan(found)
    above, _, below = ladder.rate.partition("/")
    rate = int(above) / int(below or 1)
    assert 1 <= rate <= 30
    assert ladder.gop / rate == pytest.approx(SEGMENT_S, abs=0.5 / rate + 1e-9)


@pytest.mark.parametrize(
    ("fps", "rate"),
    [(25, "25"), (30, "30"), (50, "25"), (60, "30"), (59.94, "30000/1001"), (24, "24"),
     (15, "15"), (22.1, "25"), (28.7, "30"), (120, "30"), (1000, "30"), (0.2, "1")],
)  # fmt: skip
def test_rates_of_lessons_stay_and_fast_ones_are_halved(fps: float, rate: str) -> None:
    assert plan(recording(replace(LESSON, fps=fps))).rate == rate


def test_a_kept_source_stands_for_the_top_rung() -> None:
    assert lines(plan(recording())) == [720, 480, 360, 240]
    assert lines(plan(recording(), may_remux=False)) == [1080, 720, 480, 360, 240]


def test_a_fat_source_gets_a_top_rung_beside_it() -> None:
    fat = recording(bit_rate=round(RUNGS[1080] * KEEP_SOURCE_FACTOR) + 1)
    assert plan(fat).remux
    assert lines(plan(fat)) == [1080, 720, 480, 360, 240]


@pytest.mark.parametrize(
    ("width", "height", "wanted"),
    [
        (3840, 2160, [1080, 720, 480, 360, 240]),
        (1080, 1920, [1080, 720, 480, 360, 240]),
        (1280, 720, [720, 480, 360, 240]),
        (1600, 960, [960, 720, 480, 360, 240]),
        (854, 480, [480, 360, 240]),
        (320, 240, [240]),
        (160, 120, [120]),
    ],
)
def test_the_rungs_of_what_is_encoded(width: int, height: int, wanted: list[int]) -> None:
    video = replace(LESSON, codec="hevc", width=width, height=height)
    assert lines(plan(recording(video))) == wanted


def test_sound_alone_has_no_rungs() -> None:
    ladder = plan(recording(None))
    assert ladder.sound
    assert ladder.rungs == ()
    assert ladder.smallest is None
