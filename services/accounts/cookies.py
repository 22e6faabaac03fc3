"""What a browser is given when it signs in, and what a sign-in learns from it."""

from __future__ import annotations

from contextlib import suppress

from aiohttp import web

from services.accounts.desk import Entry, Visit
from services.http.call import LANGUAGE_COOKIE
from services.http.identity import forget_session, identify, set_session
from services.http.keys import GROUND
from services.http.language import Language
from services.http.storable import readable
from tongke.errors import NotFound
from tongke.people import sign_in

DEVICES_COOKIE = "tongke-devices"
# Marks outlive the session: it is who comes back after a holiday that must not be slowed.
DEVICES_DAYS = 400
LANGUAGE_DAYS = 400
DAY_S = 86_400


def visit_of(request: web.Request) -> Visit:
    return Visit(
        address=request.remote or "",
        user_agent=readable(request.headers.get("User-Agent", "")),
        marks=request.cookies.get(DEVICES_COOKIE, ""),
    )


async def let_in(request: web.Request, response: web.StreamResponse, entry: Entry) -> None:
    """Give the browser its session and its mark; raises HttpsNeeded. Somebody else's that it had
    ends: its cookie is gone then, so that nobody at this computer could sign that person out, while
    a class that is open in another tab would go on in their name."""
    before = await identify(request)
    if (
        before is not None
        and before.session_id is not None
        and before.viewer.account_id != entry.account_id
    ):
        ending = before.viewer.account_id, before.session_id
        with suppress(NotFound):
            await request.app[GROUND].database.write(sign_in.end_session, *ending)
    set_session(request, response, entry.secret, entry.days)
    response.set_cookie(
        DEVICES_COOKIE,
        entry.marks,
        max_age=DEVICES_DAYS * DAY_S,
        httponly=True,
        secure=request.secure,
        samesite="Lax",
        path="/",
    )


def see_out(request: web.Request, response: web.StreamResponse) -> None:
    """Take the session's cookie back. The mark stays: the device is known all the same."""
    forget_session(request, response)


def keep_language(request: web.Request, response: web.StreamResponse, language: Language) -> None:
    response.set_cookie(
        LANGUAGE_COOKIE,
        language,
        max_age=LANGUAGE_DAYS * DAY_S,
        secure=request.secure,
        samesite="Lax",
        path="/",
    )
