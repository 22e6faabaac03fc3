"""What a handler is given: the request, who makes it, and the ground."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from aiohttp import web
from sqlalchemy.orm import Session

from services.http.identity import Identity, SessionNeeded
from services.http.keys import GROUND
from services.http.language import Language, choose_language
from tongke.bootstrap import Ground
from tongke.errors import NotSignedIn
from tongke.people.audience import Viewer

P = ParamSpec("P")
T = TypeVar("T")

LANGUAGE_COOKIE = "lang"


def language_of(request: web.Request, identity: Identity | None = None) -> Language:
    """The language to answer in."""
    return choose_language(
        identity.viewer.language if identity else None,
        request.cookies.get(LANGUAGE_COOKIE),
        request.headers.get("Accept-Language", ""),
    )


class Call:
    """One request, as a handler sees it."""

    def __init__(self, request: web.Request, identity: Identity | None) -> None:
        self.request = request
        self.identity = identity

    @property
    def ground(self) -> Ground:
        return self.request.app[GROUND]

    @property
    def language(self) -> Language:
        return language_of(self.request, self.identity)

    @property
    def viewer(self) -> Viewer:
        """Who calls.

        Raises:
            NotSignedIn: only on routes open to anybody.
        """
        if self.identity is None:
            raise NotSignedIn
        return self.identity.viewer

    def require_session(self) -> int:
        """The session this request came by; an API token has none.

        Raises:
            SessionNeeded: what needs one may not be done with a token.
        """
        if self.identity is None or self.identity.session_id is None:
            raise SessionNeeded
        return self.identity.session_id

    async def read(
        self, query: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self.ground.database.read(query, *args, **kwargs)

    async def write(
        self, command: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self.ground.database.write(command, *args, **kwargs)

    async def write_alone(
        self, command: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self.ground.database.write_alone(command, *args, **kwargs)
