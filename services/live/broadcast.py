"""A class that this process carries: what its publisher sends becomes playlists and a recording.

A chunk goes two ways at once. Into the journal, after which it is acknowledged and cannot be lost;
and, unless it was sent again after a break, through the packagers to whoever watches now. What was
sent again is in the journal alone: the recording is filled from there when the class has ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from services.live.sound import SoundEncoder, encoding
from tongke.live.durable import Durable
from tongke.live.packager import Frame, Packager, Packed
from tongke.live.playlist import LivePlaylist, Segment
from tongke.live.sound import SoundBridge
from tongke.live.stream import Stream, Whole
from tongke.live.tracks import SoundTrack, Track, VideoTrack
from tongke.live.wire import Chunk, ChunkTrack, Configuration, configuration, decode
from tongke.media.rendition import SOUND, SOURCE
from tongke.storage.journal import Journal, SharedJournal, records

_log = structlog.get_logger("tongke.live")

RENDITIONS: Final = (SOURCE, SOUND)

# At 30 pictures a second no part is then shorter than the standard's 85 % (`packager`).
PART_MS: Final = 250
SEGMENT_MS: Final = 2_000
# How far one may look back in a class that goes on; an hour and a half is its whole length.
WINDOW_S: Final = 5_400.0
# A whole segment is kept here so long for those who are a little behind.
SEGMENTS_KEPT: Final = 15

Store = Callable[[str, Whole], Awaitable[None]]


@dataclass(frozen=True)
class Kept:
    """A journal with what is in it already: numbers of chunks, and the last stream."""

    journal: Journal
    durable: Durable
    last_stream: int

    @classmethod
    def at(cls, path: Path) -> Kept:
        """Reads it whole: some hundred megabytes, so not on the event loop."""
        durable, last_stream = Durable(), -1
        for record in records(path):
            if record.startswith(b"{"):
                last_stream = max(last_stream, configuration(record.decode()).stream)
            else:
                durable.add(decode(record).number)
        return cls(Journal(path), durable, last_stream)


class Broadcast:
    """One class on the air, on one event loop."""

    def __init__(
        self,
        *,
        epoch: int,
        resource_id: int,
        origin_us: int,
        kept: Kept,
        ffmpeg: Path,
        store: Store,
        earlier: Mapping[str, Sequence[Segment]],
    ) -> None:
        """`earlier`: the segments of each rendition that another process has made."""
        # Of the recording that it becomes.
        self.resource_id = resource_id
        self._ffmpeg, self._store, self.origin_us = ffmpeg, store, origin_us
        self._journal = SharedJournal(kept.journal)
        self.durable, self.last_stream = kept.durable, kept.last_stream
        # Of the chunks that came so far, on their way to the disk or there.
        self.highest = kept.durable.highest
        self.streams = {name: Stream(epoch, _playlist(earlier[name])) for name in RENDITIONS}
        self._packagers: dict[str, Packager] = {}
        # Of the sound that is encoded anew; 0 where there is none, or it is AAC already.
        self._channels, self._is_aac = 0, False
        # Width and height of the picture, as the publisher says.
        self.size: tuple[int | None, int | None] = None, None
        self._encoder: SoundEncoder | None = None
        self._encoders = contextlib.AsyncExitStack()
        self._interrupting: asyncio.Task[None] | None = None
        self._segments: dict[str, bytes] = {}
        self._wholes: asyncio.Queue[tuple[str, Whole]] = asyncio.Queue()
        self._storing = asyncio.create_task(self._store_all())
        self._changed = asyncio.Event()
        self._keeping: set[asyncio.Task[None]] = set()
        # Set whenever more is durable; whoever acknowledges clears it.
        self.kept = asyncio.Event()

    def keep(self, message: bytes) -> None:
        """Have a message written to the journal; `durable` tells when it is."""
        task = asyncio.create_task(self._keep(message))
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)

    async def _keep(self, message: bytes) -> None:
        try:
            await self._journal.append(message)
        except OSError:
            # Not acknowledged, it stays in the browser, which sends it again after a break.
            _log.exception("chunk-not-kept")
            return
        if not message.startswith(b"{"):
            self.durable.add(decode(message).number)
            self.kept.set()

    async def configure(self, text: str) -> Configuration:
        """A stream begins; what was before it ends with a break.

        Raises:
            DamagedStream.
        """
        found = configuration(text)
        video, opus, heard = found.video, found.opus, found.heard
        await self.interrupt()
        self.keep(text.encode())
        self.last_stream = found.stream
        self._channels = opus.channels if opus else 0
        self._is_aac = heard is not None and opus is None
        if video is not None:
            self.size = video.width, video.height
        sound = [heard] if heard else []
        self._begin(SOURCE, [*([video] if video else []), *sound])
        if video is not None:
            self._begin(SOUND, sound)
        return found

    def _begin(self, name: str, tracks: Sequence[VideoTrack | SoundTrack]) -> None:
        if tracks:
            self._packagers[name] = Packager(
                list[Track](tracks),
                part_us=PART_MS * 1000,
                segment_us=SEGMENT_MS * 1000,
                origin_us=self.origin_us,
                discontinuity=self.streams[name].playlist.latest is not None,
            )

    async def take(self, message: bytes) -> None:
        """A chunk has come.

        Raises:
            DamagedStream.
        """
        chunk = decode(message)
        if chunk.number in self.durable:
            return
        self.highest = max(self.highest, chunk.number)
        self.keep(message)
        if chunk.sent_again:
            return
        if chunk.track is ChunkTrack.SOUND:
            await self._hear(chunk)
        elif SOURCE in self._packagers:
            frame = Frame(chunk.at_us, chunk.data, chunk.keyframe, offset_us=chunk.offset_us)
            self._list(SOURCE, self._packagers[SOURCE].picture(frame, _now_us()))

    async def _hear(self, chunk: Chunk) -> None:
        if not self._channels:
            if self._is_aac:
                self._heard(Frame(chunk.at_us, chunk.data, duration_us=chunk.duration_us))
            return
        if self._encoder is None or not self._encoder.goes_on(chunk):
            await self._encoders.aclose()
            bridge = SoundBridge.of(self._channels, chunk.at_us)
            self._encoder = await self._encoders.enter_async_context(
                encoding(self._ffmpeg, bridge, self._heard)
            )
        await self._encoder.take(chunk)

    def _heard(self, frame: Frame) -> None:
        for name, packager in self._packagers.items():
            self._list(name, packager.sound(frame, _now_us()))

    def _list(self, name: str, packed: Iterable[Packed]) -> None:
        before = self.streams[name].next_part
        for whole in self.streams[name].take(packed):
            self._segments[whole.segment.name] = whole.data
            self._wholes.put_nowait((name, whole))
        if self.streams[name].next_part != before:
            self._changed.set()
            self._changed = asyncio.Event()

    async def interrupt(self) -> None:
        """The publisher is gone, or begins anew: what there is becomes whole.

        The encoder still has some sound to give, so it goes on to its end even when whoever asked
        for it is cancelled, and who asks meanwhile waits for the same.
        """
        if self._interrupting is None:
            self._interrupting = asyncio.create_task(self._interrupt())
        await asyncio.shield(self._interrupting)

    async def _interrupt(self) -> None:
        try:
            await self._encoders.aclose()
        finally:
            self._encoder = None
            for name, packager in self._packagers.items():
                self._list(name, packager.finish())
            self._packagers, self._interrupting = {}, None

    async def _store_all(self) -> None:
        while True:
            name, whole = await self._wholes.get()
            await self._store(name, whole)
            self._wholes.task_done()
            stored = list(self._segments)
            for old in stored[: -SEGMENTS_KEPT * len(RENDITIONS)]:
                del self._segments[old]

    def get(self, rendition: str, name: str) -> bytes | None:
        """A part, a segment or an initialisation that is still here."""
        return self.streams[rendition].get(name) or self._segments.get(name)

    async def until_changed(self) -> None:
        """Wait for the next part of any rendition."""
        await self._changed.wait()

    async def end(self) -> None:
        """The class has ended: everything is whole, durable, and in the object store."""
        await self.interrupt()
        for stream in self.streams.values():
            stream.playlist.end()
        self._changed.set()
        await self._wholes.join()
        await self.close()

    async def close(self) -> None:
        """This process carries it no longer; another goes on from what is durable."""
        await self._encoders.aclose()
        if self._keeping:
            await asyncio.wait(self._keeping)
        self._storing.cancel()
        await self._journal.close()


def _playlist(earlier: Sequence[Segment]) -> LivePlaylist:
    made = LivePlaylist(segment_s=SEGMENT_MS / 1000, part_s=PART_MS / 1000, window_s=WINDOW_S)
    made.resume(earlier)
    return made


def _now_us() -> int:
    return time.monotonic_ns() // 1000
