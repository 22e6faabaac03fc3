"""What an appliance pushes, as the chunks of a lesson.

Its clock is its own and begins anywhere: the first picture is believed to be of the moment it
arrives. From there on its times count, until they leap: then a new stream begins. AAC is counted
by its samples, because times in whole milliseconds would leave a hole or an overlap in each frame.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Final

from pydantic import ValidationError

from tongke.live.adts import SAMPLES_PER_FRAME
from tongke.live.boxes import DamagedStream
from tongke.live.frames import MICROSECONDS
from tongke.live.rtmp import flv
from tongke.live.rtmp.dialogue import PICTURE, Media
from tongke.live.rtmp.flv import Coded
from tongke.live.tracks import SoundTrack, VideoTrack
from tongke.live.wire import STREAMS, AacSaid, Chunk, ChunkTrack, Configuration, PictureSaid

# A stream says once what it has, so sound is waited for, and not for ever.
SOUND_WAIT_US: Final = 1_500_000
# What leaps farther than this, between two pictures or before the present, is another clock.
LONGEST_STEP_MS: Final = 5_000
FARTHEST_BACK_MS: Final = 1_000
FARTHEST_AHEAD_US: Final = 500_000
# It takes a moment until it is known which lesson a connection goes into. What came meanwhile is of
# that lesson, and may be the only keyframe for a long time. What came earlier is not: an appliance
# may push for a quarter of an hour before its class begins.
FIRST_US: Final = 3_000_000
MOST_FIRST_BYTES: Final = 8 * 2**20
# An appliance's sound and its times run apart; that far, and they are put together again.
SOUND_APART_US: Final = 100_000


class Feed:
    """One connection of an appliance, which goes into a lesson from `start` to `stop`. How it
    codes is said once, and kept meanwhile."""

    def __init__(self) -> None:
        self._stream = self._number = self._not_before_us = 0
        self._on = False
        # What came first, and when, for as long as it may be of the lesson.
        self._first: list[tuple[Media, int]] | None = []
        self._first_bytes = 0
        self._video: VideoTrack | None = None
        self._sound: SoundTrack | None = None
        # Whether a stream has to begin with the next keyframe, and since when that is waited for.
        self._anew, self._waiting_since_us = True, -1
        self._zero_us: int | None = None
        self._last_ms = 0
        self._sound_began_us: int | None = None
        self._sounds = 0

    def start(self, *, stream: int, number: int, not_before_us: int = 0) -> None:
        """Go into a lesson whose last stream and last chunk have these numbers, and which lasts
        until then: an appliance that ran ahead does not come back into its own past."""
        self._stream, self._number, self._not_before_us = stream, number, not_before_us
        self._on = self._anew = True
        self._zero_us, self._waiting_since_us = None, -1

    def stop(self) -> None:
        self._on, self._first = False, None

    def take(self, media: Media, now_us: int) -> Iterator[Configuration | Chunk]:
        """Take a message; `now_us` is of the lesson's clock.

        Raises:
            DamagedStream: also `NotPlayable`.
        """
        first, self._first = self._first, self._kept(media, now_us)
        if self._on:
            for each, came_us in first or ():
                if now_us - came_us <= FIRST_US:
                    yield from self._take(each, came_us)
        yield from self._take(media, now_us)

    def _kept(self, media: Media, now_us: int) -> list[tuple[Media, int]] | None:
        """What came before a lesson is entered, with this; None once it cannot be of it."""
        if self._first is None or self._on:
            return None
        self._first_bytes += len(media.data)
        kept = [*self._first, (media, now_us)]
        is_old = now_us - kept[0][1] > FIRST_US
        return None if is_old or self._first_bytes > MOST_FIRST_BYTES else kept

    def _take(self, media: Media, now_us: int) -> Iterator[Configuration | Chunk]:
        if self._waiting_since_us < 0:
            self._waiting_since_us = now_us
        found = flv.picture(media.data) if media.type == PICTURE else flv.sound(media.data)
        if isinstance(found, VideoTrack):
            self._anew = self._anew or found != self._video
            self._video = found
        elif isinstance(found, SoundTrack):
            self._anew = self._anew or found != self._sound
            self._sound = found
        elif not self._on or found is None:
            return
        elif media.type == PICTURE:
            yield from self._picture(found, media.time_ms, now_us)
        else:
            yield from self._hear(found, media.time_ms)

    def _picture(self, coded: Coded, time_ms: int, now_us: int) -> Iterator[Configuration | Chunk]:
        if self._leaps(time_ms, now_us):
            self._anew, self._zero_us = True, None
        self._last_ms = time_ms
        if self._anew:
            waits = now_us - self._waiting_since_us < SOUND_WAIT_US
            if self._video is None or not coded.keyframe or (self._sound is None and waits):
                return
            if self._zero_us is None:
                self._zero_us = max(now_us, self._not_before_us) - time_ms * 1000
            yield self._begin(self._video)
        assert self._zero_us is not None
        yield self._chunk(
            ChunkTrack.PICTURE,
            self._zero_us + time_ms * 1000,
            0,
            coded,
        )

    def _leaps(self, time_ms: int, now_us: int) -> bool:
        if self._zero_us is None:
            return False
        ahead_us = self._zero_us + time_ms * 1000 - now_us
        step_ms = time_ms - self._last_ms
        in_step = -FARTHEST_BACK_MS <= step_ms <= LONGEST_STEP_MS
        return not in_step or ahead_us > FARTHEST_AHEAD_US

    def _begin(self, video: VideoTrack) -> Configuration:
        """Raises DamagedStream: it says of itself what nothing that plays has."""
        self._anew = False
        self._sound_began_us = None
        self._stream = (self._stream + 1) % STREAMS
        try:
            picture = PictureSaid(
                width=video.width,
                height=video.height,
                description=base64.b64encode(video.avcc).decode(),
            )
            sound = self._sound and AacSaid(
                codec="aac",
                channels=self._sound.channels,
                rate=self._sound.rate,
                description=base64.b64encode(self._sound.config).decode(),
            )
        except ValidationError as error:
            raise DamagedStream from error
        return Configuration(stream=self._stream, picture=picture, sound=sound)

    def _hear(self, coded: Coded, time_ms: int) -> Iterator[Chunk]:
        if self._anew or self._sound is None or self._zero_us is None:
            return
        at_us = self._zero_us + time_ms * 1000
        expected_us = self._sound_at(self._sounds)
        if expected_us is None or at_us - expected_us > SOUND_APART_US:
            self._sound_began_us, self._sounds = at_us, 0
        elif expected_us - at_us > SOUND_APART_US:
            return
        begins_us, ends_us = self._sound_at(self._sounds), self._sound_at(self._sounds + 1)
        assert begins_us is not None and ends_us is not None
        self._sounds += 1
        yield self._chunk(ChunkTrack.SOUND, begins_us, ends_us - begins_us, coded)

    def _sound_at(self, frames: int) -> int | None:
        """When the frame of this number begins."""
        if self._sound_began_us is None or self._sound is None:
            return None
        lasted_us = round(frames * SAMPLES_PER_FRAME * MICROSECONDS / self._sound.rate)
        return self._sound_began_us + lasted_us

    def _chunk(self, track: ChunkTrack, at_us: int, duration_us: int, coded: Coded) -> Chunk:
        self._number += 1
        return Chunk(
            track,
            self._stream,
            self._number,
            at_us,
            duration_us,
            coded.data,
            coded.keyframe,
            offset_us=coded.offset_ms * 1000,
        )
