"""Rights of media: one verdict serves thousands of segments, and dies with its right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web
from sqlalchemy.orm import Session

from services.http.identity import bearer, identify, known, look_again, session_secret
from services.http.kept_rights import KEPT_RIGHTS
from services.http.keys import GROUND
from tongke.errors import NotFound, NotSignedIn
from tongke.people.audience import Viewer
from tongke.people.secret import digest

MaySee = Callable[[Session, Viewer, int], bool]


class Verdict:
    """Whether the session of a request may see a thing; `may_see` asks the database with its
    number."""

    def __init__(self, request: web.Request, thing: str, number: int, may_see: MaySee) -> None:
        self._request, self.number, self._may_see = request, number, may_see
        self._kept = request.app[KEPT_RIGHTS]
        self._thing = thing
        secret = session_secret(request)
        self._key: Final = digest(secret) if secret and bearer(request) is None else None

    @property
    def asked_by(self) -> str:
        """Whose it is, once it was asked: a session's, or an account's whatever its token."""
        identity = known(self._request)
        return self._key or f"account {identity.viewer.account_id if identity else 0}"

    @property
    def is_granted(self) -> bool:
        """Whether it was within the last minute, and nothing has changed since; never of a token,
        nor while changes are not heard of."""
        return self._key is not None and bool(self._kept.known(self._key, self._thing))

    async def ask(self, *, again: bool = False) -> None:
        """Find out. `again`: for what outlives the request that it was opened with.

        Raises:
            NotSignedIn, NotFound: the session may not.
        """
        if self.is_granted:
            return
        asked = self._kept.asked()
        identity = await (look_again if again else identify)(self._request)
        if identity is None:
            raise NotSignedIn
        database = self._request.app[GROUND].database
        if not await database.read(self._may_see, identity.viewer, self.number):
            raise NotFound
        if self._key:
            rests_on = (self._thing, *identity.rests_on)
            self._kept.keep(self._key, self._thing, asked, rests_on=rests_on)


async def admit(request: web.Request, thing: str, number: int, may_see: MaySee) -> None:
    """Let the request pass if its session may see a thing.

    Raises:
        NotSignedIn, NotFound.
    """
    await Verdict(request, thing, number, may_see).ask()


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
