"""Who waits behind a phone code: at each address no more than so many codes, and those who typed
the same one together, so that a whole class takes one place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

from tongke.classes.models import LiveClass
from tongke.errors import TooManyRequests

# Codes of one address that are waited for. At the pace of a shut lane, four a second, the last of
# them is answered in ten seconds; nobody looks at a white page for longer.
MOST_CODES: Final = 40
FULL_FOR_S: Final = 10

LookUp = Callable[[], Coroutine[Any, Any, LiveClass]]


@dataclass
class _UnderWay:
    """A code that is looked up, and how many requests wait for what comes of it."""

    task: asyncio.Task[LiveClass]
    waiting: int = field(default=0)


class CodeTurns:
    """What is looked up now, by address and code."""

    def __init__(self) -> None:
        self._under_way: dict[str, dict[str, _UnderWay]] = {}

    async def look_up(self, address: str, code: str, look_up: LookUp) -> LiveClass:
        """What comes of looking a code up, or of doing so for another at this moment. When all who
        waited have hung up, it is given up.

        Raises:
            TooManyRequests: so many codes wait at this address. What `look_up` does.
        """
        here = self._under_way.setdefault(address, {})
        if code not in here:
            if len(here) >= MOST_CODES:
                raise TooManyRequests(seconds=FULL_FOR_S)
            here[code] = _UnderWay(asyncio.create_task(look_up()))
        found = here[code]
        found.waiting += 1
        try:
            return await asyncio.shield(found.task)
        finally:
            found.waiting -= 1
            if not found.waiting:
                self._give_up(address, code)

    def _give_up(self, address: str, code: str) -> None:
        """Nobody waits for it any more: it has its answer, or needs none."""
        here = self._under_way[address]
        here.pop(code).task.cancel()
        if not here:
            del self._under_way[address]
