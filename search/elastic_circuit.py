"""A circuit breaker: when Elasticsearch is away, nobody waits for it.

Closed, every call goes through. After some failures in a row it opens, and calls are refused at
once for some seconds; then one goes through to see (half open), and its outcome closes it or opens
it again. Pure but for the clock that it is given; for one event loop.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum

# One failure may be a connection that was cut; three in a row are not.
FAILURES = 3
# Short beside a restart of Elasticsearch, long beside the time limit of a call.
OPEN_S = 5.0


class CircuitState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Circuit:
    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures = 0
        self._closed_again_at: float | None = None
        self._probing = False

    @property
    def state(self) -> CircuitState:
        if self._closed_again_at is None:
            return CircuitState.CLOSED
        if self._probing or self._now() >= self._closed_again_at:
            return CircuitState.HALF_OPEN
        return CircuitState.OPEN

    def enter(self) -> bool:
        """Whether a call may go through. Who is let in reports back by one of the others."""
        state = self.state
        if state is CircuitState.HALF_OPEN and not self._probing:
            self._probing = True
            return True
        return state is CircuitState.CLOSED

    def succeeded(self) -> None:
        self._failures, self._closed_again_at, self._probing = 0, None, False

    def failed(self) -> None:
        self._failures += 1
        self._probing = False
        if self._failures >= FAILURES:
            self._closed_again_at = self._now() + OPEN_S

    def gave_up(self) -> None:
        """The caller went away before there was an outcome: the next one may probe."""
        self._probing = False
