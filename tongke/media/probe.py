"""What a recording holds, as ffprobe tells it, in the terms in which it is planned."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from tongke.media import run
from tongke.media.container import demuxer_of
from tongke.media.errors import (
    DamagedRecording,
    EmptyFile,
    EncryptedRecording,
    NotARecording,
    TooLarge,
    TooLong,
    TruncatedRecording,
)
from tongke.media.programs import Programs

# A school day; longer is a camera that was forgotten.
MOST_HOURS = 8
# 4K in either direction.
MOST_PIXELS = 4096 * 2304
# A keyframe further apart than this makes seeking in the remuxed source a burden.
MOST_KEYFRAME_GAP_S = 10.0
# Enough to meet a recorder's habit.
KEYFRAMES_WATCHED_S = 60
INTERLACED = frozenset({"tt", "bb", "tb", "bt"})


@dataclass(frozen=True)
class Video:
    """`width` and `height` in pixels as shown, after rotation; `fps` the average rate."""

    codec: str
    profile: str
    pixel_format: str
    width: int
    height: int
    fps: float
    constant_rate: bool
    rotated: bool
    interlaced: bool
    keyframe_gap_s: float


@dataclass(frozen=True)
class Audio:
    codec: str
    profile: str
    channels: int
    sample_rate: int


@dataclass(frozen=True)
class Probe:
    """A recording. `bit_rate` in bit/s of the whole file."""

    demuxer: str
    duration_s: float
    bit_rate: int
    video: Video | None
    audio: Audio | None


async def probe(programs: Programs, path: Path) -> Probe:
    """Look into a recording.

    Raises:
        Unpublishable: a subclass that says why.
    """
    size = (await asyncio.to_thread(path.stat)).st_size
    if size == 0:
        raise EmptyFile
    demuxer = await asyncio.to_thread(demuxer_of, path)
    if demuxer is None:
        raise NotARecording
    document = await _ask(programs, path, demuxer)
    streams = document.get("streams", [])
    if any(stream.get("codec_tag_string") in {"encv", "enca"} for stream in streams):
        raise EncryptedRecording
    picture = next((s for s in streams if _is_picture(s)), None)
    sound = next((s for s in streams if s.get("codec_type") == "audio" and s.get("channels")), None)
    if picture is None and sound is None:
        raise NotARecording
    duration = await _duration(programs, path, demuxer, document)
    gap = await _keyframe_gap(programs, path, demuxer, duration) if picture else 0.0
    return Probe(
        demuxer=demuxer,
        duration_s=duration,
        bit_rate=int(document["format"].get("bit_rate") or size * 8 / duration),
        video=_video(picture, gap) if picture else None,
        audio=_audio(sound) if sound else None,
    )


async def _ask(programs: Programs, path: Path, demuxer: str) -> dict[str, Any]:
    code, out, said = await run.ffprobe(
        programs.ffprobe,
        [*opening(demuxer), "-show_format", "-show_streams", "-of", "json", str(path)],
    )
    if code != 0 or not out:
        raise TruncatedRecording if "moov atom not found" in said else DamagedRecording
    document: dict[str, Any] = json.loads(out)
    return document


def opening(demuxer: str) -> list[str]:
    """The options that open a stranger's file: this demuxer, this file, no other."""
    return ["-f", demuxer, "-protocol_whitelist", "file"]


def _is_picture(stream: dict[str, Any]) -> bool:
    """A moving picture, not the cover of a song."""
    cover = stream.get("disposition", {}).get("attached_pic")
    return stream.get("codec_type") == "video" and not cover and bool(stream.get("width"))


async def _duration(
    programs: Programs, path: Path, demuxer: str, document: dict[str, Any]
) -> float:
    """Seconds; read through where the file does not say, as browsers' recordings do not."""
    said = [document["format"].get("duration")]
    said += [stream.get("duration") for stream in document["streams"]]
    known = [float(value) for value in said if value]
    duration = known[0] if known else await _measured_duration(programs, path, demuxer)
    if duration <= 0:
        raise DamagedRecording
    if duration > MOST_HOURS * 3600:
        raise TooLong(hours=round(duration / 3600, 1), limit=MOST_HOURS)
    return duration


async def _measured_duration(programs: Programs, path: Path, demuxer: str) -> float:
    _, out, _ = await run.ffprobe(
        programs.ffprobe,
        [*opening(demuxer), "-show_entries", "packet=pts_time", "-of", "csv=p=0", str(path)],
    )
    times = [float(line) for line in out.decode().split() if line.replace(".", "").isdigit()]
    return max(times, default=0.0)


async def _keyframe_gap(programs: Programs, path: Path, demuxer: str, duration_s: float) -> float:
    """The longest time without a keyframe at the beginning, in seconds."""
    arguments = ["-select_streams", "v:0", "-read_intervals", f"%+{KEYFRAMES_WATCHED_S}"]
    arguments += ["-show_entries", "packet=pts_time,flags", "-of", "csv=p=0", str(path)]
    _, out, _ = await run.ffprobe(programs.ffprobe, [*opening(demuxer), *arguments])
    keys = []
    for line in out.decode().splitlines():
        time, _, flags = line.partition(",")
        if flags.startswith("K") and time not in {"", "N/A"}:
            keys.append(float(time))
    watched = min(duration_s, KEYFRAMES_WATCHED_S)
    edges = [*sorted(keys), watched] if keys else [0.0, watched]
    return max((b - a for a, b in pairwise(edges)), default=watched)


def _video(stream: dict[str, Any], gap_s: float) -> Video:
    rotation = _rotation(stream)
    width, height = int(stream["width"]), int(stream["height"])
    if width * height > MOST_PIXELS:
        raise TooLarge(width=width, height=height)
    if rotation % 180 == 90:
        width, height = height, width
    average = _rate(stream.get("avg_frame_rate", "0/0"))
    nominal = _rate(stream.get("r_frame_rate", "0/0"))
    fps = average or nominal or 25.0
    return Video(
        codec=stream.get("codec_name", ""),
        profile=str(stream.get("profile", "")),
        pixel_format=stream.get("pix_fmt", ""),
        width=width,
        height=height,
        fps=fps,
        # Half a percent lets 29.97 pass for 30 and catches phones that drop frames in the dark.
        constant_rate=bool(nominal) and abs(fps - nominal) / nominal < 0.005,
        rotated=rotation % 360 != 0,
        interlaced=stream.get("field_order") in INTERLACED,
        keyframe_gap_s=gap_s,
    )


def _audio(stream: dict[str, Any]) -> Audio:
    return Audio(
        codec=stream.get("codec_name", ""),
        profile=str(stream.get("profile", "")),
        channels=int(stream["channels"]),
        sample_rate=int(stream.get("sample_rate") or 48_000),
    )


def _rotation(stream: dict[str, Any]) -> int:
    for data in stream.get("side_data_list", []):
        if "rotation" in data:
            return int(data["rotation"])
    return int(stream.get("tags", {}).get("rotate", 0))


def _rate(text: str) -> float:
    above, _, below = text.partition("/")
    return float(above) / float(below) if below and float(below) else 0.0
