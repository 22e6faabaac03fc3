"""Forms as browsers send them, and a plain refusal of what only looks like one."""

from __future__ import annotations

from typing import TypeAlias

from aiohttp import web
from multidict import MultiDictProxy

from services.http.storable import check_storable

Form: TypeAlias = MultiDictProxy[str | bytes | bytearray | web.FileField]


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
