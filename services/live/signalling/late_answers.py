"""Answers that come when the result was shown already: it is shown anew, with all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from tongke.errors import TongkeError

_log = structlog.get_logger("tongke.live")

# Half of how long they are gathered (`tongke.live.quiz.GATHERED_MS`), so it is not much longer.
LOOKED_EVERY_S: Final = 0.5


async def keep_results_right(put_right: Callable[[], Awaitable[None]]) -> None:
    """Show results anew where that is due, until cancelled."""
    while True:
        await asyncio.sleep(LOOKED_EVERY_S)
        try:
            await put_right()
        except TongkeError as error:
            # A database that is away: it is due the next time too.
            _log.warning("result-not-shown", code=error.code)
        except Exception:
            _log.exception("result-not-shown")
