"""One round of the sweeper. See `tongke.publishing.sweeping` for what each part finds."""

from __future__ import annotations

from datetime import timedelta

import structlog

from tongke import clock
from tongke.bootstrap import Ground
from tongke.publishing import sweeping
from tongke.storage.bus.errors import BusUnavailable
from workers import indexing

_log = structlog.get_logger("tongke.sweep")

# What looks at everything there is need not do so every few seconds.
THOROUGH_EVERY_S = 60.0
HOUSEKEEPING_EVERY_S = 3600.0


async def sweep(ground: Ground) -> dict[str, int]:
    """Look for lost work; now and then also compare the index, and clear up."""
    found = {
        "jobs": await sweeping.wake_lost_jobs(ground),
        "uploads": await sweeping.finish_uploads(ground),
        "outbox": await indexing.catch_up(ground),
    }
    if await _due(ground, "thorough", THOROUGH_EVERY_S):
        found["drift"] = await indexing.mend(ground)
    if await _due(ground, "housekeeping", HOUSEKEEPING_EVERY_S):
        found |= await clear_up(ground)
    if any(found.values()):
        _log.info("swept", **found)
    return found


async def clear_up(ground: Ground) -> dict[str, int]:
    """Remove what nobody needs any more."""
    await sweeping.forget_credentials(ground)
    grace = timedelta(hours=ground.settings.orphan_grace_h)
    return {
        "expired": await sweeping.drop_expired_uploads(ground),
        "purged": await sweeping.purge_deleted(ground),
        "orphans": await sweeping.remove_orphans(ground),
        "scratch": sweeping.clear_scratch(ground.settings.work_dir, clock.now() - grace),
    }


async def _due(ground: Ground, name: str, every_s: float) -> bool:
    """Whether this part has not been done for so long, by whichever worker."""
    try:
        return await ground.bus.acquire(f"sweep:{name}", every_s) is not None
    except BusUnavailable:
        # Nobody can say when it was done last; the next round asks again.
        return False
