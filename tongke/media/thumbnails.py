"""The poster in two sizes, and the storyboard: sheets of small pictures with a WebVTT index.

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
# A list shows a dozen at 264 px or less; a phone's screen has three dots to a pixel.
SMALL_POSTER = "poster-small.jpg"
SMALL_POSTER_WIDTH = 480
STORYBOARD = "storyboard.vtt"
TILE_WIDTH = 160
COLUMNS = 10
ROWS = 10
# A picture every five seconds; of a long lesson no more than this many in all.
EVERY_S = 5.0
MOST_TILES = 400
# The shape of a tile, higher than wide: a phone held upright. What is longer is squeezed into it.
TALLEST = 2.0
# Of ffmpeg's scale from 2 (best) to 31: an artefact in a poster shows, but not its size.
_JPEG = ["-map_metadata", "-1", "-pix_fmt", "yuvj420p", "-q:v", "4"]
# Keyframes only, and those without smoothing, which takes a fifth of decoding and shows in no tile.
_DRAFT = ["-skip_frame", "nokey", "-skip_loop_filter", "all"]
# Lessons begin with a black frame, a title, a teacher walking in.
POSTER_AT = 0.15


@dataclass(frozen=True)
class Grid:
    """The plan of a storyboard. Tiles in pixels, `every_s` seconds apart, `rows` on a sheet."""

    tiles: int
    every_s: float
    width: int
    height: int
    rows: int

    @property
    def on_sheet(self) -> int:
        return COLUMNS * self.rows

    @property
    def sheets(self) -> int:
        return math.ceil(self.tiles / self.on_sheet)


@dataclass(frozen=True)
class Poster:
    """How wide the poster and the small one are, in pixels."""

    width: int
    small_width: int


def grid(probe: Probe) -> Grid:
    """How many pictures, and how large. Pure."""
    assert probe.video is not None
    every = max(EVERY_S, probe.duration_s / MOST_TILES)
    tiles = min(max(1, math.ceil(probe.duration_s / every)), MOST_TILES)
    shape = min(probe.video.height / probe.video.width, TALLEST)
    return Grid(
        tiles=tiles,
        every_s=every,
        width=TILE_WIDTH,
        height=max(2, round(TILE_WIDTH * shape / 2) * 2),
        rows=min(ROWS, math.ceil(tiles / COLUMNS)),
    )


def sheet(number: int) -> str:
    return f"sheet-{number:03d}.jpg"


async def storyboard(
    programs: Programs, path: Path, probe: Probe, out: Path, on_progress: OnProgress | None = None
) -> Grid:
    """Draw the sheets and their index into a folder."""
    planned = grid(probe)
    # The last picture is repeated to the end of its sheet: keyframes may end before the recording.
    filters = (
        f"fps=1/{planned.every_s}:round=up:start_time=0,"
        f"scale={planned.width}:{planned.height},setsar=1,"
        f"tpad=stop_mode=clone:stop={planned.tiles + planned.on_sheet},"
        f"tile={COLUMNS}x{planned.rows}"
    )
    await run.ffmpeg(
        programs.ffmpeg,
        [
            "-v", "error", *_DRAFT, *opening(probe.demuxer), "-i", str(path),
            "-map", _picture(probe), "-vf", filters, *_JPEG, "-frames:v", str(planned.sheets),
            "-start_number", "1", str(out / "sheet-%03d.jpg"),
        ],
        duration_s=probe.duration_s,
        on_progress=on_progress,
    )  # fmt: skip
    text = index(planned, probe.duration_s)
    await asyncio.to_thread((out / STORYBOARD).write_text, text, "utf-8")
    return planned


def index(planned: Grid, duration_s: float) -> str:
    """The WebVTT index: a line of time for each picture, and where it stands. Pure."""
    lines = ["WEBVTT", ""]
    for tile in range(planned.tiles):
        place, number = tile % planned.on_sheet, tile // planned.on_sheet + 1
        x, y = place % COLUMNS * planned.width, place // COLUMNS * planned.height
        start = tile * planned.every_s
        end = min(start + planned.every_s, max(duration_s, start + 0.001))
        lines.append(f"{_stamp(start)} --> {_stamp(end)}")
        lines.append(f"{sheet(number)}#xywh={x},{y},{planned.width},{planned.height}")
        lines.append("")
    return "\n".join(lines)


async def poster(programs: Programs, path: Path, probe: Probe, out: Path) -> Poster:
    """A telling frame: of some keyframes after the beginning, the least unlike the others."""
    assert probe.video is not None
    sizes = Poster(min(POSTER_WIDTH, probe.video.width), min(SMALL_POSTER_WIDTH, probe.video.width))
    at = probe.duration_s * POSTER_AT
    after = ["-skip_frame", "nokey", *opening(probe.demuxer), "-ss", f"{at:.2f}"]
    await _draw_poster(programs, path, probe, out, sizes, after, "thumbnail=20,")
    if not await asyncio.to_thread((out / POSTER).exists):  # too short to have a keyframe there
        await _draw_poster(programs, path, probe, out, sizes, opening(probe.demuxer), "")
    return sizes


async def _draw_poster(
    programs: Programs,
    path: Path,
    probe: Probe,
    out: Path,
    sizes: Poster,
    source: list[str],
    choose: str,
) -> None:
    filters = (
        f"[{_picture(probe)}]{choose}{_scaled(probe, sizes.width)},setsar=1,split[large][again];"
        f"[again]{_scaled(probe, sizes.small_width)}[small]"
    )
    one = ["-frames:v", "1", *_JPEG, "-update", "1"]
    await run.ffmpeg(
        programs.ffmpeg,
        [
            "-v", "error", *source, "-i", str(path), "-filter_complex", filters,
            "-map", "[large]", *one, str(out / POSTER),
            "-map", "[small]", *one, str(out / SMALL_POSTER),
        ],
    )  # fmt: skip


def _scaled(probe: Probe, width: int) -> str:
    assert probe.video is not None
    return f"scale={width}:{max(2, round(width * probe.video.height / probe.video.width))}"


def _picture(probe: Probe) -> str:
    assert probe.video is not None
    return f"0:{probe.video.index}"


def _stamp(seconds: float) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{milliseconds:03d}"
