"""Which chunks of a lesson are on disk: up to a number all of them, and some above it."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

from tongke.errors import Text
from tongke.live.boxes import DamagedStream

# A line too thin for the picture carries the sound on time, and the pictures between it later:
# thirty gaps a second, for as long as it stays so. These are more than an hour and a half of it.
MOST_RANGES: Final = 200_000
# Told at once. Gaps are filled from the oldest on; what is above them is told when they are.
MOST_TOLD: Final = 64


class TooManyGaps(DamagedStream):
    code = "too-many-gaps"
    message = Text(
        "收到的音视频数据缺得太多", "Too much of the sound and picture received is missing"
    )


class Durable:
    """Numbers from 1, in any order, some of them twice."""

    def __init__(self) -> None:
        # Ranges that do not touch, in their order; the first begins with 1 when it is `up_to`'s.
        self._firsts: list[int] = []
        self._lasts: list[int] = []

    @property
    def up_to(self) -> int:
        """Up to this number everything is there; 0 when the first is not."""
        return self._lasts[0] if self._firsts and self._firsts[0] == 1 else 0

    @property
    def above(self) -> list[tuple[int, int]]:
        """The lowest ranges, first and last, above a gap."""
        begins = 1 if self.up_to else 0
        told = slice(begins, begins + MOST_TOLD)
        return list(zip(self._firsts[told], self._lasts[told], strict=True))

    @property
    def highest(self) -> int:
        return self._lasts[-1] if self._lasts else 0

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self._firsts, number) - 1
        return at >= 0 and number <= self._lasts[at]

    def has_room(self, number: int) -> bool:
        """Whether a number may be added: one that lengthens a range always may."""
        return len(self._firsts) < MOST_RANGES or number - 1 in self or number + 1 in self

    def add(self, number: int) -> bool:
        """Take a number in; whether it is new."""
        at = bisect_right(self._firsts, number)
        if at and number <= self._lasts[at - 1]:
            return False
        follows = at > 0 and self._lasts[at - 1] == number - 1
        precedes = at < len(self._firsts) and self._firsts[at] == number + 1
        if follows and precedes:
            self._lasts[at - 1] = self._lasts.pop(at)
            del self._firsts[at]
        elif follows:
            self._lasts[at - 1] = number
        elif precedes:
            self._firsts[at] = number
        else:
            self._firsts.insert(at, number)
            self._lasts.insert(at, number)
        return True
