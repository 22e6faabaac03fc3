"""Typed JSON routes.

A handler's signature says what it takes, and the same signature makes the OpenAPI document:

    api = Api("resources")

    @api.patch("/resources/{id}", "Change a resource")
    async def edit(call: Call, id: int, body: ResourceChanges) -> ResourceOut: ...

`id` comes from the path, `query` (a pydantic model) from the query string, `body` (a `Body`)
from JSON. What is returned, a model, becomes JSON; None becomes 204. A response of
aiohttp is passed on as it is. A route is for people who are signed in, unless `anybody=True`.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, get_type_hints

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from services.http.call import Call
from services.http.identity import SAFE_METHODS, Identity, check_entrance, identify, require
from services.http.paging import MAX_DIGITS, MAX_ID
from services.http.problems import BadRequest, TooLarge
from services.http.storable import check_storable
from tongke.errors import NotFound
from tongke.validation import invalid, unknown_fields

ApiHandler = Callable[..., Awaitable[BaseModel | web.StreamResponse | None]]

PREFIX = "/api/v1"

# What somebody may send of whom nothing is known yet: a password of a thousand
# characters, each written as \uXXXX.
MOST_OF_ANYBODY_BYTES: Final = 8 * 1024
# Values that one body has, by the commas between them: a school year of holidays, a text of four
# thousand characters. Each is looked at on the loop that everybody waits for.
MOST_PARTS: Final = 5_000


class Body(BaseModel):
    """What is sent as JSON. A field that is none of ours is refused: passed over, a misspelt one
    would leave its sender believing that it was heard."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class ApiRoute:
    """A route, as the router and the OpenAPI document need it."""

    method: str
    path: str
    summary: str
    tag: str
    handler: ApiHandler
    anybody: bool
    status: int
    path_types: dict[str, type]
    query: type[BaseModel] | None
    body: type[Body] | None
    answer: type[BaseModel] | None

    @property
    def name(self) -> str:
        return self.handler.__name__

    @property
    def description(self) -> str:
        return inspect.getdoc(self.handler) or ""


class Api:
    """The routes of one area."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.routes: list[ApiRoute] = []

    def get(
        self,
        path: str,
        summary: str,
        *,
        anybody: bool = False,
        answer: type[BaseModel] | None = None,
    ) -> Callable[[ApiHandler], ApiHandler]:
        """`answer` names the model where the handler makes the response, as of a long list, which
        it writes beside the loop (`in_json`)."""
        return self._route("GET", path, summary, 200, anybody, answer)

    def post(
        self,
        path: str,
        summary: str,
        *,
        status: int = 200,
        anybody: bool = False,
        answer: type[BaseModel] | None = None,
    ) -> Callable[[ApiHandler], ApiHandler]:
        """`answer` names the model where the handler makes the response (to set a cookie)."""
        return self._route("POST", path, summary, status, anybody, answer)

    def put(self, path: str, summary: str) -> Callable[[ApiHandler], ApiHandler]:
        return self._route("PUT", path, summary, 200, False)

    def patch(self, path: str, summary: str) -> Callable[[ApiHandler], ApiHandler]:
        return self._route("PATCH", path, summary, 200, False)

    def delete(self, path: str, summary: str) -> Callable[[ApiHandler], ApiHandler]:
        return self._route("DELETE", path, summary, 204, False)

    def _route(
        self,
        method: str,
        path: str,
        summary: str,
        status: int,
        anybody: bool,
        named: type[BaseModel] | None = None,
    ) -> Callable[[ApiHandler], ApiHandler]:
        def register(handler: ApiHandler) -> ApiHandler:
            hints = get_type_hints(handler)
            answer = named or hints.get("return")
            self.routes.append(
                ApiRoute(
                    method=method,
                    path=PREFIX + path,
                    summary=summary,
                    tag=self.tag,
                    handler=handler,
                    anybody=anybody,
                    status=status,
                    path_types={
                        name: kind
                        for name, kind in hints.items()
                        if name not in {"call", "query", "body", "return"}
                    },
                    query=hints.get("query"),
                    body=hints.get("body"),
                    answer=answer if _is_model(answer) else None,
                )
            )
            return handler

        return register

    def mount(self, app: web.Application) -> None:
        """Put the routes into an application."""
        for route in self.routes:
            if route.method == "GET":
                app.router.add_get(route.path, _serve(route))  # and HEAD (RFC 9110, 9.1)
            else:
                app.router.add_route(route.method, route.path, _serve(route))


def _is_model(kind: Any) -> bool:
    return inspect.isclass(kind) and issubclass(kind, BaseModel)


def _serve(route: ApiRoute) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def serve(request: web.Request) -> web.StreamResponse:
        identity = await (_entering if route.anybody else require)(request)
        arguments: dict[str, Any] = _path_arguments(route, request)
        if route.query is not None:
            arguments["query"] = _parse_query(route.query, request)
        if route.body is not None:
            sent = await _sent(request, MOST_OF_ANYBODY_BYTES if route.anybody else None)
            arguments["body"] = _parse_body(route.body, sent)
        result = await route.handler(Call(request, identity), **arguments)
        return _respond(result, route.status)

    return serve


async def _entering(request: web.Request) -> Identity | None:
    """Who calls a route that is open to anybody: what another site sends is looked at no further
    where it would change something. Raises as `check_entrance`."""
    if request.method not in SAFE_METHODS:
        check_entrance(request)
    return await identify(request)


def _path_arguments(route: ApiRoute, request: web.Request) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for name, kind in route.path_types.items():
        text = request.match_info[name]
        arguments[name] = parse_id(text) if kind is int else text
    return arguments


def parse_id(text: str) -> int:
    """A number in an address.

    Raises:
        NotFound: it cannot be the number of anything.
    """
    if not (text.isascii() and text.isdigit()) or len(text) > MAX_DIGITS or int(text) > MAX_ID:
        raise NotFound
    return int(text)


def _parse_query(model: type[BaseModel], request: web.Request) -> BaseModel:
    values: dict[str, Any] = {}
    for name in set(request.query):
        given = request.query.getall(name)
        field = model.model_fields.get(name)
        many = field is not None and "list" in str(field.annotation)
        values[name] = given if many else given[-1]
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise invalid(error) from error


async def _sent(request: web.Request, most_bytes: int | None) -> bytes:
    """The body. Raises TooLarge: it is longer than that, or than the application takes
    (`client_max_size`)."""
    if most_bytes is None:
        return await request.read()
    sent = b""
    while chunk := await request.content.read(most_bytes + 1):
        sent += chunk
        if len(sent) > most_bytes:
            raise TooLarge
    return sent


def _parse_body(model: type[Body], sent: bytes) -> BaseModel:
    if sent.count(b",") > MOST_PARTS:
        raise TooLarge
    try:
        values = json.loads(sent or b"{}")
        check_storable(values)
    except (ValueError, UnicodeDecodeError, RecursionError):
        raise BadRequest from None
    if isinstance(values, dict) and (unknown := values.keys() - model.model_fields.keys()):
        raise unknown_fields(sorted(unknown))
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise invalid(error) from error


def _respond(result: BaseModel | web.StreamResponse | None, status: int) -> web.StreamResponse:
    if isinstance(result, web.StreamResponse):
        return result
    if result is None:
        return web.Response(status=204)
    return in_json(result.model_dump_json().encode(), status)


def in_json(written: bytes, status: int = 200) -> web.Response:
    """An answer that is written already, for who asked alone."""
    return web.Response(
        body=written,
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "private, no-store"},
    )
