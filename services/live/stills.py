"""A still of each class on the air, for the patrol (巡课): small, made only while somebody looks.

It is held by the process that carries the class, and nobody sees who looks.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from services.http.api import parse_id
from services.http.identity import require
from services.http.keys import GROUND
from services.live.carrying.broadcast import Broadcast
from services.live.carrying.carrier import CARRIER
from services.live.carrying.forward import where_carried
from services.live.carrying.lease import CarriedElsewhere
from tongke.bootstrap import Ground
from tongke.classes.running import patrol
from tongke.errors import Conflict, Text
from tongke.media.errors import FfmpegFailed
from tongke.media.rendition import SOURCE
from tongke.media.still import still

# However many look: a picture of each class so often, and no two made at a time.
RENEWED_EVERY_S: Final = 20.0
JPEG: Final = "image/jpeg"
NEVER_KEPT: Final = "private, no-store"


class NoPicture(Conflict):
    code = "no-picture"
    message = Text("这节课现在没有画面", "This class has no picture now")
    remedy = Text("有了画面会自己出来", "It comes by itself")


@dataclass(frozen=True)
class CachedStill:
    """A still that is made or being made, and until when it will do."""

    until: float
    drawing: asyncio.Task[bytes]


class Stills:
    """Those of the classes that this process carries."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._cached: dict[int, CachedStill] = {}
        self._turn = asyncio.Semaphore(1)

    async def of(self, class_id: int, broadcast: Broadcast) -> bytes:
        """A still of a class, not older than twice what it is renewed after.

        Raises:
            NoPicture.
        """
        now = time.monotonic()
        self._cached = {key: cached for key, cached in self._cached.items() if cached.until > now}
        if class_id not in self._cached:
            source = broadcast.streams[SOURCE]
            if "avc1" not in source.codecs or not source.newest_picture:
                raise NoPicture
            drawing = asyncio.create_task(self._draw(source.newest_picture))
            self._cached[class_id] = CachedStill(now + RENEWED_EVERY_S, drawing)
        try:
            # Who looks away does not take it from the others.
            return await asyncio.shield(self._cached[class_id].drawing)
        except FfmpegFailed:
            raise NoPicture from None

    async def _draw(self, fragment: bytes) -> bytes:
        async with self._turn:
            return await still(self._ground.programs.ffmpeg, fragment)

    async def close(self) -> None:
        for cached in self._cached.values():
            cached.drawing.cancel()


STILLS: Final = web.AppKey("stills", Stills)


async def answer(request: web.Request) -> web.Response:
    """A small JPEG of what a class sees now, for who patrols."""
    class_id = parse_id(request.match_info["id"])
    identity = await require(request)
    await request.app[GROUND].database.read(patrol.looked_at, identity.viewer, class_id)
    broadcast = request.app[CARRIER].carried(class_id)
    if broadcast is None:
        if node := await request.app[CARRIER].elsewhere(class_id):
            raise CarriedElsewhere(node)
        raise NoPicture
    body = await request.app[STILLS].of(class_id, broadcast)
    return web.Response(body=body, content_type=JPEG, headers={"Cache-Control": NEVER_KEPT})


def mount(app: web.Application) -> None:
    app[STILLS] = Stills(app[GROUND])
    app.router.add_get("/live/{id}/still", where_carried(answer))
    app.on_cleanup.append(_close)


async def _close(app: web.Application) -> None:
    await app[STILLS].close()
