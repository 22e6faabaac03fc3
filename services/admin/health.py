"""Is it alive, is it ready: for supervisors and load balancers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import structlog
from aiohttp import web
from sqlalchemy import text
from sqlalchemy.orm import Session

from search.query import Query
from services.admin.metrics import asked_from_here
from services.http.keys import GROUND

# A balancer asks every few seconds; a part that needs longer is not ready.
PATIENCE_S = 3.0
ALIVE = "/healthz"
READY = "/readyz"

_log = structlog.get_logger("tongke.health")


async def healthz(_request: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def readyz(request: web.Request) -> web.Response:
    """Every part it stands on answers; otherwise 503, and to this machine which does not.

    The bus may be away: uploads, watching and searching go on without it, so it is shown and
    does not decide. From elsewhere only the answer is given: which part is down is a hint to
    whoever would like it to be, and our log has it (`part-away`).
    """
    ground = request.app[GROUND]
    names = ("database", "objects", "search", "bus")
    checks: tuple[Awaitable[object], ...] = (
        ground.database.read(_ping),
        ground.objects.free_bytes(),
        ground.index.search(Query(), frozenset(), limit=1),
        ground.bus.check(),
    )
    found = await asyncio.gather(*(_answers(check) for check in checks))
    parts = dict(zip(names, found, strict=True))
    ready = all(parts[name] for name in names if name != "bus")
    told = {"parts": parts} if asked_from_here(request) else {}
    return web.json_response(
        {"status": "ready" if ready else "not ready", **told},
        status=200 if ready else 503,
        headers={"Cache-Control": "no-store"},
    )


async def _answers(check: Awaitable[object]) -> bool:
    try:
        await asyncio.wait_for(check, PATIENCE_S)
    except Exception as error:
        _log.warning("part-away", error=str(error))
        return False
    return True


def _ping(session: Session) -> None:
    session.execute(text("SELECT 1"))


def mount(app: web.Application) -> None:
    app.router.add_get(ALIVE, healthz)
    app.router.add_get(READY, readyz)
