"""A line ends with the right to it: the rule is asked again when rights have changed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from services.http.kept_rights import KEPT_RIGHTS
from tongke.errors import Unavailable

LOOK_S: Final = 1.0
# The bound on a word that got lost.
ASKED_EVERY_S: Final = 60.0


async def close_when_lost(
    app: web.Application,
    socket: web.WebSocketResponse,
    holds: Callable[[], Awaitable[bool]],
    code: int,
) -> None:
    """Wait until the right to a line is gone, and end it. Nobody is sent away because a database
    is."""
    kept = app[KEPT_RIGHTS]
    epoch, asked = kept.epoch, time.monotonic()
    while True:
        await asyncio.sleep(LOOK_S)
        now = time.monotonic()
        if kept.epoch == epoch and now - asked < ASKED_EVERY_S:
            continue
        epoch, asked = kept.epoch, now
        try:
            if not await holds():
                break
        except Unavailable:
            continue
    await socket.close(code=code)
