"""Who publishes a class, and that it is told in the class's log: rooms, observers and the patrol
read it there, on whichever process they are."""

from __future__ import annotations

from typing import Final, Protocol

import structlog
from aiohttp import web

from services.http.keys import GROUND
from services.live.access.closing import Close
from services.live.signalling.classroom import CLASSROOMS, whole_class
from tongke.errors import TongkeError
from tongke.live.bodies import Publisher
from tongke.live.decide import TONGKE
from tongke.live.vocabulary import PictureSource

_log = structlog.get_logger("tongke.live")


class Publishing(Protocol):
    """Who publishes a class now."""

    source: PictureSource

    async def close(self, *, code: int) -> object: ...


# Who publishes now, by class.
PUBLISHERS: Final = web.AppKey("publishers", dict[int, Publishing])


async def take_over(app: web.Application, class_id: int, publishing: Publishing) -> None:
    """Publish a class, in place of whoever does."""
    before = app[PUBLISHERS].get(class_id)
    app[PUBLISHERS][class_id] = publishing
    if before is not None:
        await before.close(code=Close.REPLACED)


def give_up(app: web.Application, class_id: int, publishing: Publishing) -> bool:
    """Publish a class no longer; whether it was still this one who did."""
    if app[PUBLISHERS].get(class_id) is not publishing:
        return False
    del app[PUBLISHERS][class_id]
    return True


async def tell(app: web.Application, class_id: int, own: PictureSource) -> None:
    """Write down who publishes, if it can be: a lesson does not wait for a database that is away.
    `own` is of the one who comes or goes.

    It is seen when it is written, not when it is asked for: who comes may overtake who goes.
    """
    try:
        live = await app[GROUND].database.read(whole_class, class_id)
        async with app[CLASSROOMS].entered(live) as classroom:
            now = app[PUBLISHERS].get(class_id)
            source = own if now is None else now.source
            await classroom.command(TONGKE, Publisher(on=now is not None, source=source))
    except TongkeError as error:
        _log.warning("on-air-not-told", class_id=class_id, code=error.code)
