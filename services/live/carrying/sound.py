"""The sound of a class as it goes out: AAC as it comes, Opus through an encoder for each stream."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

import structlog

from tongke.live.boxes import DamagedStream
from tongke.live.frames import Frame
from tongke.live.sound import SoundBridge
from tongke.live.wire import Chunk, Configuration
from tongke.media import aac
from tongke.media.encoder import Encoder
from tongke.media.errors import FfmpegFailed

# So long after an encoder broke, another is begun.
SILENT_US: Final = 5_000_000
# Times that leap begin another encoder, as after a break; it takes a core for a fifth of a second.
# A clock that leaps all the time gets no more of them.
MOST_LEAPS: Final = 3
LEAPS_WITHIN_S: Final = 10.0

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


class Leaps:
    """How often the times of a class's sound leapt lately."""

    def __init__(self) -> None:
        self._at_s = deque[float](maxlen=MOST_LEAPS)

    def allows(self, now_s: float) -> bool:
        """Count one, unless there were too many; `now_s` is of any clock that goes on."""
        if len(self._at_s) == MOST_LEAPS and now_s - self._at_s[0] < LEAPS_WITHIN_S:
            return False
        self._at_s.append(now_s)
        return True


class LiveSound:
    """The sound of one class; it calls with each frame of AAC."""

    def __init__(self, ffmpeg: Path, on_frame: Callable[[Frame], None]) -> None:
        self._ffmpeg, self._on_frame = ffmpeg, on_frame
        # Of the sound that is encoded anew; 0 where there is none, or it is AAC already.
        self._channels, self._is_aac = 0, False
        self._encoder: SoundEncoder | None = None
        self._encoders = contextlib.AsyncExitStack()
        self._leaps = Leaps()
        # After an encoder that did not begin, until then of the lesson's clock.
        self._silent_until_us = 0

    def begin(self, said: Configuration) -> None:
        """A stream begins; the one before it was stopped."""
        self._channels = said.opus.channels if said.opus else 0
        self._is_aac = said.heard is not None and said.opus is None

    async def take(self, chunk: Chunk) -> None:
        """What cannot be encoded is silence; it stays in the journal."""
        if not self._channels:
            if self._is_aac:
                self._on_frame(Frame(chunk.at_us, chunk.data, duration_us=chunk.duration_us))
            return
        if self._encoder is not None and not self._encoder.goes_on(chunk):
            if not self._leaps.allows(time.monotonic()):
                return
            await self.stop()
        if self._encoder is None:
            await self._start(chunk.at_us)
        if self._encoder is not None:
            await self._encoder.take(chunk)

    async def _start(self, at_us: int) -> None:
        if at_us < self._silent_until_us:
            return
        bridge = SoundBridge.of(self._channels, at_us)
        try:
            self._encoder = await self._encoders.enter_async_context(
                encoding(self._ffmpeg, bridge, self._on_frame)
            )
        except (FfmpegFailed, OSError) as error:
            self._silent_until_us = at_us + SILENT_US
            _log.warning("sound-lost", said=str(error))

    async def stop(self) -> None:
        """What an encoder still has is given before this returns."""
        self._encoder = None
        try:
            await self._encoders.aclose()
        except FfmpegFailed as error:
            _log.warning("sound-lost", said=str(error))
