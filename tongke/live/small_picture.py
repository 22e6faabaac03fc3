"""The lesson's picture once more, small, for lines that do not carry it as it comes.

It has the parts and segments of the source, with their times, their keyframes and their sound, so
that a player may go from one to the other anywhere. So it follows the source part by part: each
part's pictures go to an encoder, and when those that were wanted have come back, small, they are
packed as that part was.

The encoder is given times and gives them back. Which pictures are wanted is said in them, too: the
source's pictures build on each other, so all are decoded, and those with an odd millisecond are
dropped before they are coded anew.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final

from tongke.live.boxes import DamagedStream
from tongke.live.flv_tags import FlvReader, PictureTag
from tongke.live.fmp4 import fragment, initialisation
from tongke.live.frames import Frame, samples, sounds
from tongke.live.packager import Opened, Packed, Part, SegmentOpened
from tongke.live.rtmp import flv
from tongke.live.tracks import VIDEO_TIMESCALE, Sample, SoundTrack, Track, VideoTrack

SMALL: Final = "small"

MOST_WIDTH, MOST_HEIGHT = 426, 240
PICTURES_PER_S: Final = 15
# A camera's pictures waver by some milliseconds.
_STEP_US: Final = 1_000_000 // PICTURES_PER_S
_WAVERS_US: Final = 8_000
_TICKS_PER_MS: Final = VIDEO_TIMESCALE // 1000
# A picture that is not to be coded stands a millisecond beside.
_STEP_MS: Final = 2
_UNWANTED_MS: Final = 1
# What is wanted is at a multiple of this, in the timescale of pictures.
WANTED_TICKS: Final = _STEP_MS * _TICKS_PER_MS


def fitted(width: int, height: int) -> tuple[int, int]:
    """The small picture's size: even, of the same shape, and never larger than the source."""
    share = min(1.0, MOST_WIDTH / width, MOST_HEIGHT / height)
    return max(2, 2 * round(width * share / 2)), max(2, 2 * round(height * share / 2))


class SmallPicture:
    """One stream of it, from a segment of the source on.

    Args:
        source: The source's pictures, as the encoder is told of them.
        sound: As it goes out; the same frames.
        origin_us: The lesson's time that is zero in the fragments, as the source has it.
    """

    def __init__(self, source: VideoTrack, sound: SoundTrack | None, origin_us: int) -> None:
        self._source, self._sound, self._origin_us = source, sound, origin_us
        self._track: VideoTrack | None = None
        self._reader = FlvReader()
        self._given = 0
        self._began_us: int | None = None
        self._last_ms = -_STEP_MS
        # By the time that the encoder knows: when it is shown, and its turn, where that is sure.
        self._shown: dict[int, tuple[int, int | None]] = {}
        # When each picture that is to come has its turn. Those that come are in the order in which
        # they are shown, which is not the order of the source where it codes by later pictures.
        self._turns: deque[int] = deque()
        self._reorders = False
        self._came: deque[Frame] = deque()
        # What the source has listed, and is not packed yet.
        self._coming: deque[Packed] = deque()
        self._opened = False
        self._sequence = 0

    @property
    def oldest_us(self) -> int | None:
        """When the oldest part began that still waits for its pictures; None where none waits."""
        return next((each.began_us for each in self._coming if isinstance(each, Part)), None)

    @property
    def is_done(self) -> bool:
        """Whether all that it followed is packed."""
        return not self._coming

    def opening(self) -> bytes:
        """What the encoder is given first."""
        return initialisation([self._source])

    def follow(self, listed: Packed) -> bytes:
        """Take what the source has listed, from a segment's beginning on; what the encoder is given
        for it."""
        if isinstance(listed, Opened):
            return b""
        self._coming.append(listed)
        if not isinstance(listed, Part):
            return b""
        offsets = {frame.offset_us for frame in listed.pictures}
        self._reorders = self._reorders or len(offsets) > 1
        wanted = set(range(len(listed.pictures))) if self._reorders else _wanted(listed.pictures)
        return b"".join(
            self._give(frame, number in wanted) for number, frame in enumerate(listed.pictures)
        )

    def _give(self, frame: Frame, is_wanted: bool) -> bytes:
        """A fragment with one picture, at its time in even milliseconds."""
        if self._began_us is None:
            self._began_us = frame.at_us
        turn_ms = max(self._last_ms + _STEP_MS, _even_ms(frame.at_us - self._began_us))
        self._last_ms = turn_ms
        shown_us = frame.at_us + frame.offset_us
        shown_ms = max(turn_ms, _even_ms(shown_us - self._began_us))
        if is_wanted:
            is_sure = frame.sync or not self._reorders
            self._shown[shown_ms] = shown_us, frame.at_us if is_sure else None
            self._turns.append(frame.at_us)
        else:
            shown_ms += _UNWANTED_MS
        self._given += 1
        sample = Sample(
            turn_ms * _TICKS_PER_MS,
            _STEP_MS * _TICKS_PER_MS,
            frame.data,
            frame.sync,
            (shown_ms - turn_ms) * _TICKS_PER_MS,
        )
        return fragment(self._given, {self._source: [sample]})

    def came(self, encoded: bytes) -> Iterator[Packed]:
        """What is packed by what the encoder gave.

        Raises:
            DamagedStream.
        """
        for tag in self._reader.feed(encoded):
            self._take(tag)
        while self._coming and (packed := self._next()):
            self._coming.popleft()
            yield from packed

    def _take(self, tag: PictureTag) -> None:
        found = flv.picture(tag.body)
        if isinstance(found, VideoTrack):
            self._track = found
        elif found is not None and (at := self._shown.pop(tag.at_ms, None)) is not None:
            shown_us, turn_us = at
            while turn_us is not None and self._turns and self._turns[0] < turn_us:
                self._turns.popleft()  # A picture that the encoder could not make sense of.
            if self._turns:
                turn_us = self._turns.popleft()
                offset_us = max(0, shown_us - turn_us)
                self._came.append(Frame(turn_us, found.data, found.keyframe, offset_us=offset_us))

    def _next(self) -> list[Packed]:
        """What the next that the source has listed is here; nothing while it has to wait."""
        each = self._coming[0]
        if isinstance(each, Part):
            is_whole = not self._turns or self._turns[0] >= each.ends_us
            return [self._part(each)] if is_whole else []
        if isinstance(each, SegmentOpened) and not self._opened:
            return self._open(each)
        return [each]

    def _open(self, first: SegmentOpened) -> list[Packed]:
        if self._track is None:
            return []
        self._opened = True
        tracks: list[Track] = [self._track, *([self._sound] if self._sound else [])]
        codecs = ",".join(track.codec for track in tracks)
        return [Opened(initialisation(tracks), codecs), first]

    def _part(self, model: Part) -> Part:
        """The source's part with its small pictures, and the same sound."""
        pictures = list[Frame]()
        while self._came and self._came[0].at_us < model.ends_us:
            pictures.append(self._came.popleft())
        if not pictures or self._track is None:
            raise DamagedStream
        origin_us = self._origin_us
        runs = dict[Track, Sequence[Sample]]()
        runs[self._track] = samples(self._track, pictures, model.ends_us, origin_us)
        if self._sound is not None and model.heard:
            runs[self._sound] = sounds(self._sound, model.heard, origin_us)
        self._sequence += 1
        data = fragment(self._sequence, runs)
        return Part(data, model.began_us, model.duration_us, pictures[0].sync)


def _wanted(pictures: Sequence[Frame]) -> set[int]:
    """The first picture of a part, its keyframes, and one a step from there."""
    found, due_us = set(), 0
    for number, frame in enumerate(pictures):
        if number == 0 or frame.sync or frame.at_us >= due_us - _WAVERS_US:
            found.add(number)
            due_us = frame.at_us + _STEP_US
    return found


def _even_ms(microseconds: int) -> int:
    return microseconds // 1000 // _STEP_MS * _STEP_MS
