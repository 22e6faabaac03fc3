"""Static files: our own and what was built. Their addresses change with their content."""

from __future__ import annotations

from aiohttp import web

from services.web.rendering import STATIC_PREFIX, STATIC_ROOT

FOREVER = "public, max-age=31536000, immutable"


def mount(app: web.Application) -> None:
    app.router.add_static(STATIC_PREFIX, STATIC_ROOT)
    app.on_response_prepare.append(_keep_for_good)


async def _keep_for_good(request: web.Request, response: web.StreamResponse) -> None:
    if request.path.startswith(STATIC_PREFIX) and response.status in {200, 206, 304}:
        response.headers["Cache-Control"] = FOREVER
