"""Makes the small picture of a class, while the machine has time (`tongke.live.small_picture`).

It costs a decoding and a small encoding, so it is what is given up first. It begins with a segment
of the source where the machine has time for it, and goes when the machine has none, when it falls
behind, or when its encoder dies. Nothing else of the lesson waits for it.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import structlog

from services.admin.metrics import SMALL_PICTURES, SMALL_PICTURES_LOST
from tongke.live.boxes import DamagedStream
from tongke.live.packager import Packed, Part, SegmentOpened
from tongke.live.small_picture import PICTURES_PER_S, WANTED_TICKS, SmallPicture, fitted
from tongke.live.stream import Stream
from tongke.live.tracks import SoundTrack, VideoTrack
from tongke.media.encoder import Encoder
from tongke.media.errors import FfmpegFailed
from tongke.media.shrinking import shrinking

_log = structlog.get_logger("tongke.live")

# A player has some parts more in its buffers; a part that comes later than this is no use.
MOST_BEHIND_S: Final = 3.0
# So long it may take to give what it has when the publisher is gone: the next one waits for it.
FINISH_S: Final = 1.0
# Once it runs, a machine may be so much busier: it is not to come and go all the time.
GIVEN_UP_AT: Final = 1.5
FIRST_WAIT_S: Final = 5.0
LONGEST_WAIT_S: Final = 120.0
# One that lasted so long was no failure from the beginning.
LASTED_S: Final = 60.0


def load_per_core() -> float:
    """How many processes wanted to run in the last minute, for each core."""
    return os.getloadavg()[0] / (os.cpu_count() or 1)


class _Run:
    """One encoder, and what is packed of what it gives."""

    def __init__(
        self,
        ffmpeg: Path,
        video: VideoTrack,
        made: SmallPicture,
        give: Callable[[Iterable[Packed]], None],
        on_end: Callable[[], None],
    ) -> None:
        self._ffmpeg, self._made, self._give = ffmpeg, made, give
        self._size = fitted(video.width, video.height)
        self._given: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._given.put_nowait(made.opening())
        # When each part was given that waits for its pictures, by when it began.
        self._since: dict[int, float] = {}
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(lambda _: on_end())

    def follow(self, listed: Packed) -> None:
        if data := self._made.follow(listed):
            self._given.put_nowait(data)
        if isinstance(listed, Part):
            self._since[listed.began_us] = time.monotonic()

    @property
    def behind_s(self) -> float:
        """How long the oldest part has waited for its pictures."""
        oldest_us = self._made.oldest_us
        self._since = {
            began_us: since
            for began_us, since in self._since.items()
            if oldest_us is not None and began_us >= oldest_us
        }
        return time.monotonic() - min(self._since.values()) if self._since else 0.0

    @property
    def is_done(self) -> bool:
        """Whether all that it was given has come out."""
        return self._made.is_done

    async def finish(self) -> None:
        """Let it give what it still has, within its time."""
        self._given.put_nowait(None)
        await asyncio.wait([self._task], timeout=FINISH_S)
        await self.stop()

    def give_up(self) -> None:
        """Nothing more is to come of it."""
        self._task.cancel()

    async def stop(self) -> None:
        """The same, and its encoder is gone."""
        self.give_up()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        shrunk = shrinking(
            self._ffmpeg, self._size, pictures_per_s=PICTURES_PER_S, wanted_ticks=WANTED_TICKS
        )
        try:
            async with shrunk as encoder:
                feeding = asyncio.create_task(self._feed(encoder))
                try:
                    async for data in encoder.read():
                        self._give(self._made.came(data))
                finally:
                    feeding.cancel()
        except (DamagedStream, OSError) as error:
            _log.warning("small-picture-broken", error=str(error))

    async def _feed(self, encoder: Encoder) -> None:
        try:
            while (data := await self._given.get()) is not None:
                await encoder.write(data)
            encoder.end()
        except FfmpegFailed as error:
            _log.warning("small-picture-broken", error=str(error))


class SmallPictures:
    """The small picture of one class. `is_on` says whether its playlist goes on."""

    def __init__(
        self,
        ffmpeg: Path,
        *,
        most_load: float | None,
        source: Stream,
        stream: Stream,
        give: Callable[[Iterable[Packed]], None],
        on_change: Callable[[], None],
    ) -> None:
        """
        Args:
            most_load: It begins while the load of a core is not above; None for never.
            source: What it follows.
            stream: Where `give` lists what is made.
            on_change: Told whenever it is gone.
        """
        self._ffmpeg, self._most_load = ffmpeg, most_load
        self._source, self._stream = source, stream
        self._give, self._on_change = give, on_change
        self.is_on = False
        self._wanted: tuple[VideoTrack, SoundTrack | None, int] | None = None
        self._run: _Run | None = None
        self._began_at, self._not_before, self._wait_s = 0.0, 0.0, FIRST_WAIT_S
        self._stopping: set[asyncio.Task[None]] = set()

    @property
    def is_coming(self) -> bool:
        """Whether it has begun, and has nothing to show yet."""
        return self._run is not None and self._stream.playlist.latest is None

    def begin(self, video: VideoTrack | None, sound: SoundTrack | None, origin_us: int) -> None:
        """A stream of the source begins."""
        self._wanted = (video, sound, origin_us) if video is not None else None

    def follow(self, listed: Packed) -> None:
        """The source has listed something."""
        if self._run is not None and self._run.behind_s > MOST_BEHIND_S:
            self._lose("behind")
        if isinstance(listed, SegmentOpened):
            self._look()
        if self._run is not None:
            self._run.follow(listed)

    def _look(self) -> None:
        """A segment begins: whether it is to be made from here on, or no longer."""
        if self._most_load is None:
            return
        load, now = load_per_core(), time.monotonic()
        if self._run is not None:
            if load > GIVEN_UP_AT * self._most_load:
                self._lose("load")
            return
        if self._wanted is None or load > self._most_load or now < self._not_before:
            self._switch(on=False)
            return
        self._start(*self._wanted)

    def _start(self, video: VideoTrack, sound: SoundTrack | None, origin_us: int) -> None:
        self._stream.stand_beside(self._source)
        made = SmallPicture(video, sound, origin_us)
        run = _Run(self._ffmpeg, video, made, self._give, lambda: self._ended(run))
        self._run, self._began_at = run, time.monotonic()
        self._switch(on=True)

    def _ended(self, run: _Run) -> None:
        """Its encoder has ended; where nobody asked for it, it died."""
        if run is self._run:
            self._lose("died")

    def _lose(self, reason: str) -> None:
        """It is gone for a while: for longer each time that it did not last."""
        run, self._run = self._run, None
        assert run is not None
        _log.info("small-picture-lost", reason=reason)
        SMALL_PICTURES_LOST.labels(reason).inc()
        now = time.monotonic()
        if now - self._began_at >= LASTED_S:
            self._wait_s = FIRST_WAIT_S
        self._not_before = now + self._wait_s
        self._wait_s = min(LONGEST_WAIT_S, 2 * self._wait_s)
        run.give_up()
        stopping = asyncio.create_task(run.stop())
        self._stopping.add(stopping)
        stopping.add_done_callback(self._stopping.discard)
        self._switch(on=False)

    def _switch(self, *, on: bool) -> None:
        if on == self.is_on:
            return
        self.is_on = on
        SMALL_PICTURES.inc(1 if on else -1)
        self._on_change()

    async def finish(self) -> None:
        """The source's stream has ended or breaks off: what there is becomes whole."""
        self._wanted = None
        run, self._run = self._run, None
        if run is None:
            return
        await run.finish()
        if not run.is_done:
            self._switch(on=False)

    async def close(self) -> None:
        """Nobody wants it any more."""
        run, self._run = self._run, None
        if run is not None:
            await run.stop()
        if self._stopping:
            await asyncio.wait(self._stopping)
        self._switch(on=False)
