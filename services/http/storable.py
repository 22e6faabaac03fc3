"""Text, numbers and moments that no database can keep, refused at the door.

PostgreSQL takes no NUL in a text and no number beyond 64 bits; 1e999, which Python reads as
infinite, is no number in the JSON that would tell it to others; a lone half of a surrogate pair is
no character in any encoding; the first and last days of the calendar are outside it in another
zone. Nobody types these: they come from programs that try what breaks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import AwareDatetime, Field

from services.http.tracing import Handler

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_WIDEST: Final = 2**63
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2999, 12, 31, tzinfo=UTC)

# A moment that is sent: some days added to it are still one.
Instant = Annotated[AwareDatetime, Field(ge=_EARLIEST, le=_LATEST)]


@web.middleware
async def refuse_unstorable(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Look through the address: its path and its parameters."""
    # As it was sent: only what is escaped can be anything but plain characters.
    if not request.raw_path.isascii() or "%" in request.raw_path:
        check_storable((request.path, dict(request.query), list(request.query.values())))
    return await handler(request)


def check_storable(value: Any) -> None:
    """Look through values as JSON and forms give them.

    Raises:
        web.HTTPBadRequest: a text or a number in it cannot be kept.
    """
    if isinstance(value, str):
        kept = _UNSTORABLE.search(value) is None
    elif isinstance(value, int):
        kept = -_WIDEST <= value < _WIDEST
    elif isinstance(value, float):
        kept = math.isfinite(value)
    else:
        kept = True
        for part in _parts(value):
            check_storable(part)
    if not kept:
        raise web.HTTPBadRequest


def readable(header: str) -> str:
    """A header's text with what is not UTF-8 in it replaced: aiohttp hands that on as halves of
    surrogate pairs."""
    return header.encode(errors="replace").decode()


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return (part for pair in value.items() for part in pair)
    return value if isinstance(value, list | tuple) else ()
