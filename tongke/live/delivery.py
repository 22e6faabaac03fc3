"""Delivery directives (draft-pantos-hls-rfc8216bis, 6.2.5): what a player asks of a live playlist.

It names the part that it lacks, and is answered when that part is listed. So how far the playlist
has come decides whether a request is answered now, held back or refused. Pure: who serves it waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final

from tongke.errors import Text, TongkeError

# How far ahead one may ask (6.2.5.2): segments; seconds of parts, but at least as many parts.
ADVANCE_SEGMENTS: Final = 2
ADVANCE: Final = 3


class Refused(TongkeError):
    """A delivery directive that the standard does not let a server answer (6.2.5)."""

    code = "playlist-request"
    status = 400
    message = Text("播放器的请求不合规定（{directive}）", "The player asked wrongly ({directive})")
    remedy = Text("请刷新页面重新播放", "Reload the page to play again")


@dataclass(frozen=True)
class LiveEdge:
    """How far a playlist has come.

    Args:
        closed: Sequence of the last closed segment; -1 before any is.
        closed_parts: How many parts that one was made of.
        open_parts: How many parts the segment after it has so far.
        part_s: The target of a part.
        ended: The class has; then nothing more comes.
    """

    closed: int
    closed_parts: int
    open_parts: int
    part_s: float
    ended: bool

    @property
    def latest(self) -> tuple[int, int] | None:
        """Sequence and index of the last part: what others report of this playlist (4.4.5.4)."""
        if self.open_parts:
            return self.closed + 1, self.open_parts - 1
        return (self.closed, self.closed_parts - 1) if self.closed_parts else None

    def has(self, sequence: int, part: int | None) -> bool:
        """Whether a request for these `_HLS_msn` and `_HLS_part` is answered now (6.2.5.2).

        A part past the end of a closed segment means the first of the next. When the class has
        ended nothing is waited for.
        """
        if self.ended or sequence < self.closed:
            return True
        if part is None:
            return sequence == self.closed
        if sequence == self.closed:
            return part < self.closed_parts or self.open_parts > 0
        return part < self._parts_of_open(sequence)

    def check(self, sequence: int | None, part: int | None, skip: str | None) -> None:
        """Refuse what must not be waited for (6.2.5.2). None stands for a missing directive.

        Raises:
            Refused: a part without its segment, too far ahead, or a value that is none.
        """
        if self.ended:
            return  # Directives are then ignored, whatever they are.
        if skip not in (None, "YES", "v2"):
            raise Refused(directive="_HLS_skip")
        if part is not None and (sequence is None or part < 0):
            raise Refused(directive="_HLS_part")
        if sequence is None:
            return
        if not 0 <= sequence <= self.closed + ADVANCE_SEGMENTS:
            raise Refused(directive="_HLS_msn")
        limit = max(ADVANCE, ceil(ADVANCE / self.part_s))
        ahead = part is not None and part - self._parts_of_open(sequence) >= limit
        if ahead and sequence > self.closed:
            raise Refused(directive="_HLS_part")

    def _parts_of_open(self, sequence: int) -> int:
        return self.open_parts if sequence == self.closed + 1 else 0
