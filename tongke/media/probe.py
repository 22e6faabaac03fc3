"""What a recording holds, as ffprobe tells it, in the terms in which it is planned."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from tongke.media import run
from tongke.media.container import demuxer_of, is_encrypted
from tongke.media.errors import (
    DamagedRecording,
    EmptyFile,
    EncryptedRecording,
    NotARecording,
    TooLarge,
    TooLong,
    TruncatedRecording,
    UnknownCodec,
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
# Packets: of a school day in all, and of what is watched. More are a file that was made to do harm.
MOST_PACKETS = 5_000_000
MOST_WATCHED = 100_000
# Pixels further from square than this are a damaged header, not a lens.
MOST_PIXEL_ASPECT = 4.0
INTERLACED = frozenset({"tt", "bb", "tb", "bt"})


@dataclass(frozen=True)
class Video:
    """`width` and `height` in square pixels as shown, after rotation; `fps` the average rate."""

    index: int
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
    index: int
    codec: str
    profile: str
    channels: int
    sample_rate: int


@dataclass(frozen=True)
class Probe:
    """A recording. `bit_rate` in bit/s of the whole file; `index` of a stream is ffmpeg's."""

    demuxer: str
    duration_s: float
    bit_rate: int
    video: Video | None
    audio: Audio | None


async def probe(programs: Programs, path: Path, on_progress: run.OnProgress | None = None) -> Probe:
    """Look into a recording. `on_progress` gets 0 to 1, where it has to be read to its end.

    Raises:
        Unpublishable: a subclass that says why.
    """
    size = (await asyncio.to_thread(path.stat)).st_size
    if size == 0:
        raise EmptyFile
    demuxer = await asyncio.to_thread(demuxer_of, path)
    if demuxer is None:
        raise NotARecording
    if demuxer == "mov" and await asyncio.to_thread(is_encrypted, path):
        raise EncryptedRecording
    document = await _ask(programs, path, demuxer)
    picture, sound = _chosen(document.get("streams", []))
    duration = await _duration(programs, path, demuxer, document, on_progress)
    gap = await _keyframe_gap(programs, path, demuxer, picture["index"]) if picture else 0.0
    return Probe(
        demuxer=demuxer,
        duration_s=duration,
        bit_rate=int(document["format"].get("bit_rate") or size * 8 / duration),
        video=_video(picture, gap) if picture else None,
        audio=_audio(sound) if sound else None,
    )


Stream = dict[str, Any]


def _chosen(streams: list[Stream]) -> tuple[Stream | None, Stream | None]:
    """The first moving picture and the first sound."""
    picture = next((s for s in streams if _is_picture(s)), None)
    sound = next((s for s in streams if _is_sound(s)), None)
    chosen = [stream for stream in (picture, sound) if stream is not None]
    if not chosen:
        raise NotARecording
    if any(stream.get("codec_name", "unknown") == "unknown" for stream in chosen):
        raise UnknownCodec
    return picture, sound


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


def _is_picture(stream: Stream) -> bool:
    """A moving picture, not the cover of a song."""
    cover = stream.get("disposition", {}).get("attached_pic")
    return stream.get("codec_type") == "video" and not cover and bool(stream.get("width"))


def _is_sound(stream: Stream) -> bool:
    return stream.get("codec_type") == "audio" and bool(stream.get("channels"))


async def _duration(
    programs: Programs,
    path: Path,
    demuxer: str,
    document: dict[str, Any],
    on_progress: run.OnProgress | None,
) -> float:
    """Seconds; read through where the file does not say, as browsers' recordings do not."""
    said = [document["format"].get("duration")]
    said += [stream.get("duration") for stream in document["streams"]]
    known = [float(value) for value in said if value]
    duration = known[0] if known else await _measured(programs, path, demuxer, on_progress)
    if not math.isfinite(duration) or duration <= 0:
        raise DamagedRecording
    if duration > MOST_HOURS * 3600:
        raise TooLong(hours=round(duration / 3600, 1), limit=MOST_HOURS)
    return duration


async def _measured(
    programs: Programs, path: Path, demuxer: str, on_progress: run.OnProgress | None
) -> float:
    """Seconds until the end of the last packet."""
    longest = 0.0
    size = (await asyncio.to_thread(path.stat)).st_size
    packets = _packets(programs, path, demuxer, "pts_time,duration_time,pos", most=MOST_PACKETS)
    async with aclosing(packets):
        async for start, lasts, at_byte in packets:
            longest = max(longest, _seconds(start) + _seconds(lasts))
            if on_progress and at_byte.isdigit():
                on_progress(int(at_byte) / size)
    return longest


async def _keyframe_gap(programs: Programs, path: Path, demuxer: str, index: int) -> float:
    """The longest time without a keyframe at the beginning, in seconds."""
    only = ["-select_streams", str(index), "-read_intervals", f"%+{KEYFRAMES_WATCHED_S}"]
    packets = _packets(programs, path, demuxer, "pts_time,flags", only, most=MOST_WATCHED)
    async with aclosing(packets):
        shown = [(_seconds(time), flags) async for time, flags in packets if time != "N/A"]
    if not shown:
        return math.inf
    times = [time for time, _ in shown]
    keys = sorted(time for time, flags in shown if flags.startswith("K"))
    return max(b - a for a, b in pairwise([min(times), *keys, max(times)]))


async def _packets(
    programs: Programs,
    path: Path,
    demuxer: str,
    entries: str,
    only: Sequence[str] = (),
    *,
    most: int,
) -> AsyncGenerator[list[str]]:
    """These entries of every packet that has them, as ffprobe writes them.

    Raises:
        DamagedRecording: there are more than `most`.
    """
    arguments = [*opening(demuxer), *only, "-show_entries", f"packet={entries}"]
    lines = run.ffprobe_lines(programs.ffprobe, [*arguments, "-of", "csv=p=0", str(path)])
    wanted = entries.count(",") + 1
    async with aclosing(lines):
        count = 0
        async for line in lines:
            count += 1
            if count > most:
                raise DamagedRecording
            row = line.rstrip().split(",")
            if len(row) >= wanted:
                yield row[:wanted]


def _seconds(text: str) -> float:
    """0 for what a packet does not say."""
    return 0.0 if text in {"N/A", ""} else float(text)


def _video(stream: Stream, gap_s: float) -> Video:
    width, height = int(stream["width"]), int(stream["height"])
    if width * height > MOST_PIXELS:
        raise TooLarge(width=width, height=height)
    width = round(width * _pixel_aspect(stream))
    rotation = _rotation(stream)
    if rotation % 180 == 90:
        width, height = height, width
    average = _ratio(stream.get("avg_frame_rate", "0/0"), "/")
    nominal = _ratio(stream.get("r_frame_rate", "0/0"), "/")
    fps = average or nominal or 25.0
    return Video(
        index=stream["index"],
        codec=stream["codec_name"],
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


def _audio(stream: Stream) -> Audio:
    return Audio(
        index=stream["index"],
        codec=stream["codec_name"],
        profile=str(stream.get("profile", "")),
        channels=int(stream["channels"]),
        sample_rate=int(stream.get("sample_rate") or 48_000),
    )


def _pixel_aspect(stream: Stream) -> float:
    """How much wider than high a pixel is; 1 where the file does not say, or says nonsense."""
    aspect = _ratio(stream.get("sample_aspect_ratio", "1:1"), ":")
    return aspect if 1 / MOST_PIXEL_ASPECT <= aspect <= MOST_PIXEL_ASPECT else 1.0


def _rotation(stream: Stream) -> int:
    for data in stream.get("side_data_list", []):
        if "rotation" in data:
            return int(data["rotation"])
    return int(stream.get("tags", {}).get("rotate", 0))


def _ratio(text: str, by: str) -> float:
    above, _, below = text.partition(by)
    return float(above) / float(below) if below and float(below) else 0.0
