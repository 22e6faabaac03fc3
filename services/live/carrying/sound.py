"""The encoder of one stream's sound: Opus in, frames of AAC out, for as long as it is published."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

import structlog

from tongke.live.boxes import DamagedStream
from tongke.live.packager import Frame
from tongke.live.sound import SoundBridge
from tongke.live.wire import Chunk
from tongke.media import aac
from tongke.media.encoder import Encoder
from tongke.media.errors import FfmpegFailed

# So long after an encoder broke, another is begun.
SILENT_US: Final = 5_000_000

_log = structlog.get_logger("tongke.live")


class SoundEncoder:
    """Give it chunks; it calls with each frame that comes out."""

    def __init__(self, bridge: SoundBridge, encoder: Encoder) -> None:
        self._bridge, self._encoder = bridge, encoder
        self._broke_us: int | None = None

    def goes_on(self, chunk: Chunk) -> bool:
        """Whether a chunk belongs to what was encoded so far; one that broke goes on for a while,
        as the next may break at once."""
        if self._broke_us is not None:
            return chunk.at_us < self._broke_us + SILENT_US
        return self._bridge.goes_on(chunk.at_us)

    async def take(self, chunk: Chunk) -> None:
        """A broken encoder is some seconds of silence, and not the end of the lesson."""
        if self._broke_us is not None:
            return
        try:
            await self._encoder.write(self._bridge.feed(chunk.at_us, chunk.data, chunk.duration_us))
        except FfmpegFailed as error:
            self._broke_us = chunk.at_us
            _log.warning("sound-lost", said=str(error))


@contextlib.asynccontextmanager
async def encoding(
    ffmpeg: Path, bridge: SoundBridge, on_frame: Callable[[Frame], None]
) -> AsyncIterator[SoundEncoder]:
    """An encoder; when the block is left, what it still had has been given."""
    async with aac.encoding(ffmpeg) as encoder:

        async def listen() -> None:
            try:
                async for data in encoder.read():
                    for frame in bridge.heard(data):
                        on_frame(frame)
            except DamagedStream:
                _log.exception("sound-lost")

        listening = asyncio.create_task(listen())
        try:
            await encoder.write(bridge.opening())
            yield SoundEncoder(bridge, encoder)
            encoder.end()
            await listening
        finally:
            listening.cancel()
