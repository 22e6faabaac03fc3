"""The parts the service stands on, asked whether they answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from search.query import Query
from tongke.bootstrap import Ground

# A balancer asks every few seconds; a part that needs longer is not ready.
PATIENCE_S = 3.0

_log = structlog.get_logger("tongke.health")


async def ask_parts(ground: Ground) -> dict[str, float | None]:
    """Every part by name, and in how many seconds it answered; None: it did not."""
    checks: dict[str, Awaitable[object]] = {
        "database": ground.database.read(_ping),
        "objects": ground.objects.free_bytes(),
        "search": ground.index.search(Query(), frozenset(), limit=1),
        "bus": ground.bus.check(),
    }
    found = await asyncio.gather(*(_answered_in(name, check) for name, check in checks.items()))
    return dict(zip(checks, found, strict=True))


async def _answered_in(part: str, check: Awaitable[object]) -> float | None:
    began = time.perf_counter()
    try:
        await asyncio.wait_for(check, PATIENCE_S)
    except Exception as error:
        part_away(part, error)
        return None
    return time.perf_counter() - began


def part_away(part: str, error: Exception) -> None:
    """Written into the log: what an alert of a part sends its reader to look for."""
    cause = error.__cause__
    _log.warning("part-away", part=part, error=str(error), cause=str(cause) if cause else None)


def _ping(session: Session) -> None:
    session.execute(text("SELECT 1"))
