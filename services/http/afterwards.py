"""What has to be done although its request is gone, and before the process is: a handler may be
cancelled when the other end hangs up, and the database closes when the service stops."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from aiohttp import web

# What takes longer waits for a part that is away.
LONGEST_S: Final = 5.0


class Afterwards:
    """Work that outlives its request."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    async def finish(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something to its end, whoever is cancelled meanwhile."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.shield(task)

    async def close(self) -> None:
        """Wait for what is under way; what cannot end is ended."""
        if not self._tasks:
            return
        _, waiting = await asyncio.wait(self._tasks, timeout=LONGEST_S)
        for task in waiting:
            task.cancel()


AFTERWARDS: Final = web.AppKey("afterwards", Afterwards)


def mount(app: web.Application) -> None:
    app[AFTERWARDS] = Afterwards()
    app.on_cleanup.append(_close)


async def _close(app: web.Application) -> None:
    await app[AFTERWARDS].close()
