"""The slides of a class, for whoever may see the class: what decks there are, and their pages."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from aiohttp import web

from services.http.api import parse_id
from services.http.keys import GROUND
from services.http.sending import REVALIDATE, send_object
from services.live.access import phone_access
from services.live.access.admission import admit
from tongke.classes.running import decks
from tongke.errors import NotFound

# For a lesson and its break: a room that turns back a page shows it at its media time, without
# asking first. A document that is made anew has other pictures at the same addresses.
KEPT: Final = "private, max-age=3600"


async def index(request: web.Request) -> web.Response:
    """The decks of a class with their pages."""
    class_id = await admit(request)
    found = await request.app[GROUND].database.read(decks.decks, class_id)
    return web.json_response(
        {"decks": [asdict(deck) for deck in found]}, headers={"Cache-Control": REVALIDATE}
    )


async def slide(request: web.Request) -> web.StreamResponse:
    """The picture of a page, large; with `?size=small` for a strip of them, and with `?size=wide`
    for a screen that is larger."""
    number = parse_id(request.match_info["number"])
    class_id = await phone_access.admit_to_slide(request, request.match_info["deck"], number)
    size = next((s for s in decks.SIZES if s == request.query.get("size", "large")), None)
    if size is None:
        raise NotFound
    ground = request.app[GROUND]
    key = await ground.database.read(
        decks.slide_key, class_id, request.match_info["deck"], number, size
    )
    return await send_object(request, ground.objects, key, cache_control=KEPT)


def mount(app: web.Application) -> None:
    app.router.add_get("/live/{id}/decks", index)
    app.router.add_get("/live/{id}/slides/{deck}/{number}", slide)
