"""The end of a class, whoever asks for it: those who are in it hear of it, and what there is
becomes its recording."""

from __future__ import annotations

import contextlib

from aiohttp import web

from services.http.keys import GROUND
from services.live.carrying.carrier import CARRIER
from services.live.signalling.classrooms import CLASSROOMS, whole_class
from tongke.classes.vocabulary import State
from tongke.errors import TongkeError
from tongke.live.bodies import End
from tongke.live.decide import TONGKE


async def end(app: web.Application, class_id: int) -> None:
    """Raises NotFound, ClassOver: it does not run; CarriedElsewhere."""
    live = await app[GROUND].database.read(whole_class, class_id)
    if live.state == State.RUNNING:
        async with app[CLASSROOMS].entered(live) as classroom:
            # Its teacher may have said so herself, and has been heard; one that ran without its
            # people's page has nothing to be told.
            with contextlib.suppress(TongkeError):
                await classroom.command(TONGKE, End())
    await app[CARRIER].end(class_id)
