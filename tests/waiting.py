"""Waiting for a condition: tests never sleep for a time and hope."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LOOK_EVERY_S = 0.02
# Only a test that fails waits so long; a machine that does much else needs its time.
LIMIT_S = 120.0


def until(condition: Callable[[], T], limit_s: float = LIMIT_S) -> T:
    """Look until it is true; what it answered then."""
    limit = time.monotonic() + limit_s
    while not (answer := condition()):
        assert time.monotonic() < limit, "it never came about"
        time.sleep(LOOK_EVERY_S)
    return answer


async def until_true(condition: Callable[[], object], limit_s: float = LIMIT_S) -> None:
    """The same on an event loop, which goes on meanwhile."""
    async with asyncio.timeout(limit_s):
        while not condition():
            await asyncio.sleep(LOOK_EVERY_S)
