"""Loudness of what is handed out (EBU R128), measured on the renditions themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.media.clips import Studio
from tongke.media import run
from tongke.media.ladder import plan
from tongke.media.loudness import (
    MOST_GAIN_DB,
    PEAK_DBTP,
    SILENT_LUFS,
    TARGET_LUFS,
    gain_for,
    integrated,
)
from tongke.media.probe import probe
from tongke.media.programs import Programs
from tongke.media.rendition import PLAYLIST, SOUND
from tongke.media.transcode import encode_thin


async def loudness_of(programs: Programs, clip: Path, out: Path) -> tuple[float, str]:
    """The integrated loudness of the sound rendition, and all that ebur128 says."""
    found = await probe(programs, clip)
    await encode_thin(programs, clip, found, plan(found), out)
    said = await run.ffmpeg(
        programs.ffmpeg,
        ["-v", "info", "-f", "hls", "-allowed_extensions", "ALL", "-i", str(out / SOUND / PLAYLIST),
         "-af", "ebur128=framelog=verbose:peak=true", "-f", "null", "-"],
    )  # fmt: skip
    return integrated(said), said


@pytest.mark.media
@pytest.mark.parametrize("name", ["speech.wav", "quiet.wav", "surround.mp4"])
async def test_speech_is_brought_to_the_target(
    programs: Programs, studio: Studio, out: Path, name: str
) -> None:
    loudness, said = await loudness_of(programs, studio.clip(name), out)
    assert loudness == pytest.approx(TARGET_LUFS, abs=1)
    peak = float(said.rpartition("Peak:")[2].split()[0])
    assert peak <= PEAK_DBTP + 1.5  # what AAC at a low rate adds


@pytest.mark.media
async def test_silence_stays_silent(programs: Programs, studio: Studio, out: Path) -> None:
    loudness, _ = await loudness_of(programs, studio.clip("silence.wav"), out)
    assert loudness < SILENT_LUFS


@given(st.floats(-120, 20))
def test_gain_reaches_the_target_or_its_limit(measured: float) -> None:
    gain = gain_for(measured)
    if measured < SILENT_LUFS:
        assert gain == 0
    else:
        assert gain == pytest.approx(min(TARGET_LUFS - measured, MOST_GAIN_DB), abs=0.01)


@pytest.mark.parametrize(
    ("said", "loudness"),
    [
        ("  Integrated loudness:\n    I:         -23.4 LUFS\n", -23.4),
        ("    I:         -70.0 LUFS\n", -70.0),
        ("    I:         -inf LUFS\n", float("-inf")),
        ("    I:         nan LUFS\n", float("-inf")),
        ("nothing at all", float("-inf")),
    ],
)
def test_the_summary_is_read(said: str, loudness: float) -> None:
    assert integrated(said) == loudness
