"""Errors: for programs as problem details (RFC 9457), for people as a page.

One place turns what was raised into an answer. What we did not foresee is logged with its trace
and the request id, and says nothing of our insides.
"""

from __future__ import annotations

import errno
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from services.http import identity
from services.http.call import language_of
from services.http.language import Language, say
from services.http.tracing import Handler
from tongke.errors import Forbidden, Invalid, NotFound, Text, TongkeError
from tongke.storage.objects.errors import AppendInterrupted
from tongke.tracing import request_id

_log = structlog.get_logger("tongke.http")

ErrorPage = Callable[[web.Request, TongkeError], Awaitable[web.StreamResponse]]

# Answered as JSON whatever the caller accepts: programs and scripts live here.
JSON_PREFIXES = ("/api/", "/media/", "/live/", "/healthz", "/readyz", "/metrics")


# Who asked left before the answer's end (nginx counts it under the same number).
LEFT = 499


class MethodNotAllowed(TongkeError):
    code = "method-not-allowed"
    status = 405
    message = Text("这个地址不能这样用", "This address does not take that method")
    remedy = Text("请看接口文档", "See the API's documentation")


class TooLarge(TongkeError):
    code = "too-large"
    status = 413
    message = Text("发来的内容太大", "What was sent is too large")
    remedy = Text("大文件请走上传页", "Send large files through the upload page")


class BadRequest(TongkeError):
    code = "bad-request"
    status = 400
    message = Text("请求写得不对", "The request is malformed")
    remedy = Text("请看接口文档", "See the API's documentation")


_OF_STATUS: dict[int, type[TongkeError]] = {
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
}


def problem(error: TongkeError, language: Language) -> dict[str, Any]:
    """The problem document of an error."""
    document: dict[str, Any] = {
        "type": f"/api/docs#error-{error.code}",
        "title": say(error.message, language),
        "status": error.status,
        "code": error.code,
        "detail": say(error.remedy, language),
        "request_id": request_id(),
    }
    if isinstance(error, Invalid) and error.fields:
        document["errors"] = {name: say(text, language) for name, text in error.fields.items()}
    return document


def as_error(raised: Exception) -> TongkeError:
    """What was raised, as one of ours."""
    if isinstance(raised, TongkeError):
        return raised
    if isinstance(raised, web.HTTPException):
        return _OF_STATUS.get(raised.status, BadRequest)()
    if isinstance(raised, web.RequestPayloadError):
        return BadRequest()  # bytes that are not what their headers say
    if isinstance(raised, OSError) and raised.errno == errno.ENAMETOOLONG:
        return NotFound()  # no file of ours has such a name
    _log.error("unforeseen", exc_info=raised)
    return TongkeError()


def answer(request: web.Request, error: TongkeError) -> web.Response:
    """The answer to a program."""
    response = web.json_response(
        problem(error, language_of(request, identity.known(request))),
        status=error.status,
        content_type="application/problem+json",
        headers={"Cache-Control": "no-store"},
    )
    if error.status == HTTPStatus.TOO_MANY_REQUESTS and "seconds" in error.values:
        response.headers["Retry-After"] = str(error.values["seconds"])
    if error.status == HTTPStatus.UNAUTHORIZED:  # RFC 9110, 15.5.2
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def explaining(error_page: ErrorPage) -> Middleware:
    """The layer that turns what a route raises into an answer: a problem document for programs,
    `error_page` for people."""

    async def explain(request: web.Request, error: TongkeError) -> web.StreamResponse:
        if request.path.startswith(JSON_PREFIXES):
            return answer(request, error)
        return await error_page(request, error)

    @web.middleware
    async def layer(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as raised:
            if raised.status < 400:
                raise
            response = await explain(request, as_error(raised))
            if allowed := raised.headers.get("Allow"):  # RFC 9110, 15.5.6
                response.headers["Allow"] = allowed
            return response
        except Exception as raised:
            if has_left(request, raised):
                return web.Response(status=LEFT)
            error = as_error(raised)
            if request.writer.output_size > 0:
                return _cut(request, error)
            return await explain(request, error)

    return layer


def has_left(request: web.Request, raised: Exception) -> bool:
    """Whether who asked has left and this is how we came to know it: nobody's fault."""
    gone = request.transport is None or request.transport.is_closing()
    return gone and isinstance(raised, ConnectionError | AppendInterrupted)


def _cut(request: web.Request, error: TongkeError) -> web.Response:
    """End an answer in its middle so that it is seen to have ended there: what would be said of
    the error would be taken for the rest of the file.

    What is returned is counted and goes nowhere. Raised instead, aiohttp would log it again.
    """
    _log.warning("answer-cut", path=request.path, code=error.code)
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=error.status)
