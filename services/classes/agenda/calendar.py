"""The calendar feed at its private address: asked for by telephones, without a session."""

from __future__ import annotations

from hashlib import sha256

from aiohttp import web
from sqlalchemy.orm import Session

from services.http.call import Call
from services.http.keys import GROUND
from services.http.public_address import address
from services.web import views
from services.web.qr import qr
from tongke import clock
from tongke.classes.agenda import subscription
from tongke.classes.agenda.calendar_feed import feed

NAME = "同课"
# Before a client asks again, unless the feed's own REFRESH-INTERVAL says so later.
FRESH_S = 300


def shown(call: Call, secret: str) -> views.CalendarAddress:
    """The whole address. What is told by webcal is taken for something to follow, and not for a
    file to be read once."""
    url = f"{address(call.request)}/calendar/{secret}.ics"
    webcal = f"webcal://{url.partition('://')[2]}"
    return views.CalendarAddress(url, webcal, qr(webcal))


async def calendar(request: web.Request) -> web.Response:
    secret = request.match_info["secret"]

    def read(session: Session) -> bytes:
        viewer = subscription.holder(session, secret)
        found = subscription.entries(session, viewer, address(request), clock.now())
        return feed(NAME, subscription.installation(session), found)

    body = await request.app[GROUND].database.read(read)
    tag = sha256(body).hexdigest()[:32]
    headers = {"Cache-Control": f"private, max-age={FRESH_S}", "ETag": f'"{tag}"'}
    if any(known.value in {tag, "*"} for known in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, content_type="text/calendar", charset="utf-8", headers=headers)


def mount(app: web.Application) -> None:
    app.router.add_get("/calendar/{secret}.ics", calendar)
