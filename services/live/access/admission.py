"""Whether a session is let in to what is played of a class."""

from __future__ import annotations

from aiohttp import web

from services.http.api import parse_id
from services.http.verdicts import Verdict
from tongke.classes import queries
from tongke.classes.models import class_thing


async def admit(request: web.Request) -> int:
    """The class that is asked for, if the session may see it.

    Raises:
        NotSignedIn, NotFound.
    """
    return (await admitted(request)).number


async def admitted(request: web.Request) -> Verdict:
    """The same, for what is asked again later: whether the session may see the class of that
    number.

    Raises:
        NotSignedIn, NotFound.
    """
    class_id = parse_id(request.match_info["id"])
    right = Verdict(request, class_thing(class_id), class_id, queries.may_follow)
    await right.ask()
    return right
