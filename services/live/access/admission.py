"""Whether a session is let in to what is played of a class."""

from __future__ import annotations

from aiohttp import web

from services.http import verdicts
from services.http.api import parse_id
from tongke.classes import queries


async def admit(request: web.Request) -> int:
    """The class that is asked for, if the session may see it.

    Raises:
        NotSignedIn, NotFound.
    """
    class_id = parse_id(request.match_info["id"])
    await verdicts.admit(request, "class", class_id, queries.may_follow)
    return class_id
