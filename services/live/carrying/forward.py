"""Passes a request on to the process that carries its class, as a proxy of ours would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Final

from aiohttp import (
    ClientError,
    ClientSession,
    ClientTimeout,
    ClientWebSocketResponse,
    DummyCookieJar,
    WSCloseCode,
    WSMsgType,
    web,
)
from multidict import CIMultiDict

from services.live.access.closing import Close
from services.live.access.incoming import transport_of
from services.live.access.unread import Watch
from services.live.carrying.lease import CarriedElsewhere
from tongke.live.wire import MOST_CHUNK_BYTES

# A playlist may be held for three segments; longer than that nothing is.
LONGEST_S: Final = 15.0
CONNECT_S: Final = 3.0
# Who was passed on is not passed on again: in between, the class has moved.
PASSED_ON: Final = "X-Tongke-Passed-On"
# Of the line between two and not of what goes over it (RFC 9110, 7.6.1), or said by ourselves.
_OF_THE_LINE: Final = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer", "content-length"}
    | {"proxy-connection", "content-encoding", "date", "server", "x-request-id"}
    | {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded", "x-real-ip"}
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
CLIENT: Final = web.AppKey("carriers_client", ClientSession)


def where_carried(handler: Handler) -> Handler:
    """Answer here or, where another process carries the class, what that one answers."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except CarriedElsewhere as elsewhere:
            return await forward(request, elsewhere)

    return answer


async def forward(request: web.Request, elsewhere: CarriedElsewhere) -> web.StreamResponse:
    """Raises CarriedElsewhere: it does not answer."""
    _must_go(request, elsewhere)
    try:
        async with request.app[CLIENT].request(
            request.method,
            elsewhere.node + request.raw_path,
            headers=_headers(request),
            data=await request.read() or None,
            allow_redirects=False,
        ) as answer:
            body = await answer.read()
            headers = _kept(answer.headers)
            return web.Response(status=answer.status, body=body, headers=headers)
    except (ClientError, TimeoutError) as error:
        raise elsewhere from error


async def relay(
    request: web.Request, socket: web.WebSocketResponse, elsewhere: CarriedElsewhere
) -> None:
    """Pass on a line that is open here already, both ways, until one of the ends closes it. Where
    the other process does not answer the browser tries again, as after a break."""
    try:
        await _relay(request, socket, elsewhere)
    except CarriedElsewhere:
        await socket.close(code=WSCloseCode.TRY_AGAIN_LATER)


async def _relay(
    request: web.Request, socket: web.WebSocketResponse, elsewhere: CarriedElsewhere
) -> None:
    """Raises CarriedElsewhere: it does not answer."""
    _must_go(request, elsewhere)
    # Of who reads nothing, or does not go.
    watch = Watch(transport_of(socket))
    headers = _headers(request)
    for name in [name for name in headers if name.lower().startswith("sec-websocket")]:
        del headers[name]
    address = elsewhere.node.replace("http", "ws", 1) + request.raw_path
    try:
        async with request.app[CLIENT].ws_connect(
            address, headers=headers, max_msg_size=MOST_CHUNK_BYTES
        ) as other:
            spoken = asyncio.create_task(_pass_on(socket, other))
            ends = {spoken, asyncio.create_task(_pass_on(other, socket))}
            try:
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for end in ends:
                    end.cancel()
                # A line is closed by who reads it, or its reason is lost (`access.incoming`).
                watch.send_away()
                await asyncio.wait(ends)
            is_damaged = not spoken.cancelled() and not spoken.exception() and spoken.result()
            await socket.close(code=Close.DAMAGED if is_damaged else _said(other.close_code))
    except (ClientError, TimeoutError) as error:
        raise elsewhere from error


def _said(code: int | None) -> int:
    """What the browser is told: a line that broke has no code that could be sent."""
    if code is None or code == WSCloseCode.ABNORMAL_CLOSURE:
        return WSCloseCode.GOING_AWAY
    return code


async def _pass_on(
    source: web.WebSocketResponse | ClientWebSocketResponse,
    target: web.WebSocketResponse | ClientWebSocketResponse,
) -> bool:
    """Until one of them ends; whether it was by what a line cannot say."""
    async for message in source:
        if message.type is WSMsgType.TEXT:
            await target.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await target.send_bytes(message.data)
        elif message.type is WSMsgType.ERROR:
            return True
    return False


def _must_go(request: web.Request, elsewhere: CarriedElsewhere) -> None:
    if not elsewhere.node or PASSED_ON in request.headers:
        raise elsewhere


def _headers(request: web.Request) -> CIMultiDict[str]:
    """What the browser has said, and who it is."""
    headers = _kept(request.headers)
    headers["X-Forwarded-For"] = request.remote or ""
    headers["X-Forwarded-Proto"] = request.scheme
    headers[PASSED_ON] = "1"
    return headers


def _kept(headers: Mapping[str, str]) -> CIMultiDict[str]:
    return CIMultiDict((k, v) for k, v in headers.items() if k.lower() not in _OF_THE_LINE)


def mount(app: web.Application) -> None:
    app.cleanup_ctx.append(_client)


async def _client(app: web.Application) -> AsyncIterator[None]:
    """A client without a memory: each request brings its own cookies."""
    timeout = ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=LONGEST_S)
    async with ClientSession(timeout=timeout, cookie_jar=DummyCookieJar()) as client:
        app[CLIENT] = client
        yield
