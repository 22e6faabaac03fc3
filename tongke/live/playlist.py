"""Low-latency media playlists (draft-pantos-hls-rfc8216bis, cited by section), without a socket.

A playlist is asked for once a part by everyone, with hours of lesson behind it. So a segment's text
is made once, when it closes; what is too old to change is kept as one string; and a rendering only
joins strings. When a request is held back or refused, its `edge` says (`tongke.live.delivery`).

The multi-variant playlist over these is that of any recording (`tongke.media.playlist`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Mapping, Sequence
from copy import copy
from datetime import datetime
from operator import attrgetter
from typing import Final

from tongke.live import playlist_text
from tongke.live.delivery import LiveEdge
from tongke.live.playlist_text import MICROSECONDS, DateRange, Part, Segment, recorded

__all__ = ["DateRange", "LivePlaylist", "Part", "Segment", "recorded"]

# A live playlist never becomes shorter (6.2.2).
SHORTEST_TARGETS: Final = 3
_ENDS: Final = attrgetter("ends_us")


class LivePlaylist:
    """One rendition of a lesson while it goes on.

    Args:
        segment_s: The target of a segment. A longer one raises it for good. The standard forbids
            both (6.2.1), but a segment above the target stops some players, and no class is
            stopped because an appliance's keyframes come late.
        part_s: The target of a part. One with a picture that stood longer is listed as it is.
        window_s: How far one may look back, but at least three target durations; None for the
            whole lesson.

    Raises:
        ValueError: a part is longer than a segment, or nothing.
    """

    def __init__(self, *, segment_s: float, part_s: float, window_s: float | None) -> None:
        if not 0 < part_s <= segment_s:
            raise ValueError(f"parts of {part_s} s do not make segments of {segment_s} s")
        self._part_us = playlist_text.microseconds(part_s)
        self._target_s = playlist_text.whole_seconds(playlist_text.microseconds(segment_s))
        self._window_us = None if window_s is None else playlist_text.microseconds(window_s)
        self._first_sequence = 0
        self._gone_discontinuities = 0
        self._closed: list[playlist_text.ListedSegment] = []
        # Of the last so many closed segments, the text with their parts.
        self._with_parts: deque[str] = deque()
        self._older_text = ""
        self._open: playlist_text.OpenSegment | None = None
        self._ended = False

    @property
    def edge(self) -> LiveEdge:
        """How far it has come."""
        return LiveEdge(
            closed=self._last_closed,
            closed_parts=len(self._closed[-1].segment.parts) if self._closed else 0,
            open_parts=len(self._open.parts) if self._open else 0,
            part_s=self._part_us / MICROSECONDS,
            ended=self._ended,
        )

    @property
    def latest(self) -> tuple[int, int] | None:
        """Sequence and index of the last part; None before any."""
        return self.edge.latest

    @property
    def listed_parts(self) -> int:
        """How many parts are listed: always the last that there are."""
        closed = self._closed[self._older :]
        open_parts = len(self._open.parts) if self._open else 0
        return sum(len(listed.segment.parts) for listed in closed) + open_parts

    @property
    def open_sequence(self) -> int:
        """Of the segment that is open, or would be opened next."""
        return self._last_closed + 1

    def beside(self) -> LivePlaylist:
        """An empty one for a rendition that begins where this one is: for players, what was before
        is out of its window, with the same numbers (6.2.4)."""
        made = copy(self)
        made._first_sequence = self.open_sequence
        gone = sum(listed.segment.discontinuity for listed in self._closed)
        made._gone_discontinuities += gone
        made._closed, made._with_parts, made._older_text = [], deque(), ""
        made._open = None
        return made

    def begin_segment(
        self, map_name: str, began_at: datetime, *, discontinuity: bool = False
    ) -> int:
        """Open the next segment and give its sequence. One without a part so far is replaced.

        Raises:
            ValueError: one with parts is open, the class has ended, or the time has no zone.
        """
        self._must_go_on()
        self._must_be_closed()
        discontinuity = discontinuity or bool(self._open and self._open.discontinuity)
        new_map = None if map_name == self._last_map else map_name
        opening = playlist_text.opening(began_at, new_map=new_map, discontinuity=discontinuity)
        sequence = self._last_closed + 1
        self._open = playlist_text.OpenSegment(sequence, map_name, began_at, discontinuity, opening)
        return sequence

    def add_part(self, part: Part) -> None:
        """Add to the open segment.

        Raises:
            ValueError: no segment is open, or the part has no length.
        """
        if self._open is None:
            raise ValueError("no segment is open")
        if playlist_text.microseconds(part.duration_s) <= 0:
            raise ValueError(f"a part of {part.duration_s} s")
        self._open.add(part)
        self._target_s = max(self._target_s, playlist_text.whole_seconds(self._open.duration_us))
        self._settle()

    def close_segment(self, name: str) -> Segment:
        """End the open segment: it is as long as its parts.

        Raises:
            ValueError: no segment is open, or it has no part.
        """
        ready = self._open
        if ready is None or not ready.parts:
            raise ValueError("no segment with parts is open")
        segment = ready.closed(name)
        self._list(segment, ready.duration_us)
        self._settle()
        return segment

    def _list(self, segment: Segment, duration_us: int) -> None:
        """Put the open segment, which is whole, behind those that are closed."""
        assert self._open is not None
        closing = playlist_text.closing(segment.name, duration_us)
        if self._open.parts:
            self._with_parts.append(self._open.text + closing)
        self._closed.append(
            playlist_text.ListedSegment(
                segment,
                self._open.opening + closing,
                self._closed_us + duration_us,
                states_map=segment.map_name != self._last_map,
            )
        )
        self._target_s = max(self._target_s, playlist_text.whole_seconds(duration_us))
        self._open = None

    def resume(self, segments: Sequence[Segment], *, in_parts: int = 0) -> None:
        """List what another process had closed before; the parts of the last so many as well. Only
        at the beginning.

        Raises:
            ValueError: as `begin_segment`, or the sequences are not those from 0 on.
        """
        for left, segment in zip(range(len(segments), 0, -1), segments, strict=True):
            sequence = self.begin_segment(
                segment.map_name, segment.began_at, discontinuity=segment.discontinuity
            )
            if segment.sequence != sequence:
                raise ValueError(f"segment {segment.sequence} comes where {sequence} should")
            assert self._open is not None
            for part in segment.parts if left <= in_parts else ():
                self._open.add(part)
            self._list(segment, playlist_text.microseconds(segment.duration_s))
        self._drop_parts()
        self._slide()
        self._join_older()

    def end(self) -> None:
        """The class has ended. Not for a dropped publisher: it stops every player for good."""
        self._must_be_closed()
        self._open = None
        self._ended = True

    def render(
        self,
        *,
        next_part_name: str,
        skip: bool = False,
        reports: Mapping[str, tuple[int, int]] = {},
    ) -> str:
        """The playlist as it is now.

        Args:
            next_part_name: The part that players may ask for before it is there (4.4.5.3).
            skip: Leave out what is older than the skip boundary (6.2.5.1).
            reports: Of each other rendition, its address and its `latest` (4.4.5.4).
        """
        skipped = self._skippable() if skip else 0
        coming = playlist_text.coming(next_part_name, reports)
        return "".join(
            [
                self._head(with_skip=bool(skipped)),
                self._older_from(skipped),
                *self._with_parts,
                self._open.text if self._open else "",
                "#EXT-X-ENDLIST\n" if self._ended else coming,
            ]
        )

    def _older_from(self, skipped: int) -> str:
        if not skipped:
            return self._older_text
        left = "".join([each.text for each in self._closed[skipped : self._older]])
        return f"#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}\n{left}"

    def _head(self, *, with_skip: bool) -> str:
        return playlist_text.head(
            with_skip=with_skip,
            target_s=self._target_s,
            part_us=self._part_us,
            first_sequence=self._first_sequence,
            gone_discontinuities=self._gone_discontinuities,
        )

    def _skippable(self) -> int:
        """How many segments are wholly older than the skip boundary. None when all is over."""
        if self._ended:
            return 0
        boundary_us = self._closed_us - self._targets_us(playlist_text.SKIP_TARGETS)
        return bisect_left(self._closed, boundary_us, key=_ENDS)

    def _settle(self) -> None:
        """Take the parts out of what is no longer at the live edge, and the oldest out of view."""
        unchanged = len(self._closed), len(self._with_parts)
        self._drop_parts()
        self._slide()
        if (len(self._closed), len(self._with_parts)) != unchanged:
            self._join_older()

    def _join_older(self) -> None:
        if self._closed:
            older = [each.text for each in self._closed[: self._older]]
            self._older_text = self._closed[0].missing_map + "".join(older)

    def _drop_parts(self) -> None:
        """Three target durations from the end, the open segment counted (6.2.2)."""
        end_us = self._closed_us + (self._open.duration_us if self._open else 0)
        edge_us = end_us - self._targets_us(playlist_text.PARTS_TARGETS)
        while self._with_parts and self._closed[-len(self._with_parts)].ends_us <= edge_us:
            at = len(self._closed) - len(self._with_parts)
            self._with_parts.popleft()
            # Of the last it is told how many it had; of others nothing, and a lesson has thousands.
            if at < len(self._closed) - 1:
                self._closed[at] = self._closed[at].without_parts()

    def _slide(self) -> None:
        if self._window_us is None:
            return
        kept_us = max(self._window_us, self._targets_us(SHORTEST_TARGETS))
        gone = bisect_right(self._closed, self._closed_us - kept_us, key=_ENDS)
        if gone:
            leaving = [listed.segment for listed in self._closed[:gone]]
            self._gone_discontinuities += sum(segment.discontinuity for segment in leaving)
            self._first_sequence += gone
            del self._closed[:gone]

    @property
    def _last_closed(self) -> int:
        """Sequence of the last closed segment; -1 before any is."""
        return self._first_sequence + len(self._closed) - 1

    @property
    def _last_map(self) -> str | None:
        return self._closed[-1].segment.map_name if self._closed else None

    @property
    def _older(self) -> int:
        """How many closed segments are listed without their parts."""
        return len(self._closed) - len(self._with_parts)

    @property
    def _closed_us(self) -> int:
        return self._closed[-1].ends_us if self._closed else 0

    def _targets_us(self, count: int) -> int:
        return count * self._target_s * MICROSECONDS

    def _must_go_on(self) -> None:
        if self._ended:
            raise ValueError("the class has ended")

    def _must_be_closed(self) -> None:
        if self._open and self._open.parts:
            raise ValueError(f"segment {self._open.sequence} is still open")
