"""Samples in, parts and segments out: what makes a live stream low-latency HLS.

A part is a fragment of some hundred milliseconds, a segment is the parts from one keyframe to
another. The length of a picture is only known when the next one comes, so a part leaves one picture
after its last; it waits a little for its sound, which comes through an encoder, and not for ever:
sound that is late goes into the next part, where its own time puts it right (each run carries its
own decode time).

All times are microseconds of the lesson's clock; a stream's own zero is `origin`. Only how long
something was waited for is told by `now_us`, of any clock that goes on: what was held up on its way
comes all at once, and its sound has to be waited for all the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from tongke.live.boxes import DamagedStream
from tongke.live.fmp4 import fragment, initialisation
from tongke.live.frames import MICROSECONDS, Frame, samples, sounds
from tongke.live.tracks import SoundTrack, Track, VideoTrack

# Pictures that are not in a part yet: some seconds, at a rate and of a size that no screen has.
MOST_WAITING: Final = 1_000
MOST_WAITING_BYTES: Final = 32_000_000
# An appliance may be set to give a keyframe seldom or never. Then a segment ends without one, or
# nothing of the class would ever be whole; who comes late waits for the next.
LONGEST_SEGMENT_US: Final = 20 * MICROSECONDS
# It ends at so many bytes as well: the times are the publisher's, whose clock may hardly move, and
# a segment is kept in memory until it is whole. Twenty seconds of 6 Mbit/s.
MOST_SEGMENT_BYTES: Final = 16 * 2**20
# Sound waits for pictures, and is heard when they come again: a quarter of an hour of it, and of
# more the newest. All of it stays in the journal.
MOST_SOUND_BYTES: Final = 16_000_000
MOST_SOUNDS: Final = 50_000
# Of a stream without pictures: a part is full with so many frames, however short they say they are.
MOST_SOUNDS_IN_PART: Final = 200
# So long a full part waits for its sound: it is a frame of the encoder and its way there and back
# behind the picture, and on a busy machine an encoder takes a while to start. Once it was waited
# for in vain, nothing waits until there is sound again.
SOUND_WAIT_US: Final = 2_000_000
# No picture stands longer in a part: a camera that gives none for a while leaves a hole.
LONGEST_PICTURE_US: Final = 2 * MICROSECONDS


@dataclass(frozen=True)
class Opened:
    """A new initialisation segment: the stream begins, or its tracks have changed."""

    data: bytes
    codecs: str


@dataclass(frozen=True)
class Part:
    """A fragment of the segment that is open. `began_us` is when its first picture is shown.

    `pictures` and `heard` are the frames that it was made of, for who makes another of the same.
    """

    data: bytes
    began_us: int
    duration_us: int
    independent: bool
    pictures: Sequence[Frame] = ()
    heard: Sequence[Frame] = ()

    @property
    def ends_us(self) -> int:
        return self.began_us + self.duration_us


@dataclass(frozen=True)
class SegmentOpened:
    """A segment begins; the parts that follow are its own."""

    began_us: int
    discontinuity: bool


@dataclass(frozen=True)
class SegmentClosed:
    """The open segment has all its parts."""


Packed = Opened | Part | SegmentOpened | SegmentClosed


@dataclass
class Packager:
    """Makes one stream. A stream without pictures is packed by its sound.

    Args:
        part_us: The target of a part; none is longer, and none but the last of a segment more than
            a picture shorter. At 30 pictures a second, 250 ms keep the 85 % that the standard asks
            for (rfc8216bis, 4.4.4.9).
        segment_us: A segment ends at the first keyframe from about there on; the first at half of
            it, since keyframes come at times of their own and players wait for a whole segment.
        origin_us: The lesson's time that is zero in the fragments. They have no time before it, so
            what was captured earlier (of another class of this number, say) is dropped.
    """

    tracks: Sequence[Track]
    part_us: int
    segment_us: int
    origin_us: int
    discontinuity: bool = False
    _pictures: deque[Frame] = field(default_factory=deque)
    _sounds: deque[Frame] = field(default_factory=deque)
    _picture_bytes: int = 0
    _sound_bytes: int = 0
    _sequence: int = 0
    _segment_began_us: int | None = None
    _segment_bytes: int = 0
    _opened: bool = False
    _is_first: bool = True
    _heard_until_us: int = 0
    # Since when the next part is full and lacks its sound.
    _waiting_since_us: int | None = None
    _waited_in_vain: bool = False
    # How many of the leading frames end no part, as the next begins with the first; their bytes.
    _looked_at: int = 0
    _looked_at_bytes: int = 0

    @property
    def _leading(self) -> Track:
        """The track that says where parts end."""
        return next((t for t in self.tracks if isinstance(t, VideoTrack)), self.tracks[0])

    @property
    def _sound(self) -> SoundTrack | None:
        return next((t for t in self.tracks if isinstance(t, SoundTrack)), None)

    def picture(self, frame: Frame, now_us: int) -> Iterator[Packed]:
        """Take a picture. Pictures before the first keyframe show nothing, and are dropped.

        Raises:
            DamagedStream: no camera gives so many.
        """
        if frame.at_us < self.origin_us:
            return
        if self._pictures and frame.at_us <= self._pictures[-1].at_us:
            return
        if not self._pictures and self._segment_began_us is None and not frame.sync:
            return
        self._picture_bytes += len(frame.data)
        if len(self._pictures) >= MOST_WAITING or self._picture_bytes > MOST_WAITING_BYTES:
            raise DamagedStream
        self._pictures.append(frame)
        yield from self._pack(now_us)

    def sound(self, frame: Frame, now_us: int) -> Iterator[Packed]:
        """Take a frame of sound."""
        if frame.at_us < max(self._heard_until_us, self.origin_us):
            return
        self._sounds.append(frame)
        self._sound_bytes += len(frame.data)
        while self._led is not self._sounds and self._keeps_too_much:
            self._next_sound()
        self._waited_in_vain = False
        self._heard_until_us = frame.at_us + frame.duration_us
        yield from self._pack(now_us)

    def finish(self) -> Iterator[Packed]:
        """Pack what is left: the stream ends or breaks off here."""
        while self._led:
            yield from self._part(self._cut(whole=True))
        if self._segment_began_us is not None:
            yield self._closed()

    def _closed(self) -> SegmentClosed:
        self._segment_began_us, self._segment_bytes = None, 0
        return SegmentClosed()

    @property
    def _led(self) -> deque[Frame]:
        return self._pictures if isinstance(self._leading, VideoTrack) else self._sounds

    @property
    def _keeps_too_much(self) -> bool:
        return self._sound_bytes > MOST_SOUND_BYTES or len(self._sounds) > MOST_SOUNDS

    def _pack(self, now_us: int) -> Iterator[Packed]:
        while (count := self._cut(whole=False)) and self._has_sound(count, now_us):
            self._waiting_since_us = None
            yield from self._part(count)

    def _cut(self, *, whole: bool) -> int:
        """How many leading frames make the next part; 0 while it is not full.

        It goes on where the last call stopped: a part may have many frames, and each that comes
        asks. The last one is looked at again, as the next says how long it is.
        """
        led = self._led
        if not led:
            return 0
        began = led[0].at_us
        while self._looked_at + 1 < len(led):
            number = self._looked_at + 1
            filled = self._segment_bytes + self._looked_at_bytes + len(led[number - 1].data)
            if self._ends_segment(led[number], filled):
                return number
            if self._end(number) - began > self.part_us:
                return number
            if led is self._sounds and number >= MOST_SOUNDS_IN_PART:
                return number
            if number + 1 == len(led):
                break
            self._looked_at = number
            self._looked_at_bytes += len(led[number - 1].data)
        return len(led) if whole else 0

    def _end(self, number: int) -> int:
        """When the frame of this number ends, as far as is known."""
        led = self._led
        if number + 1 < len(led):
            return led[number + 1].at_us
        return led[number].at_us + self._length_of_last(led)

    def _ends_segment(self, frame: Frame, filled: int) -> bool:
        """Whether the segment ends before a frame, with so many bytes in it."""
        if filled >= MOST_SEGMENT_BYTES:
            return True
        began = self._segment_began_us
        if began is None:
            began = self._led[0].at_us
        return frame.at_us - began >= (self._enough_us if frame.sync else LONGEST_SEGMENT_US)

    @property
    def _enough_us(self) -> int:
        if self._is_first:
            return self.segment_us // 2
        # A keyframe that is asked for every two seconds comes a little early now and then.
        return self.segment_us - self.part_us // 2

    def _has_sound(self, count: int, now_us: int) -> bool:
        """Whether the sound up to a part's end is there, or is waited for no longer."""
        if self._sound is None or self._leading is self._sound:
            return True
        if self._heard_until_us >= self._pictures[count].at_us:
            return True
        if self._waiting_since_us is None:
            self._waiting_since_us = now_us
        if now_us - self._waiting_since_us >= SOUND_WAIT_US:
            self._waited_in_vain = True
        return self._waited_in_vain

    def _part(self, count: int) -> Iterator[Packed]:
        led = self._led
        if not self._opened:
            self._opened = True
            while self._sounds and self._sounds[0].at_us < led[0].at_us:
                self._next_sound()  # before there was anything to see
            codecs = ",".join(track.codec for track in self.tracks)
            yield Opened(initialisation(self.tracks), codecs)
        if self._segment_began_us is None:
            self._segment_began_us = led[0].at_us
            yield SegmentOpened(led[0].at_us, self.discontinuity)
            self.discontinuity = False
        yield self._fragment(count)
        if led and self._ends_segment(led[0], self._segment_bytes):
            self._is_first = False
            yield self._closed()

    def _fragment(self, count: int) -> Part:
        led = self._led
        self._looked_at = self._looked_at_bytes = 0
        take = self._next_picture if led is self._pictures else self._next_sound
        frames = [take() for _ in range(count)]
        ends = led[0].at_us if led else frames[-1].at_us + self._length_of_last(frames)
        ends = min(ends, frames[-1].at_us + LONGEST_PICTURE_US)
        heard = list[Frame]()
        if self._sound is not None and self._leading is not self._sound:
            while self._sounds and (self._sounds[0].at_us < ends or not led):
                heard.append(self._next_sound())
        runs = {self._leading: samples(self._leading, frames, ends, self.origin_us)}
        if self._sound is not None and heard:
            runs[self._sound] = sounds(self._sound, heard, self.origin_us)
        self._segment_bytes += sum(len(frame.data) for frame in (*frames, *heard))
        self._sequence += 1
        return Part(
            fragment(self._sequence, runs),
            frames[0].at_us,
            ends - frames[0].at_us,
            frames[0].sync,
            frames,
            heard,
        )

    def _next_picture(self) -> Frame:
        frame = self._pictures.popleft()
        self._picture_bytes -= len(frame.data)
        return frame

    def _next_sound(self) -> Frame:
        frame = self._sounds.popleft()
        self._sound_bytes -= len(frame.data)
        return frame

    def _length_of_last(self, frames: Sequence[Frame]) -> int:
        """The length of the last of some frames, of which nothing tells yet: its own where it is
        known, else as long as the one before."""
        if frames[-1].duration_us:
            return frames[-1].duration_us
        if len(frames) > 1:
            return frames[-1].at_us - frames[-2].at_us
        return self.part_us // 6
