"""An encoder of a small picture that stays: pictures go in as they come, and come out small."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from tongke.media.encoder import LONGEST_S, Encoder
from tongke.media.run import GIB, NICE_BACKGROUND, Limits, ffmpeg_between_pipes

BIT_RATE: Final = "250k"
PEAK_BIT_RATE: Final = "300k"
# What is decoded comes from outside, and may say another size in the middle than at its beginning.
_LIMITS: Final = Limits(memory_bytes=2 * GIB)
MOST_PIXELS: Final = "16777216"
# Half a second of it: a keyframe of slides is many times another picture.
BUFFER: Final = "150k"


@contextlib.asynccontextmanager
async def shrinking(
    program: Path, size: tuple[int, int], *, pictures_per_s: int, wanted_ticks: int
) -> AsyncIterator[Encoder]:
    """An encoder for as long as the block runs: fragmented MP4 with pictures in, FLV with small
    ones out. Keyframes are the source's, times are kept, and it gives way to whatever else runs.

    Args:
        size: Width and height of what comes out.
        pictures_per_s: About how many will come out.
        wanted_ticks: Pictures at a multiple of this, in the timescale of what goes in, are wanted;
            others are decoded, since the next may build on them, and dropped.
    """
    width, height = size
    drop = f"select='not(mod(pts,{wanted_ticks}))'"
    # Nothing is gathered on the way: neither before the first picture, nor in any of the steps. Not
    # `nobuffer`: it throws away what was looked at to begin with, which is the first keyframe.
    at_once = ["-flags", "low_delay", "-probesize", "32"]
    times = ["-fps_mode", "passthrough", "-enc_time_base", "1:1000"]
    keyframes = ["-force_key_frames", "source", "-forced-idr", "1"]
    arguments = [
        *at_once, "-analyzeduration", "0", "-threads", "1", "-max_pixels", MOST_PIXELS,
        "-copyts", "-f", "mp4", "-i", "pipe:0",
        "-an", "-filter_threads", "1",
        "-vf", f"{drop},scale={width}:{height}:flags=fast_bilinear", *times,
        "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-profile:v", "main",
        "-threads", "1", "-pix_fmt", "yuv420p",
        "-b:v", BIT_RATE, "-maxrate", PEAK_BIT_RATE, "-bufsize", BUFFER,
        "-x264-params", f"fps={pictures_per_s}:keyint=infinite:scenecut=0", *keyframes,
        "-flush_packets", "1", "-flvflags", "no_duration_filesize", "-f", "flv", "pipe:1",
    ]  # fmt: skip
    async with ffmpeg_between_pipes(
        program, arguments, limits=_LIMITS, duration_s=LONGEST_S, nice=NICE_BACKGROUND
    ) as (child, said):
        yield Encoder(child, said)
