"""Whether anything comes from the lead classroom, told in the class's log: rooms, observers and
the patrol read it there, on whichever process they are."""

from __future__ import annotations

import structlog
from aiohttp import web

from services.http.keys import GROUND
from services.live.signalling.classroom import CLASSROOMS, whole_class
from tongke.errors import TongkeError
from tongke.live.bodies import Publisher
from tongke.live.decide import TONGKE
from tongke.live.vocabulary import PictureSource

_log = structlog.get_logger("tongke.live")


async def say(
    app: web.Application,
    class_id: int,
    *,
    on: bool,
    source: PictureSource = PictureSource.PAGE,
) -> None:
    """Write it down, if it can be: a lesson does not wait for a database that is away."""
    try:
        live = await app[GROUND].database.read(whole_class, class_id)
        async with app[CLASSROOMS].entered(live) as classroom:
            await classroom.command(TONGKE, Publisher(on=on, source=source))
    except TongkeError as error:
        _log.warning("on-air-not-told", class_id=class_id, code=error.code)
