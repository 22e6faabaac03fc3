"""Rights of media: one verdict serves thousands of segments, and dies with its right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from sqlalchemy.orm import Session

from services.http.identity import identify, session_secret
from services.http.kept_rights import KEPT_RIGHTS
from services.http.keys import GROUND
from tongke.errors import NotFound, NotSignedIn
from tongke.people.audience import Viewer
from tongke.people.secret import digest


async def admit(
    request: web.Request, kind: str, number: int, may_see: Callable[[Session, Viewer, int], bool]
) -> None:
    """Let the request pass if its session may see a thing; `may_see` asks the database.

    Raises:
        NotSignedIn, NotFound.
    """
    kept = request.app[KEPT_RIGHTS]
    thing = f"{kind}:{number}"
    secret = session_secret(request)
    key = digest(secret) if secret and "Authorization" not in request.headers else None
    if key and kept.known(key, thing):
        return
    epoch = kept.epoch
    identity = await identify(request)
    if identity is None:
        raise NotSignedIn
    if not await request.app[GROUND].database.read(may_see, identity.viewer, number):
        raise NotFound
    if key:
        kept.keep(key, thing, epoch)


async def admission(admitting: Awaitable[object]) -> web.Response:
    """Whether a session may see a thing, for a proxy that has the thing itself: 204, or 401 and
    403, the only refusals that nginx's `auth_request` knows."""
    try:
        await admitting
    except NotSignedIn:
        status = 401
    except NotFound:
        status = 403
    else:
        status = 204
    return web.Response(status=status, headers={"Cache-Control": "no-store"})
