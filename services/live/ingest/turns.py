"""What has come on a line and waits in memory is read without a pause: whoever reads much of it
lets everything else of the process have its turn in between."""

from __future__ import annotations

import asyncio


class Turns:
    """Of one line."""

    def __init__(self, every: int) -> None:
        """`every`: how many messages are read at once."""
        self._every, self._read = every, 0

    async def has_read(self) -> None:
        """Another message was read."""
        self._read += 1
        if self._read % self._every == 0:
            await asyncio.sleep(0)
