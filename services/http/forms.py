"""Forms as browsers send them, and a plain refusal of what only looks like one."""

from __future__ import annotations

from typing import TypeAlias

from aiohttp import web
from multidict import MultiDictProxy

Form: TypeAlias = MultiDictProxy[str | bytes | bytearray | web.FileField]


async def read_form(request: web.Request) -> Form:
    """The fields of a form; read once, however often it is asked for.

    Raises:
        web.HTTPBadRequest: it cannot be read: no boundary, an unknown encoding, bytes that are
            not what its headers say.
    """
    try:
        return await request.post()
    except (web.RequestPayloadError, LookupError, ValueError) as error:
        raise web.HTTPBadRequest from error
