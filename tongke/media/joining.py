"""Joins the runs of a lesson into one file, each behind the other at its own length.

A run is what one publisher sent in one go: a playlist with one initialisation. Where all of them
are coded alike their frames are copied. Where they are not (a lesson that began with its sound
alone, a second camera of another size), no file holds them as they are, and all are coded anew to
what the longest has. Handed to ffmpeg as one playlist, it would keep the tracks of the first run,
lose what the others have besides, and end without an error.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tongke.media.errors import FfmpegFailed
from tongke.media.programs import Programs
from tongke.media.run import OnProgress, ffmpeg, ffprobe

# The shares of the work: coding takes most of it, where it is needed.
_CODING: Final = 0.9
# ffmpeg's end of a file and ours may differ by some frames, and by what a torn end lacks.
_NEAR_S: Final = 2.0
_NEAR: Final = 0.98
RATE: Final = 30


@dataclass(frozen=True)
class Run:
    """`playlist` names its segments, which lie beside it; `span_s` is its length in the file."""

    playlist: Path
    initialisation: Path
    span_s: float


@dataclass(frozen=True)
class _Tracks:
    """What a run has: the size of its picture, or None, and whether there is sound."""

    size: tuple[int, int] | None
    has_sound: bool


async def join(programs: Programs, runs: Sequence[Run], target: Path, progress: OnProgress) -> None:
    """Write them into one MP4.

    Args:
        runs: In the order of the lesson, one at least, all in one folder.
        progress: Is given 0 to 1.

    Raises:
        FfmpegFailed: also where the file is shorter than the runs are.
    """
    share = 0.0
    if not await asyncio.to_thread(_are_alike, runs):
        runs, share = (
            await _coded_alike(programs, runs, lambda done: progress(_CODING * done)),
            _CODING,
        )
    wanted_s = sum(run.span_s for run in runs)
    listed = runs[0].playlist.with_name("runs.ffconcat")
    await asyncio.to_thread(listed.write_text, _concatenated(runs), "utf-8")
    arguments = ["-f", "concat", "-safe", "0", "-i", str(listed)]
    arguments += ["-map", "0", "-c", "copy", "-movflags", "+faststart", str(target)]
    await ffmpeg(
        programs.ffmpeg,
        arguments,
        duration_s=wanted_s,
        on_progress=lambda done: progress(share + (1 - share) * done),
    )
    found_s = await _duration_s(programs, target)
    if found_s < min(_NEAR * wanted_s, wanted_s - _NEAR_S):
        raise FfmpegFailed(f"the joined file lasts {found_s:.1f} s of {wanted_s:.1f} s")


def _are_alike(runs: Sequence[Run]) -> bool:
    """An initialisation is everything that says how a run is coded, and nothing else."""
    return len({run.initialisation.read_bytes() for run in runs}) == 1


def _concatenated(runs: Sequence[Run]) -> str:
    lines = ["ffconcat version 1.0"]
    for run in runs:
        lines += [f"file {run.playlist.name}", f"duration {run.span_s:.6f}"]
        if run.playlist.suffix == ".m3u8":
            lines.append("option allowed_extensions ALL")
    return "\n".join(lines) + "\n"


async def _coded_alike(programs: Programs, runs: Sequence[Run], progress: OnProgress) -> list[Run]:
    """Each run coded anew with the same tracks: black where it has no picture, silence where it
    has no sound."""
    tracks = [await _tracks(programs, run) for run in runs]
    by_length = sorted(zip(runs, tracks, strict=True), key=lambda each: -each[0].span_s)
    size = next((found.size for _, found in by_length if found.size), None)
    has_sound = any(found.has_sound for found in tracks)
    wanted_s, done_s, made = sum(run.span_s for run in runs), 0.0, list[Run]()
    for number, (run, found) in enumerate(zip(runs, tracks, strict=True)):
        path = run.playlist.with_name(f"run-{number}.mp4")
        await ffmpeg(
            programs.ffmpeg,
            [*_recoded(run, found, size, has_sound), str(path)],
            duration_s=run.span_s,
            on_progress=lambda share, so_far=done_s, lasts=run.span_s: progress(  # type: ignore[misc]
                (so_far + share * lasts) / wanted_s
            ),
        )
        done_s += run.span_s
        made.append(Run(path, path, run.span_s))
    return made


def _recoded(run: Run, found: _Tracks, size: tuple[int, int] | None, has_sound: bool) -> list[str]:
    lasts = ["-t", f"{run.span_s:.6f}"]
    # A moment without pictures or sound keeps its length, however long.
    inputs = ["-dts_delta_threshold", f"{run.span_s + 1:.0f}"]
    inputs += ["-allowed_extensions", "ALL", "-i", str(run.playlist)]
    picture, sound = "0:v:0", "0:a:0"
    if size and not found.size:
        inputs += ["-f", "lavfi", *lasts, "-i", f"color=black:s={size[0]}x{size[1]}:r={RATE}"]
        picture = "1:v:0"
    elif has_sound and not found.has_sound:
        inputs += ["-f", "lavfi", *lasts, "-i", "anullsrc=r=48000:cl=stereo"]
        sound = "1:a:0"
    out = []
    if size:
        width, height = size
        fitted = f"scale={width}:{height}:force_original_aspect_ratio=decrease"
        out += ["-map", picture, "-vf", f"{fitted},pad={width}:{height}:-1:-1,setsar=1"]
        # Good enough to be coded once more: this is the original of all that is made.
        out += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p"]
        out += ["-fps_mode", "vfr", "-video_track_timescale", "90000"]
    if has_sound:
        out += ["-map", sound, "-af", "aresample=async=1:first_pts=0"]
        out += ["-c:a", "aac", "-b:a", "128k", "-ar", "48000", "-ac", "2"]
    return [*inputs, *out, *lasts]


async def _tracks(programs: Programs, run: Run) -> _Tracks:
    """What the initialisation says."""
    streams = (await _asked(programs, run.initialisation, "-show_streams")).get("streams", [])
    sizes = [(s["width"], s["height"]) for s in streams if s.get("codec_type") == "video"]
    return _Tracks(
        size=sizes[0] if sizes else None,
        has_sound=any(stream.get("codec_type") == "audio" for stream in streams),
    )


async def _duration_s(programs: Programs, path: Path) -> float:
    found = await _asked(programs, path, "-show_format")
    return float(found.get("format", {}).get("duration", 0.0))


async def _asked(programs: Programs, path: Path, what: str) -> dict[str, Any]:
    _, out, _ = await ffprobe(programs.ffprobe, [what, "-of", "json", str(path)])
    found: dict[str, Any] = json.loads(out or "{}")
    return found
