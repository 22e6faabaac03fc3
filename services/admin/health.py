"""Is it alive, is it ready: for supervisors and load balancers."""

from __future__ import annotations

from aiohttp import web

from services.admin.metrics import asked_from_here
from services.admin.parts import ask_parts
from services.http.keys import GROUND

ALIVE = "/healthz"
READY = "/readyz"
# Without these a node is of no use to anybody.
DECISIVE = ("database", "objects")


async def healthz(_request: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def readyz(request: web.Request) -> web.Response:
    """The database and the objects answer; otherwise 503, and to this machine which does not.

    The bus and the search may be away: people go on uploading and watching without the one,
    browsing and reading without the other. So they are shown and do not decide: a balancer would
    take every node away at once. From elsewhere only the answer is given: which part is down is
    a hint to whoever would like it to be, and our log has it (`part-away`).
    """
    ground = request.app[GROUND]
    found = await ask_parts(ground)
    parts = {name: seconds is not None for name, seconds in found.items()}
    ready = all(parts[name] for name in DECISIVE)
    told = {"parts": parts} if asked_from_here(request) else {}
    return web.json_response(
        {"status": "ready" if ready else "not ready", **told},
        status=200 if ready else 503,
        headers={"Cache-Control": "no-store"},
    )


def mount(app: web.Application) -> None:
    app.router.add_get(ALIVE, healthz)
    app.router.add_get(READY, readyz)
