"""Forms as browsers send them, and a plain refusal of what only looks like one."""

from __future__ import annotations

from typing import Final, TypeAlias

from aiohttp import web
from multidict import MultiDictProxy

from services.http.storable import check_storable

Form: TypeAlias = MultiDictProxy[str | bytes | bytearray | web.FileField]

# Of a form that anybody may send: a password of a thousand characters, each written as %XX%XX%XX.
MOST_OF_ANYBODY_BYTES: Final = 16 * 1024


def check_small(request: web.Request) -> None:
    """Refuse, unread, what is more than anybody has to say of whom nothing is known yet. Browsers
    say how long a form is.

    Raises:
        web.HTTPRequestEntityTooLarge.
    """
    length = request.content_length
    if request.can_read_body and (length is None or length > MOST_OF_ANYBODY_BYTES):
        raise web.HTTPRequestEntityTooLarge(MOST_OF_ANYBODY_BYTES, length or 0)


async def read_form(request: web.Request) -> Form:
    """The fields of a form; read once, however often it is asked for.

    Raises:
        web.HTTPBadRequest: it cannot be read: no boundary, an unknown encoding, bytes that are
            not what its headers say; or no database could keep a text in it.
    """
    try:
        posted = await request.post()
    except (web.RequestPayloadError, LookupError, ValueError) as error:
        raise web.HTTPBadRequest from error
    check_storable([part for pair in posted.items() for part in pair])
    return posted
