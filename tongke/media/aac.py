"""An encoder of AAC that stays: live sound goes in as it comes, and comes out some frames later."""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from tongke.media.errors import FfmpegFailed
from tongke.media.run import ffmpeg_between_pipes

# Speech and a little music.
BIT_RATE: Final = "96k"
# A lesson that was never ended is ended by its own rules long before.
LONGEST_S: Final = 86_400.0
_READ_BYTES: Final = 2**16


class Encoder:
    """Takes fragmented MP4 with any sound, gives ADTS."""

    def __init__(self, child: Process, said: asyncio.Task[str]) -> None:
        assert child.stdin is not None
        assert child.stdout is not None
        self._said = said
        self._in, self._out = child.stdin, child.stdout

    async def write(self, data: bytes) -> None:
        """Raises FfmpegFailed: it has ended."""
        try:
            self._in.write(data)
            await self._in.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise FfmpegFailed(await self._said) from None

    async def read(self) -> AsyncIterator[bytes]:
        """What comes out, until it has ended."""
        while data := await self._out.read(_READ_BYTES):
            yield data

    def end(self) -> None:
        """Nothing more comes: let it give what it still has."""
        self._in.close()


@contextlib.asynccontextmanager
async def encoding(program: Path) -> AsyncIterator[Encoder]:
    """An encoder for as long as the block runs."""
    # Nothing is gathered before the first sound comes out: the stream says all in its head.
    at_once = ["-fflags", "nobuffer", "-flags", "low_delay", "-probesize", "32"]
    arguments = [
        *at_once, "-analyzeduration", "0", "-f", "mp4", "-i", "pipe:0",
        "-c:a", "aac", "-b:a", BIT_RATE, "-flush_packets", "1", "-f", "adts", "pipe:1",
    ]  # fmt: skip
    async with ffmpeg_between_pipes(program, arguments, duration_s=LONGEST_S) as (child, said):
        yield Encoder(child, said)
