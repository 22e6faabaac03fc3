"""How fast each may say things in a class, over however many lines.

A program that asks all the time would fill the log, and make the lead's own commands wait. Who is
faster than any hand waits; nothing is refused, for what was done while a line was broken comes all
at once. That holds for the lead as well: the class is hers, the service is everybody's.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final, NamedTuple

from tongke.live.vocabulary import Role, Who


class Allowed(NamedTuple):
    """One in so many seconds, and so many at once after a silence."""

    every_s: float
    at_once: int = 1


# A pupil taps no faster.
DEVICE_PACE_S: Final = 0.25
# Faster than its clock asks, so that the time it is told stays true.
DEVICE_PING_PACE_S: Final = 0.05
DEVICE: Final = Allowed(DEVICE_PACE_S)
DEVICE_PING: Final = Allowed(DEVICE_PING_PACE_S)
# A room's talk brings some dozens of words at once, an observer's notes wait for the line.
OTHERS: Final = Allowed(0.05, at_once=100)

# Her pen sends ten parts of a stroke a second, and more than one window may. A talk with every room
# of a large class begins all at once.
LEAD: Final = Allowed(0.02, at_once=500)

# A page that is open twice, and one that is just coming back.
DEVICE_LINES: Final = 6
# On every screen that somebody has, in every window.
MOST_LINES: Final = 24

# Several full classrooms. Who has been silent begins afresh anyway.
MOST_KEPT: Final = 2000


def lines_of(who: Who) -> int:
    """How many lines somebody may have at the same time."""
    return DEVICE_LINES if who.role is Role.DEVICE else MOST_LINES


def allowed(who: Who, *, ping: bool) -> Allowed:
    """How fast somebody is heard."""
    if who.role is Role.LEAD:
        return LEAD
    if who.role is Role.DEVICE:
        return DEVICE_PING if ping else DEVICE
    return OTHERS


class Pace:
    """Of one class, in one process."""

    def __init__(self) -> None:
        # When all that somebody has said would have been said at their pace.
        self._until: dict[tuple[str, bool], float] = {}

    async def turn(self, who: Who, *, ping: bool) -> None:
        """Wait until it is their turn."""
        await asyncio.sleep(self.wait_s(who, time.monotonic(), ping=ping))

    def wait_s(self, who: Who, now: float, *, ping: bool) -> float:
        """How long they wait with what they say now; it is counted."""
        pace = allowed(who, ping=ping)
        if len(self._until) >= MOST_KEPT:
            self._until = {key: until for key, until in self._until.items() if until > now}
        key = str(who), ping
        until = max(now, self._until.get(key, 0.0)) + pace.every_s
        self._until[key] = until
        return max(0.0, until - pace.at_once * pace.every_s - now)
