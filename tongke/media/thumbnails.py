"""The poster, and the storyboard: sheets of small pictures with a WebVTT index.

Only keyframes are decoded, so an hour takes seconds.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from pathlib import Path

from tongke.media import run
from tongke.media.probe import Probe, opening
from tongke.media.programs import Programs
from tongke.media.run import OnProgress

POSTER = "poster.jpg"
POSTER_WIDTH = 1280
STORYBOARD = "storyboard.vtt"
TILE_WIDTH = 160
COLUMNS = 10
ROWS = 10
# A picture every five seconds; of a long lesson no more than this many in all.
EVERY_S = 5.0
MOST_TILES = 400
# Lessons begin with a black frame, a title, a teacher walking in.
POSTER_AT = 0.15


@dataclass(frozen=True)
class Grid:
    """The plan of a storyboard. Tiles in pixels, `every_s` seconds apart."""

    tiles: int
    every_s: float
    width: int
    height: int

    @property
    def sheets(self) -> int:
        return math.ceil(self.tiles / (COLUMNS * ROWS))


def grid(probe: Probe) -> Grid:
    """How many pictures, and how large. Pure."""
    assert probe.video is not None
    every = max(EVERY_S, probe.duration_s / MOST_TILES)
    height = round(TILE_WIDTH * probe.video.height / probe.video.width / 2) * 2
    return Grid(max(1, math.ceil(probe.duration_s / every)), every, TILE_WIDTH, height)


def sheet(number: int) -> str:
    return f"sheet-{number:03d}.jpg"


async def storyboard(
    programs: Programs, path: Path, probe: Probe, out: Path, on_progress: OnProgress | None = None
) -> Grid:
    """Draw the sheets and their index into a folder."""
    planned = grid(probe)
    filters = (
        f"fps=1/{planned.every_s}:round=up:start_time=0,"
        f"scale={planned.width}:{planned.height},tile={COLUMNS}x{ROWS}"
    )
    await run.ffmpeg(
        programs.ffmpeg,
        [
            "-v", "error", "-skip_frame", "nokey", *opening(probe.demuxer), "-i", str(path),
            "-map", "0:v:0", "-vf", filters, "-map_metadata", "-1", "-q:v", "5",
            "-start_number", "1", str(out / "sheet-%03d.jpg"),
        ],
        duration_s=probe.duration_s,
        on_progress=on_progress,
    )  # fmt: skip
    await asyncio.to_thread(_write_index, planned, probe.duration_s, out)
    return planned


def _write_index(planned: Grid, duration_s: float, out: Path) -> None:
    made = len(list(out.glob("sheet-*.jpg")))
    (out / STORYBOARD).write_text(index(planned, made, duration_s), "utf-8")


def index(planned: Grid, sheets: int, duration_s: float) -> str:
    """The WebVTT index: a line of time for each picture, and where it stands. Pure."""
    lines = ["WEBVTT", ""]
    for tile in range(min(planned.tiles, sheets * COLUMNS * ROWS)):
        place, number = tile % (COLUMNS * ROWS), tile // (COLUMNS * ROWS) + 1
        x, y = place % COLUMNS * planned.width, place // COLUMNS * planned.height
        start = tile * planned.every_s
        end = min(start + planned.every_s, max(duration_s, start + 0.001))
        lines.append(f"{_stamp(start)} --> {_stamp(end)}")
        lines.append(f"{sheet(number)}#xywh={x},{y},{planned.width},{planned.height}")
        lines.append("")
    return "\n".join(lines)


async def poster(programs: Programs, path: Path, probe: Probe, out: Path) -> None:
    """A telling frame: of some keyframes after the beginning, the least unlike the others."""
    at = probe.duration_s * POSTER_AT
    filters = f"thumbnail=20,scale='min({POSTER_WIDTH},iw)':-2"
    await run.ffmpeg(
        programs.ffmpeg,
        [
            "-v", "error", "-skip_frame", "nokey", *opening(probe.demuxer),
            "-ss", f"{at:.2f}", "-i", str(path), "-map", "0:v:0", "-vf", filters,
            "-frames:v", "1", "-map_metadata", "-1", "-q:v", "3", str(out / POSTER),
        ],
    )  # fmt: skip
    if not await asyncio.to_thread((out / POSTER).exists):  # too short to have a keyframe there
        await run.ffmpeg(
            programs.ffmpeg,
            [
                "-v", "error", *opening(probe.demuxer), "-i", str(path), "-map", "0:v:0",
                "-vf", f"scale='min({POSTER_WIDTH},iw)':-2", "-frames:v", "1",
                "-map_metadata", "-1", "-q:v", "3", str(out / POSTER),
            ],
        )  # fmt: skip


def _stamp(seconds: float) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{milliseconds:03d}"
