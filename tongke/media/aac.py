"""An encoder of AAC that stays: live sound goes in as it comes, and comes out some frames later."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from tongke.media.encoder import LONGEST_S, Encoder
from tongke.media.run import ffmpeg_between_pipes

# Speech and a little music.
BIT_RATE: Final = "96k"


@contextlib.asynccontextmanager
async def encoding(program: Path) -> AsyncIterator[Encoder]:
    """An encoder for as long as the block runs."""
    # Nothing is gathered before the first sound comes out: the stream says all in its head. Not
    # with `nobuffer`, which throws away the packet that was looked at first.
    at_once = ["-flags", "low_delay", "-probesize", "32"]
    arguments = [
        *at_once, "-analyzeduration", "0", "-f", "mp4", "-i", "pipe:0",
        "-c:a", "aac", "-b:a", BIT_RATE, "-flush_packets", "1", "-f", "adts", "pipe:1",
    ]  # fmt: skip
    async with ffmpeg_between_pipes(program, arguments, duration_s=LONGEST_S) as (child, said):
        yield Encoder(child, said)
