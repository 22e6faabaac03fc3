"""Whether a session is let in to what is played of a class."""

from __future__ import annotations

from aiohttp import web

from services.http.api import parse_id
from services.http.verdicts import Verdict
from tongke.classes import queries


async def admit(request: web.Request) -> int:
    """The class that is asked for, if the session may see it.

    Raises:
        NotSignedIn, NotFound.
    """
    class_id = parse_id(request.match_info["id"])
    await verdict(request, class_id).ask()
    return class_id


def verdict(request: web.Request, class_id: int) -> Verdict:
    """Whether the session of a request may see a class."""
    return Verdict(request, "class", class_id, queries.may_follow)
