"""The request id, one line of log and one span a request."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from tongke import telemetry, tracing

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADER = "X-Request-Id"
# Asked for several times a second by everybody who watches: what is given is counted (`measure`)
# and not written line by line, which took two fifths of what giving it took. What fails is.
QUIET = frozenset(
    {
        "/media/{id}/admission",
        "/live/{id}/admission",
        "/live/{id}/hls/{rendition}/live.m3u8",
        "/live/{id}/hls/{rendition}/{name}",
    }
)
ERRORS = 400
# What stands in an address and opens something: a calendar's secret, a class's code.
_SECRET = re.compile(r"\{(secret|code)\}")
_ACCEPTABLE = re.compile(r"[A-Za-z0-9-]{8,64}")
_ID = web.RequestKey("request_id", str)
_log = structlog.get_logger("tongke.http")


async def name_the_answer(request: web.Request, response: web.StreamResponse) -> None:
    """Put the request's id on an answer as it begins: a stream has begun before `trace` sees it,
    and what is refused before that has an id all the same."""
    response.headers[HEADER] = request.get(_ID) or tracing.new_request_id()


@web.middleware
async def trace(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Take the caller's request id, or make one; it goes into logs, jobs and the answer."""
    given = request.headers.get(HEADER, "")
    request_id = given if _ACCEPTABLE.fullmatch(given) else tracing.new_request_id()
    tracing.set_request_id(request_id)
    request[_ID] = request_id
    started = time.perf_counter()
    route = request.match_info.route.resource
    path = route.canonical if route is not None else "unknown"
    with telemetry.span(
        f"{request.method} {path}",
        "server",
        **{"http.request.method": request.method, "http.route": path},
    ) as note:
        response = await handler(request)
        note("http.response.status_code", response.status)
    if path in QUIET and response.status < ERRORS:
        return response
    _log.info(
        "request",
        method=request.method,
        # An address that is a secret opens what it names to whoever reads the log.
        path=path if _SECRET.search(path) else request.path,
        status=response.status,
        ms=round((time.perf_counter() - started) * 1000, 1),
    )
    return response
