"""One round of the sweeper. See `tongke.publishing.sweeping` for what each part finds."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from tongke import clock, heartbeats
from tongke.bootstrap import Ground
from tongke.classes.agenda import reminders
from tongke.classes.plan import parting
from tongke.errors import Unavailable
from tongke.publishing import sweeping
from tongke.storage.bus.errors import BusUnavailable
from workers import indexing

_log = structlog.get_logger("tongke.sweep")

# What looks at everything there is need not do so every few seconds.
THOROUGH_EVERY_S = 60.0
HOUSEKEEPING_EVERY_S = 3600.0

Chore = Callable[[Ground], Awaitable[int]]


async def sweep(ground: Ground) -> dict[str, int]:
    """Look for lost work; now and then also compare the index, and clear up."""
    found = await _each(ground, ALWAYS)
    if await _due(ground, "thorough", THOROUGH_EVERY_S):
        found |= await _each(ground, THOROUGH)
    if await _due(ground, "housekeeping", HOUSEKEEPING_EVERY_S):
        found |= await _each(ground, HOUSEKEEPING)
    # While the bus is away nobody could ask.
    with contextlib.suppress(BusUnavailable):
        await heartbeats.swept(ground.bus)
    if any(found.values()):
        _log.info("swept", **found)
    return found


class Clearing:
    """What a worker does for its own machine before a task, at most once an hour: housekeeping is
    done on one machine, and each has scratch of its own."""

    def __init__(self) -> None:
        self._done_at = -math.inf

    async def when_due(self, ground: Ground) -> dict[str, int]:
        if time.monotonic() - self._done_at < HOUSEKEEPING_EVERY_S:
            return {}
        self._done_at = time.monotonic()
        return await clear_up_after_the_dead(ground)


async def clear_up_after_the_dead(ground: Ground) -> dict[str, int]:
    """Attempts that died go at once; local copies of originals, which no table knows, and whatever
    else was left, when they are older than the grace. What a worker's own predecessor held a minute
    ago counts as running yet, and goes the next time."""
    return await _each(ground, OF_THIS_MACHINE)


async def _each(ground: Ground, chores: Mapping[str, Chore]) -> dict[str, int]:
    """How much each found. One that fails is told, and the others are done all the same: while
    search is away the disk has to be cleared, and uploads have to be finished."""
    found = {}
    for name, chore in chores.items():
        try:
            found[name] = await chore(ground)
        except Unavailable as error:
            _log.warning("sweep-put-off", chore=name, code=error.code)
        except Exception as error:
            _log.error("sweep-failed", chore=name, exc_info=error)
    return found


async def _clear_scratch(ground: Ground) -> int:
    grace = timedelta(hours=ground.settings.orphan_grace_h)
    return await sweeping.clear_scratch(ground, clock.now() - grace)


def _seldom(
    waiting: Callable[[Session], Collection[Collection[int]]],
    do: Callable[[Session, Collection[int]], int],
) -> Chore:
    """A chore that is looked for by reading, as nearly always there is nothing to do; each few that
    wait are done in a transaction of their own (`classes.batches`)."""

    async def chore(ground: Ground) -> int:
        few_at_once = await ground.database.read(waiting)
        return sum([await ground.database.write(do, few) for few in few_at_once])

    return chore


async def _due(ground: Ground, name: str, every_s: float) -> bool:
    """Whether this part has not been done for so long, by whichever worker."""
    try:
        return await ground.bus.acquire(f"sweep:{name}", every_s) is not None
    except BusUnavailable:
        # Nobody can say when it was done last; the next round asks again.
        return False


# What was lost, and what nobody needs any more, in the order in which it is looked for.
ALWAYS: Mapping[str, Chore] = {
    "jobs": sweeping.wake_lost_jobs,
    "uploads": sweeping.finish_uploads,
    "views": sweeping.count_views,
    "outbox": indexing.catch_up,
}
THOROUGH: Mapping[str, Chore] = {
    "drift": indexing.mend,
    "partings": _seldom(parting.waiting, parting.part),
    "reminders": _seldom(reminders.waiting, reminders.remind),
}
OF_THIS_MACHINE: Mapping[str, Chore] = {
    "attempts": sweeping.clear_dead_attempts,
    "scratch": _clear_scratch,
}
HOUSEKEEPING: Mapping[str, Chore] = {
    "credentials": sweeping.forget_credentials,
    "expired": sweeping.drop_expired_uploads,
    "purged": sweeping.purge_deleted,
    "orphans": sweeping.remove_orphans,
    "scratch": _clear_scratch,
}
