"""A still of a live picture: the first picture of a fragment, as a small JPEG."""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.subprocess import Process
from pathlib import Path
from typing import Final

from tongke.media.errors import FfmpegFailed
from tongke.media.run import GIB, NICE_BACKGROUND, Limits, ffmpeg_between_pipes
from tongke.media.shrinking import MOST_PIXELS

WIDTH: Final = 320
# A picture is decoded in some 30 ms, and one is made at a time: others wait for what is slow.
LONGEST_S: Final = 3.0
# What is decoded comes from outside.
_LIMITS: Final = Limits(memory_bytes=2 * GIB, file_bytes=2**20, cpu_s=5, stall_s=LONGEST_S)


async def still(program: Path, fragment: bytes, width: int = WIDTH) -> bytes:
    """A JPEG of the first picture of a fragment with its initialisation, `width` pixels wide.

    Raises:
        FfmpegFailed: there is none in it.
    """
    arguments = [
        "-max_pixels", MOST_PIXELS, "-f", "mp4", "-i", "pipe:0", "-an", "-frames:v", "1",
        "-vf", f"scale={width}:-2,setsar=1", "-map_metadata", "-1", "-pix_fmt", "yuvj420p",
        "-q:v", "6", "-f", "mjpeg", "pipe:1",
    ]  # fmt: skip
    async with ffmpeg_between_pipes(
        program, arguments, duration_s=LONGEST_S, nice=NICE_BACKGROUND, limits=_LIMITS
    ) as (child, said):
        assert child.stdout is not None
        try:
            async with asyncio.timeout(LONGEST_S):
                _, drawn = await asyncio.gather(_feed(child, fragment), child.stdout.read())
        except TimeoutError:
            raise FfmpegFailed(f"no picture within {LONGEST_S:.0f} s") from None
        if not drawn:
            raise FfmpegFailed(await said)
    return drawn


async def _feed(child: Process, data: bytes) -> None:
    """Once it has its picture it takes no more."""
    assert child.stdin is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        child.stdin.write(data)
        await child.stdin.drain()
        child.stdin.close()
        await child.stdin.wait_closed()
