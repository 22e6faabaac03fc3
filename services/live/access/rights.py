"""A line ends with the right to it: the rule is asked again when something has changed that it
rests on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from aiohttp import web

from services.http.identity import known
from services.http.kept_rights import KEPT_RIGHTS
from services.live.access.incoming import Incoming
from tongke.classes.models import lines_thing
from tongke.errors import Unavailable

_log = structlog.get_logger("tongke.live")

LOOK_S: Final = 1.0
# The bound on a word that got lost.
ASKED_EVERY_S: Final = 60.0
# Of what could not be answered: the right may be gone. A thousand lines are no load for a database
# that has just come back.
ASKED_AGAIN_S: Final = 10.0


async def close_when_lost(
    request: web.Request,
    class_id: int,
    incoming: Incoming,
    lost: Callable[[], Awaitable[int | None]],
    epoch: int,
) -> None:
    """Wait until the right to a line is gone, and end it. `lost` says with which code; none while
    somebody has the right. Nobody is sent away because a database is, nor for a fault of ours: it
    is asked again, for as long as the line holds. `epoch` is the one from before the right was
    asked for the first time: a line takes a while to be opened, and the right may end meanwhile."""
    kept, ask_at = request.app[KEPT_RIGHTS], time.monotonic() + ASKED_EVERY_S
    caller = known(request)
    rests_on = (lines_thing(class_id), *(caller.rests_on if caller else ()))
    while True:
        await asyncio.sleep(LOOK_S)
        now = time.monotonic()
        if now < ask_at and not kept.changed_since(epoch, rests_on):
            continue
        epoch, ask_at = kept.epoch, now + ASKED_AGAIN_S
        try:
            if (code := await lost()) is not None:
                break
        except Unavailable:
            continue
        except Exception:
            _log.exception("right-not-asked")
            continue
        ask_at = now + ASKED_EVERY_S
    incoming.end(code)
