"""Waiting for a condition: tests never sleep for a time and hope."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LOOK_EVERY_S = 0.02
# Only a test that fails waits so long; a machine that does much else needs its time.
LIMIT_S = 120.0
# Far longer than from one look to the next on a machine that goes on.
STEP_S = 0.1


def until(condition: Callable[[], T], limit_s: float = LIMIT_S, what: str = "a condition") -> T:
    """Look until it is true; what it answered then. Fails with what was waited for."""
    limit = time.monotonic() + limit_s
    while not (answer := condition()):
        assert time.monotonic() < limit, f"not within {limit_s:g} s: {what}"
        time.sleep(LOOK_EVERY_S)
    return answer


async def until_true(
    condition: Callable[[], object], limit_s: float = LIMIT_S, what: str = "a condition"
) -> None:
    """The same on an event loop, which goes on meanwhile; the condition may be a coroutine."""
    try:
        async with asyncio.timeout(limit_s):
            while not await _answer(condition):
                await asyncio.sleep(LOOK_EVERY_S)
    except TimeoutError:
        raise AssertionError(f"not within {limit_s:g} s: {what}") from None


class Stopwatch:
    """For what has to happen within a time. Looked at again and again, it counts only the time in
    which the machine goes on: where that stands still, so does what is waited for."""

    def __init__(self) -> None:
        self._looked, self._counted_s = time.monotonic(), 0.0

    def seconds(self) -> float:
        now = time.monotonic()
        self._counted_s += min(now - self._looked, STEP_S)
        self._looked = now
        return self._counted_s


async def _answer(condition: Callable[[], object]) -> object:
    answer = condition()
    return await answer if inspect.isawaitable(answer) else answer
