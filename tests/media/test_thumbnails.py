"""Poster and storyboard: for the whole length, and in every shape of picture."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.media.clips import Studio
from tests.media.test_ladder import LESSON, recording, videos
from tongke.media.probe import Probe, probe
from tongke.media.programs import Programs
from tongke.media.thumbnails import (
    COLUMNS,
    MOST_TILES,
    POSTER,
    POSTER_WIDTH,
    SMALL_POSTER,
    SMALL_POSTER_WIDTH,
    STORYBOARD,
    Grid,
    grid,
    index,
    poster,
    sheet,
    storyboard,
)

_CUE = re.compile(r"(\S+) --> (\S+)\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)\n")

lengths = st.floats(0.04, 8 * 3600)
recordings = st.builds(
    lambda video, seconds: replace(recording(video), duration_s=seconds), videos, lengths
)


def seconds(stamp: str) -> float:
    hours, minutes, rest = stamp.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def cues(text: str) -> list[tuple[float, float, str, tuple[int, int, int, int]]]:
    return [
        (seconds(start), seconds(end), name, (int(x), int(y), int(w), int(h)))
        for start, end, name, x, y, w, h in _CUE.findall(text)
    ]


@given(recordings)
def test_the_index_covers_the_whole_length_without_gaps(found: Probe) -> None:
    planned = grid(found)
    listed = cues(index(planned, found.duration_s))
    assert len(listed) == planned.tiles <= MOST_TILES
    assert listed[0][0] == 0
    assert listed[-1][1] == pytest.approx(found.duration_s, abs=0.002)
    for before, after in pairwise(listed):
        assert before[1] == pytest.approx(after[0], abs=0.002)


@given(recordings)
def test_every_tile_lies_inside_a_sheet_that_is_made(found: Probe) -> None:
    planned = grid(found)
    names = {sheet(number + 1) for number in range(planned.sheets)}
    places = [(name, place) for _, _, name, place in cues(index(planned, found.duration_s))]
    assert len(set(places)) == len(places)
    for name, (x, y, width, height) in places:
        assert name in names
        assert x + width <= COLUMNS * planned.width
        assert y + height <= planned.rows * planned.height


async def drawn(programs: Programs, clip: Path, out: Path) -> tuple[Probe, Grid]:
    found = await probe(programs, clip)
    sizes = await poster(programs, clip, found, out)
    for name, width in ((POSTER, sizes.width), (SMALL_POSTER, sizes.small_width)):
        with Image.open(out / name) as picture:
            assert picture.width == width
    return found, await storyboard(programs, clip, found, out)


@pytest.mark.media
@pytest.mark.parametrize(
    "name", ["lesson.mp4", "rotated.mp4", "sparse.mp4", "short.mp4", "wide.mp4", "browser.webm",
             "variable.mp4", "half.mp4", "lesson.ts", "tall.mp4"],
)  # fmt: skip
async def test_sheets_and_poster_of_real_files(
    programs: Programs, studio: Studio, out: Path, name: str
) -> None:
    found, planned = await drawn(programs, studio.clip(name), out)
    assert found.video is not None
    listed = cues((out / STORYBOARD).read_text())
    assert listed[-1][1] == pytest.approx(found.duration_s, abs=0.002)
    for number in range(planned.sheets):
        with Image.open(out / sheet(number + 1)) as picture:
            assert picture.size == (COLUMNS * planned.width, planned.rows * planned.height)
    assert not (out / sheet(planned.sheets + 1)).exists()
    shape = found.video.width / found.video.height
    for drawn_as, widest in ((POSTER, POSTER_WIDTH), (SMALL_POSTER, SMALL_POSTER_WIDTH)):
        with Image.open(out / drawn_as) as picture:
            assert picture.width <= widest
            assert picture.width / picture.height == pytest.approx(shape, rel=0.02)


@pytest.mark.media
async def test_a_long_recording_fills_several_sheets(
    programs: Programs, studio: Studio, out: Path
) -> None:
    long = out / "long.mp4"
    studio.make(
        "-f", "lavfi", "-i", "testsrc2=s=64x36:r=1", "-t", "1230", "-c:v", "libx264", "-g", "4",
        "-pix_fmt", "yuv420p", long,
    )  # fmt: skip
    _, planned = await drawn(programs, long, out)
    assert planned.sheets == 3
    assert all((out / sheet(number)).exists() for number in (1, 2, 3))


def test_a_picture_as_thin_as_a_thread_still_fits_a_jpeg() -> None:
    planned = grid(recording(replace(LESSON, width=16, height=2304)))
    assert planned.rows * planned.height < 65_000
