"""The runs of a lesson in one file: all of each, at its own length, however they are coded."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tongke.media.errors import FfmpegFailed
from tongke.media.joining import Run, join
from tongke.media.programs import Programs

pytestmark = pytest.mark.media

RATE = 25
BREAK = "not(between(t,2,15))"


def filmed(
    programs: Programs,
    folder: Path,
    name: str,
    seconds: float,
    *,
    size: str | None = "160x90",
    sound: bool = True,
    filters: tuple[str, ...] = (),
) -> Run:
    """A run, of a test picture and a tone."""
    inputs, out = list[str](), list[str]()
    if size:
        inputs += ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={RATE}"]
        out += ["-c:v", "libx264", "-preset", "ultrafast", "-g", str(RATE), "-bf", "0"]
    if sound:
        inputs += ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"]
        out += ["-c:a", "aac", "-ac", "2"]
    playlist = folder / f"{name}.m3u8"
    out += ["-t", f"{seconds}", *filters, "-f", "hls", "-hls_time", "1", "-hls_list_size", "0"]
    out += ["-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"]
    out += ["-hls_fmp4_init_filename", f"{name}-init.mp4"]
    out += ["-hls_segment_filename", str(folder / f"{name}-%d.m4s"), str(playlist)]
    subprocess.run([programs.ffmpeg, "-v", "error", *inputs, *out], check=True)
    return Run(playlist, folder / f"{name}-init.mp4", seconds)


def told(programs: Programs, path: Path) -> dict[str, Any]:
    """By kind of stream: how many pictures or pieces of sound, and what ffprobe says besides."""
    said = subprocess.run(
        [programs.ffprobe, "-v", "error", "-count_packets", "-show_streams", "-of", "json", path],
        check=True,
        capture_output=True,
    ).stdout
    return {stream["codec_type"]: stream for stream in json.loads(said)["streams"]}


def brightness(programs: Programs, path: Path, at_s: float) -> int:
    """The mean of a picture, 0 to 255."""
    found = subprocess.run(
        [
            *(programs.ffmpeg, "-v", "error", "-ss", f"{at_s}", "-i", path, "-frames:v", "1"),
            *("-vf", "scale=1:1,format=gray", "-f", "rawvideo", "-"),
        ],
        check=True,
        capture_output=True,
    ).stdout
    return found[0]


async def joined(programs: Programs, runs: list[Run], folder: Path) -> Path:
    shares = list[float]()
    await join(programs, runs, folder / "lesson.mp4", shares.append)
    assert shares == sorted(shares) and shares[-1] > 0.9
    return folder / "lesson.mp4"


async def test_runs_that_are_coded_alike_are_copied(programs: Programs, tmp_path: Path) -> None:
    runs = [filmed(programs, tmp_path, name, 3) for name in ("a", "b")]
    found = told(programs, await joined(programs, runs, tmp_path))
    assert int(found["video"]["nb_read_packets"]) == 2 * 3 * RATE
    assert float(found["video"]["duration"]) == pytest.approx(6, abs=0.1)
    assert float(found["audio"]["duration"]) == pytest.approx(6, abs=0.1)


async def test_a_lesson_that_began_with_its_sound_alone_has_its_pictures(
    programs: Programs, tmp_path: Path
) -> None:
    """One playlist of both would have ended, without an error, behind the sound."""
    runs = [
        filmed(programs, tmp_path, "sound", 1, size=None),
        filmed(programs, tmp_path, "both", 4),
        filmed(programs, tmp_path, "silent", 2, sound=False),
    ]
    path = await joined(programs, runs, tmp_path)
    found = told(programs, path)
    assert float(found["video"]["duration"]) == pytest.approx(7, abs=0.2)
    assert float(found["audio"]["duration"]) == pytest.approx(7, abs=0.2)
    assert brightness(programs, path, 0.5) < 30 < brightness(programs, path, 3)
    assert brightness(programs, path, 6) > 30


async def test_a_camera_of_another_size_is_fitted_in(programs: Programs, tmp_path: Path) -> None:
    runs = [
        filmed(programs, tmp_path, "small", 1, size="120x120"),
        filmed(programs, tmp_path, "large", 3, size="320x180"),
    ]
    found = told(programs, await joined(programs, runs, tmp_path))
    assert (found["video"]["width"], found["video"]["height"]) == (320, 180)
    assert int(found["video"]["nb_read_packets"]) == pytest.approx(4 * RATE, abs=2)


@pytest.mark.parametrize("other", ["160x90", "320x180"], ids=["copied", "coded anew"])
async def test_a_moment_without_pictures_lasts_as_long_as_it_did(
    programs: Programs, tmp_path: Path, other: str
) -> None:
    """ffmpeg takes ten seconds and more for a jump of the clock, and takes them out."""
    gap = ("-vf", f"select='{BREAK}'", "-fps_mode", "passthrough", "-af", f"aselect='{BREAK}'")
    runs = [
        filmed(programs, tmp_path, "torn", 18, filters=gap),
        filmed(programs, tmp_path, "after", 2, size=other),
    ]
    found = told(programs, await joined(programs, runs, tmp_path))
    assert float(found["video"]["duration"]) == pytest.approx(20, abs=0.3)
    assert float(found["audio"]["duration"]) == pytest.approx(20, abs=0.3)


async def test_a_file_that_lacks_some_of_it_is_none(programs: Programs, tmp_path: Path) -> None:
    run = filmed(programs, tmp_path, "a", 3)
    with pytest.raises(FfmpegFailed, match="the joined file lasts"):
        await joined(programs, [Run(run.playlist, run.initialisation, 30)], tmp_path)
