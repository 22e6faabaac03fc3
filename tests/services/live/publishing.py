"""A class that somebody publishes, as its log has it."""

from __future__ import annotations

from aiohttp import web

from services.http.keys import GROUND
from services.live.signalling.classrooms import CLASSROOMS, whole_class
from tongke.live.bodies import Publisher
from tongke.live.decide import TONGKE
from tongke.live.vocabulary import PictureSource


async def on_the_air(
    app: web.Application, class_id: int, source: PictureSource = PictureSource.PAGE
) -> None:
    live = await app[GROUND].database.read(whole_class, class_id)
    async with app[CLASSROOMS].entered(live) as classroom:
        await classroom.command(TONGKE, Publisher(on=True, source=source))
