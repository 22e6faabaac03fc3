"""One rendition of a lesson while it goes on: packed, named, listed, and kept for who comes late.

Names never change their content, also when another process carries the class on: each begins with
the class's epoch, which counts who carried it. And nobody knows a name who was not given a
playlist that has it: each ends with a suffix that cannot be guessed, another one from second to
second. So who is given no playlists any more cannot count on, wherever parts are kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from typing import Final

from tongke.live.boxes import DamagedStream
from tongke.live.packager import Opened, Packed, SegmentClosed, SegmentOpened
from tongke.live.packager import Part as PackedPart
from tongke.live.playlist import LivePlaylist, Part, Segment
from tongke.live.splitter import Fragment, Splitter, TrackRun

# Parts are asked for while they are listed, and a little longer by who holds an older playlist.
PARTS_KEPT_S: Final = 30.0
# Of those no more, since a lesson's time may hardly move: two minutes at four a second, and 30 s of
# the 8 Mbit/s of an appliance.
MOST_PARTS: Final = 480
MOST_BYTES: Final = 32 * 2**20
# For how long the same suffix is drawn. Each is some bytes more in every playlist.
SUFFIX_US: Final = 1_000_000
# Beyond this goes what is listed as well, or its publisher's clock would say how much is kept. An
# appliance without keyframes has a minute listed.
MOST_LISTED_BYTES: Final = 64 * 2**20
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def moment(at_us: int) -> datetime:
    """A time of the lesson's clock as a date."""
    return _EPOCH + timedelta(microseconds=at_us)


@dataclass(frozen=True)
class Whole:
    """A segment that is closed, to be put into the object store with its initialisation."""

    segment: Segment
    data: bytes
    initialisation: bytes
    codecs: str
    began_us: int
    duration_us: int


@dataclass(frozen=True)
class Earlier:
    """What another process has closed of a rendition, by name what is in the newest of it, and of
    what coding that is."""

    segments: Sequence[Segment] = ()
    newest: Mapping[str, bytes] = field(default_factory=dict)
    codecs: str = ""


@dataclass
class Stream:
    """What one packager gives, as players ask for it. `epoch` stands first in each name, what
    `new_suffix` gives last: eight hexadecimal digits."""

    epoch: int
    playlist: LivePlaylist
    new_suffix: Callable[[], str]
    codecs: str = ""
    _kept: dict[str, bytes] = field(default_factory=dict)
    # Names of parts, oldest first, with how much there was of all parts when each ended: a playlist
    # lists them by that, and in a break the lesson's clock goes on.
    _ages: deque[tuple[int, str]] = field(default_factory=deque)
    _passed_us: int = 0
    _part_bytes: int = 0
    _map_name: str = ""
    _maps: int = 0
    _parts: int = 0
    _began_us: int = 0
    _duration_us: int = 0
    _open: list[bytes] = field(default_factory=list)
    _suffix: str = ""
    _suffix_us: int = 0

    def __post_init__(self) -> None:
        self._suffix = self.new_suffix()

    @property
    def next_part(self) -> str:
        """The name of the part that comes next."""
        return f"{self.epoch}-p{self._parts + 1}-{self._suffix}.m4s"

    def resume(self, earlier: Earlier) -> None:
        """Go on behind what is closed. The newest is listed with its parts, as it was before: a
        player that sees nothing but whole segments ahead of a break waits until the first behind it
        is whole as well, which takes seconds."""
        self.codecs = earlier.codecs
        segments, split = list(earlier.segments), list[list[Fragment]]()
        for segment in reversed(segments):
            fragments = _fragments(earlier.newest.get(segment.name, b""))
            if not fragments:
                break
            split.insert(0, fragments)
        for place, fragments in enumerate(split, len(segments) - len(split)):
            segments[place] = self._in_parts(segments[place], fragments)
        self.playlist.resume(segments, in_parts=len(split))

    def _in_parts(self, segment: Segment, fragments: Sequence[Fragment]) -> Segment:
        whole_us = round(segment.duration_s * 1e6)
        runs = [_leading(fragment) for fragment in fragments]
        ticks = sum(run.duration for run in runs)
        ends = [whole_us * passed // ticks for passed in accumulate(run.duration for run in runs)]
        parts = list[Part]()
        places = pairwise([0, *ends])
        for fragment, run, (since, until) in zip(fragments, runs, places, strict=True):
            name = self.next_part
            self._keep(name, fragment.data, until - since)
            parts.append(Part(name, (until - since) / 1e6, run.begins_with_sync))
        return replace(segment, parts=tuple(parts))

    def stand_beside(self, other: Stream) -> None:
        """Have the numbers of another rendition, which has just opened a segment: go on where both
        are at one place, else list anew from there."""
        places = (self.playlist.open_sequence, self._parts)
        if places != (other.playlist.open_sequence, other._parts):
            self.playlist = other.playlist.beside()
            self._parts = other._parts

    def get(self, name: str) -> bytes | None:
        """A part or an initialisation segment; None when it is not there (any more)."""
        return self._kept.get(name)

    def take(self, packed: Iterable[Packed]) -> Iterator[Whole]:
        """List what a packager gave; the segments that are whole by it."""
        for each in packed:
            if isinstance(each, Opened):
                self._maps += 1
                self._map_name = f"{self.epoch}-m{self._maps}.mp4"
                self._kept[self._map_name] = each.data
                self.codecs = each.codecs
            elif isinstance(each, SegmentOpened):
                self._begin(each)
            elif isinstance(each, SegmentClosed):
                yield self._close()
            else:
                self._add(each)

    def _begin(self, opened: SegmentOpened) -> None:
        began = moment(opened.began_us)
        self.playlist.begin_segment(self._map_name, began, discontinuity=opened.discontinuity)
        self._began_us, self._duration_us, self._open = opened.began_us, 0, []

    def _add(self, part: PackedPart) -> None:
        name = self.next_part
        self._keep(name, part.data, part.duration_us)
        self._suffix_us += part.duration_us
        # Of those behind it alone: this one's name was told before it came. Most are equally long.
        if self._suffix_us + part.duration_us > SUFFIX_US:
            self._suffix, self._suffix_us = self.new_suffix(), 0
        self._open.append(part.data)
        self._duration_us += part.duration_us
        self.playlist.add_part(Part(name, part.duration_us / 1e6, part.independent))
        self._forget()

    def _keep(self, name: str, data: bytes, duration_us: int) -> None:
        self._parts += 1
        self._kept[name] = data
        self._part_bytes += len(data)
        self._passed_us += duration_us
        self._ages.append((self._passed_us, name))

    def _close(self) -> Whole:
        latest = self.playlist.latest
        assert latest is not None
        segment = self.playlist.close_segment(f"{self.epoch}-s{latest[0]}-{self._suffix}.m4s")
        return Whole(
            segment,
            b"".join(self._open),
            self._kept[segment.map_name],
            self.codecs,
            self._began_us,
            self._duration_us,
        )

    @property
    def newest_picture(self) -> bytes:
        """Where the last segment begins, as a file of its own: a picture that needs no other.
        Empty before there is any."""
        return self._kept[self._map_name] + self._open[0] if self._open else b""

    @property
    def until_us(self) -> int:
        """Until when the lesson is in it, on the lesson's clock."""
        return self._began_us + self._duration_us

    def _forget(self) -> None:
        oldest_us = self._passed_us - round(PARTS_KEPT_S * 1e6)
        listed = self.playlist.listed_parts
        while self._ages:
            ended_us, name = self._ages[0]
            is_done = ended_us < oldest_us or len(self._ages) > MOST_PARTS
            if len(self._ages) > listed:
                if not is_done and self._part_bytes <= MOST_BYTES:
                    return
            elif self._part_bytes <= MOST_LISTED_BYTES:
                return
            self._ages.popleft()
            self._part_bytes -= len(self._kept.pop(name))


def _fragments(data: bytes) -> list[Fragment]:
    """What a segment is made of; nothing where it is not one of ours."""
    try:
        found = [each for each in Splitter().feed(data) if isinstance(each, Fragment)]
    except DamagedStream:
        return []
    return found if all(each.runs and _leading(each).duration for each in found) else []


def _leading(fragment: Fragment) -> TrackRun:
    """Of the track that says where parts end: the first (`tongke.live.tracks`)."""
    return fragment.runs[min(fragment.runs)]
