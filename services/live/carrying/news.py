"""Who waits for a class's renditions is woken by what concerns them, some at a time.

Hundreds of players are held for each part. Were they woken by every rendition, each would look
three times for each part of its own. And were all woken in one turn of the loop, nobody else would
be heard until the last has its playlist: of the first, who ask for the part by then, a proxy passes
every one on to us, since it has not been given the part yet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

# Some milliseconds' worth of playlists.
AT_ONCE: Final = 32


class News:
    """Of the renditions of one class."""

    def __init__(self, names: Iterable[str]) -> None:
        # In the order in which they came.
        self._waiting = {name: dict[asyncio.Future[None], None]() for name in names}

    def tell(self, name: str) -> None:
        """A rendition has another part."""
        waiting, self._waiting[name] = self._waiting[name], {}
        _wake(list(waiting))

    def tell_all(self) -> None:
        """It is another question which renditions there are, or whether more will come."""
        for name in self._waiting:
            self.tell(name)

    async def until(self, name: str) -> None:
        """Wait for either."""
        told, waiting = asyncio.get_running_loop().create_future(), self._waiting[name]
        waiting[told] = None
        try:
            await told
        finally:
            waiting.pop(told, None)


def _wake(waiting: list[asyncio.Future[None]]) -> None:
    for told in waiting[:AT_ONCE]:
        if not told.done():
            told.set_result(None)
    if rest := waiting[AT_ONCE:]:
        asyncio.get_running_loop().call_soon(_wake, rest)
