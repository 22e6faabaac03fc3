"""How much a publisher may bring to a class: more than any makes, and not without end."""

from __future__ import annotations

from typing import Final

from tongke.errors import Text
from tongke.live.boxes import DamagedStream

# What a chunk costs beside its bytes: it is a task, a record, and a place in what is durable.
CHUNK_COSTS: Final = 4_096
# Of a class, on its way to the disk: two minutes of a lesson. More is not read from the line.
MOST_UNDER_WAY: Final = 32 * 2**20
# A configuration has a stream begin anew, with a break and files of its own: some are made in a
# lesson, none by the dozen.
CONFIGURATION_COSTS: Final = 2 * 2**20
# On average since the class began, which is all that a browser could have kept in a break:
# 33 Mbit/s, where a browser makes two and an appliance eight.
EACH_SECOND: Final = 4 * 2**20
# Beside that, for what an earlier visit left, and clocks that differ.
AT_ONCE: Final = 256 * 2**20
# Of what is happening now, which goes into memory too: only what a line held up comes faster.
LIVE_AT_ONCE: Final = 64 * 2**20


class TooMuchSent(DamagedStream):
    code = "too-much-sent"
    message = Text("收到的音视频数据太多", "More sound and picture came than a class can have")


def weight(message: bytes) -> int:
    """What a chunk counts for."""
    return len(message) + CHUNK_COSTS


def allowed(since_began_s: float) -> int:
    """What all chunks of a class may count for so long after it began."""
    return AT_ONCE + round(max(0.0, since_began_s) * EACH_SECOND)


class Pace:
    """How fast comes what is happening now."""

    def __init__(self) -> None:
        self._ahead, self._at_s = 0.0, 0.0

    def allows(self, weight: int, now_s: float) -> bool:
        """Count something that came; `now_s` is of any clock that goes on."""
        passed_s, self._at_s = now_s - self._at_s, now_s
        self._ahead = max(0.0, self._ahead - passed_s * EACH_SECOND) + weight
        return self._ahead <= LIVE_AT_ONCE
