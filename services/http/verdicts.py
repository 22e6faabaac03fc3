"""Rights of media: one verdict serves thousands of segments, and dies within a second of its right.

A granted verdict for (session, thing) is kept in the process. Any change of rights, roles or
sessions is told on the bus, and empties the store; so does losing the bus, and while it is lost
nothing is kept. A verdict worked out before such a word and kept after it is refused by the
epoch. Agreements begin and end with the day, so the day is part of the key.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Final

from aiohttp import web
from sqlalchemy.orm import Session

from services.http.identity import identify, session_secret
from services.http.keys import GROUND
from tongke import clock
from tongke.errors import NotFound, NotSignedIn
from tongke.people.audience import Viewer
from tongke.people.secret import digest
from tongke.storage.bus.port import Bus, Disconnected, Event
from tongke.tasks import RIGHTS_CHANNEL

# The bound on a word that got lost between two healthy ends of the bus.
KEPT_S = 60.0
# Some hundred bytes each; emptied when full, since twenty serve a whole class.
MOST_KEPT = 50_000

# The digest of a session's secret, what is looked at ("resource:7"), and the day.
Key = tuple[str, str, date]


class Verdicts:
    """The verdicts of this process. Only granted ones are kept: a new right works at once."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._until: dict[Key, float] = {}
        # Whether changes of rights are heard of.
        self.connected = False
        self.epoch = 0

    def known(self, session: str, thing: str) -> bool:
        """Whether this session was granted this thing, and nothing has changed since."""
        until = self._until.get((session, thing, clock.today()))
        return until is not None and self._monotonic() < until

    def keep(self, session: str, thing: str, epoch: int) -> None:
        """Keep a granted verdict; `epoch` is what it was before the question was asked."""
        if not self.connected or epoch != self.epoch:
            return
        if len(self._until) >= MOST_KEPT:
            self._until.clear()
        self._until[(session, thing, clock.today())] = self._monotonic() + KEPT_S

    def forget(self) -> None:
        """Something that gives rights has changed."""
        self.epoch += 1
        self._until.clear()

    def hear(self, event: Event) -> None:
        """A change was told, or the line to where it would be has come or gone."""
        self.connected = not isinstance(event, Disconnected)
        self.forget()

    async def listen(self, bus: Bus) -> None:
        """Follow the bus for as long as the process lives."""
        async with bus.subscribe(RIGHTS_CHANNEL) as events:
            async for event in events:
                self.hear(event)


VERDICTS: Final = web.AppKey("verdicts", Verdicts)


async def admit(
    request: web.Request, kind: str, number: int, may_see: Callable[[Session, Viewer, int], bool]
) -> None:
    """Let the request pass if its session may see a thing; `may_see` asks the database.

    Raises:
        NotSignedIn, NotFound.
    """
    verdicts = request.app[VERDICTS]
    thing = f"{kind}:{number}"
    secret = session_secret(request)
    key = digest(secret) if secret and "Authorization" not in request.headers else None
    if key and verdicts.known(key, thing):
        return
    epoch = verdicts.epoch
    identity = await identify(request)
    if identity is None:
        raise NotSignedIn
    if not await request.app[GROUND].database.read(may_see, identity.viewer, number):
        raise NotFound
    if key:
        verdicts.keep(key, thing, epoch)


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


def mount(app: web.Application) -> None:
    app[VERDICTS] = Verdicts()
