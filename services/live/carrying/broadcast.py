"""A class that this process carries: what its publisher sends becomes playlists and a recording.

A chunk goes two ways at once. Into the journal, after which it is acknowledged and cannot be lost;
and, unless it was sent again after a break, through the packagers to whoever watches now. What was
sent again is in the journal alone: the recording is filled from there when the class has ended.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import structlog

from services.live.carrying.kept_chunks import KeptChunks
from services.live.carrying.news import News
from services.live.carrying.small_picture import SmallPictures
from services.live.carrying.sound import LiveSound
from services.live.carrying.storing import Store, Storing
from tongke import clock
from tongke.live.allowance import CONFIGURATION_COSTS, Pace, TooMuchSent, allowed, weight
from tongke.live.boxes import DamagedStream
from tongke.live.durable import TooManyGaps
from tongke.live.frames import Frame
from tongke.live.packager import Packager, Packed
from tongke.live.playlist import LivePlaylist
from tongke.live.small_picture import SMALL, fitted
from tongke.live.stream import Earlier, Stream
from tongke.live.tracks import SoundTrack, Track, VideoTrack
from tongke.live.wire import (
    LONGEST_SOUND_US,
    Chunk,
    ChunkTrack,
    Configuration,
    configuration,
    decode,
    shortest_sound_us,
)
from tongke.media.rendition import SOUND, SOURCE

# Those that another process goes on with. The small picture begins anew: it may have none here.
RENDITIONS: Final = (SOURCE, SOUND)
OFFERED: Final = (SOURCE, SMALL, SOUND)

# At 30 pictures a second no part is then shorter than the standard's 85 % (`packager`).
PART_MS: Final = 250
SEGMENT_MS: Final = 2_000
# How far one may look back in a class that goes on; an hour and a half is its whole length.
WINDOW_S: Final = 5_400.0
# Cameras' clocks are the service's, as far as a line lets them be told; a minute in what is to
# come is no time of this class.
AHEAD_S: Final = 60.0

_log = structlog.get_logger("tongke.live")


def new_suffix() -> str:
    """Of names that are not to be guessed while nginx keeps a right that has ended
    (`CLASS_RIGHT_KEPT_S` of `tongke.cli.nginx.proxy`)."""
    return secrets.token_hex(4)


class Broadcast:
    """One class on the air, on one event loop."""

    def __init__(
        self,
        *,
        epoch: int,
        resource_id: int,
        origin_us: int,
        kept: KeptChunks,
        ffmpeg: Path,
        store: Store,
        earlier: Mapping[str, Earlier],
        most_load: float | None,
    ) -> None:
        """`earlier`: of each rendition, what another process has made. `most_load`: the load of a
        core up to which a small picture is begun; None for never."""
        # Of the recording that it becomes.
        self.resource_id = resource_id
        self.origin_us = origin_us
        self.kept, self._pace = kept, Pace()
        self.streams = {name: Stream(epoch, _playlist(), new_suffix) for name in OFFERED}
        for name, closed in earlier.items():
            self.streams[name].resume(closed)
        self._packagers: dict[str, Packager] = {}
        # Width and height of each picture, as the publisher says.
        self.sizes: dict[str, tuple[int, int]] = {}
        self._sound = LiveSound(ffmpeg, self._heard)
        # The shortest frame of it that there can be, as it is coded now.
        self._shortest_us = shortest_sound_us(None)
        self._interrupting: asyncio.Task[None] | None = None
        self._storing = Storing(store, len(OFFERED))
        self.news = News(OFFERED)
        self.small = SmallPictures(
            ffmpeg,
            most_load=most_load,
            source=self.streams[SOURCE],
            stream=self.streams[SMALL],
            give=lambda packed: self._list(SMALL, packed),
            on_change=self.news.tell_all,
        )
        # Nothing more is taken: the class has ended, or another process carries it.
        self.is_over = False
        # Nothing more comes out either: nobody need wait.
        self.has_ended = False

    async def configure(self, text: str) -> Configuration:
        """A stream begins; what was before it ends with a break.

        Raises:
            DamagedStream.
        """
        found = configuration(text)
        video, heard = found.video, found.heard
        await self.interrupt()
        if self.is_over:
            return found
        self._allow(text.encode())
        if not self._pace.allows(CONFIGURATION_COSTS, time.monotonic()):
            raise TooMuchSent
        self.kept.configure(found, text)
        self._sound.begin(found)
        self._shortest_us = shortest_sound_us(found)
        if video is not None:
            size = video.width, video.height
            self.sizes = {SOURCE: size, SMALL: fitted(*size)}
        sound = [heard] if heard else []
        self.small.begin(video, heard, self.origin_us)
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
        """A chunk has come; this takes until there is room for more. Once it `is_over` nothing is
        kept, and so nothing acknowledged.

        Raises:
            DamagedStream.
        """
        chunk = decode(message)
        self._check(chunk)
        await self.kept.until_room()
        if self.is_over or chunk.number in self.kept.durable:
            return
        if not self.kept.durable.has_room(chunk.number):
            raise TooManyGaps
        self._allow(message)
        if not chunk.sent_again and not self._pace.allows(weight(message), time.monotonic()):
            raise TooMuchSent
        self.kept.keep(chunk, message)
        if chunk.sent_again:
            return
        if chunk.track is ChunkTrack.SOUND:
            await self._sound.take(chunk)
        elif SOURCE in self._packagers:
            frame = Frame(chunk.at_us, chunk.data, chunk.keyframe, offset_us=chunk.offset_us)
            self._list(SOURCE, self._packagers[SOURCE].picture(frame, _now_us()))

    def _check(self, chunk: Chunk) -> None:
        """Nothing is written down of which no part can be made."""
        if chunk.at_us > (clock.now().timestamp() + AHEAD_S) * 1e6:
            raise DamagedStream
        if chunk.track is ChunkTrack.SOUND:
            # What is sent again may be of a stream that was coded otherwise.
            shortest_us = shortest_sound_us(None) if chunk.sent_again else self._shortest_us
            if not shortest_us <= chunk.duration_us <= LONGEST_SOUND_US:
                raise DamagedStream

    def _allow(self, message: bytes) -> None:
        since_began_s = clock.now().timestamp() - self.origin_us / 1e6
        if self.kept.taken + weight(message) > allowed(since_began_s):
            raise TooMuchSent

    def _heard(self, frame: Frame) -> None:
        for name, packager in self._packagers.items():
            self._list(name, packager.sound(frame, _now_us()))

    def _list(self, name: str, packed: Iterable[Packed]) -> None:
        stream = self.streams[name]
        was_there, before = stream.playlist.latest is not None, stream.next_part
        for each in packed:
            for whole in stream.take([each]):
                self._storing.add(name, whole)
            if name == SOURCE:
                self.small.follow(each)
        if stream.next_part != before:
            # Which renditions there are changes with the first part of one.
            self.news.tell(name) if was_there else self.news.tell_all()

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
            await self._sound.stop()
        finally:
            packagers, self._packagers = self._packagers, {}
            for name, packager in packagers.items():
                try:
                    self._list(name, packager.finish())
                except Exception:
                    # What is left of one stream is no reason to lose the class: it goes on.
                    _log.exception("stream-not-finished", rendition=name)
            try:
                await self.small.finish()
            finally:
                self._interrupting = None

    def get(self, rendition: str, name: str) -> bytes | None:
        """A part, a segment or an initialisation that is still here."""
        return self.streams[rendition].get(name) or self._storing.get(rendition, name)

    @property
    def on_air(self) -> Mapping[str, Stream]:
        """The renditions that there are now, or will be in a moment."""
        return {name: stream for name, stream in self.streams.items() if self._is_on_air(name)}

    def _is_on_air(self, name: str) -> bool:
        if name == SMALL:
            return self.small.is_on
        # A lesson without sound has none alone; the encoder of one that has it takes a moment.
        is_begun = self.streams[name].playlist.latest is not None
        return name == SOURCE or is_begun or name in self._packagers

    async def end(self) -> None:
        """The class has ended: everything is whole, durable, and in the object store."""
        self.is_over = True
        await self.interrupt()
        for stream in self.on_air.values():
            stream.playlist.end()
        self._let_go()
        await self._storing.until_all_are_stored()
        await self.close()

    async def until_stored(self) -> None:
        """Nothing more is taken; what came is whole, durable and in the object store."""
        self.is_over = True
        await self.interrupt()
        await self._storing.until_all_are_stored()

    def _let_go(self) -> None:
        """Whoever waits for more waits no longer."""
        self.has_ended = True
        self.news.tell_all()

    async def close(self) -> None:
        """This process carries it no longer; another goes on from what is durable."""
        self.is_over = True
        self._let_go()
        await self._sound.stop()
        await self.small.close()
        await self._storing.close()
        await self.kept.close()


def _playlist() -> LivePlaylist:
    return LivePlaylist(segment_s=SEGMENT_MS / 1000, part_s=PART_MS / 1000, window_s=WINDOW_S)


def _now_us() -> int:
    return time.monotonic_ns() // 1000
