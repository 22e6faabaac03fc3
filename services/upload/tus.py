"""Resumable uploads over HTTP: sockets, rows and objects around the protocol.

A body streams from the socket into the object store. It is acknowledged with an offset that is
durable; the last byte is acknowledged only when the resource and its job are in the database.

One connection writes at a time. A client whose line broke comes back before we have noticed that
its old connection is dead, so whoever comes later takes over: the older request is cancelled.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from aiohttp import web

from services.admin.metrics import UPLOADED
from services.http.call import Call
from services.http.identity import require
from services.http.keys import GROUND
from services.http.problems import MethodNotAllowed, as_error, has_left
from services.http.problems import answer as problem_answer
from services.upload import protocol, room
from services.upload.protocol import Append, Create, Discover, Offer, Report, Terminate
from services.upload.refusals import UploadFinished
from tongke import clock
from tongke.bootstrap import Ground
from tongke.errors import Unavailable
from tongke.library import uploads
from tongke.library.models import Upload
from tongke.publishing import uploading

PATH: Final = "/api/v1/uploads"
ONE: Final = PATH + "/{id:[0-9a-f]{32}}"
RESOURCE_HEADER: Final = "Tongke-Resource"
# A line that gives nothing for so long is dead; the client goes on at its byte.
SILENCE_S: Final = 60.0

Writers = dict[str, asyncio.Task[Any]]
WRITERS = web.AppKey("upload_writers", dict)


class SilentLine(ConnectionError):
    """The client sends nothing any more."""


async def serve(request: web.Request) -> web.StreamResponse:
    """Any request of the protocol."""
    try:
        return await _carry_out(request)
    except Exception as raised:
        # Who has left is told nothing, and their line is no failure of ours.
        if isinstance(raised, web.HTTPException) or has_left(request, raised):
            raise
        error = as_error(raised)
        response = problem_answer(request, error)
        response.headers.update(protocol.refused(error).headers)
        return response


async def _carry_out(request: web.Request) -> web.StreamResponse:
    offer = Offer(request.app[GROUND].settings.upload_max_bytes)
    command = protocol.interpret(request.method, request.headers, offer)
    if isinstance(command, Discover):
        return _response(protocol.discovered(offer))
    # The header that overrides the method may make a DELETE of a HEAD.
    call = Call(request, await require(request, changes=not isinstance(command, Report)))
    named = request.match_info.get("id")
    if isinstance(command, Create) is not (named is None):
        raise MethodNotAllowed
    if isinstance(command, Create):
        return await _create(call, command)
    assert named is not None
    row = await call.read(uploads.own, call.viewer, named)
    async with _sole_writer(request.app[WRITERS], row.id):
        state = protocol.admit(command, await _state(call.ground, row), clock.now())
        if isinstance(command, Terminate):
            await _terminate(call, row)
            return _response(protocol.terminated())
        if isinstance(command, Append):
            state = await _append(call, row, state)
            made = await _finish(call.ground, row, state)
            return _response(protocol.appended(state), made)
        made = await _finish(call.ground, row, state)
        return _response(protocol.reported(state), made)


async def _create(call: Call, command: Create) -> web.StreamResponse:
    await room.make(call.ground, command.length)
    row = await call.write(
        uploads.begin,
        call.viewer,
        command.metadata,
        command.metadata_header,
        command.length,
        call.ground.settings.upload_keep_days,
    )
    try:
        await call.ground.appendable.create(row.key)
    except BaseException:
        # Nobody was told of it; a client that asks again would leave a row each time.
        with contextlib.suppress(Unavailable):
            await call.write(uploads.end, call.viewer, row.id)
        raise
    state = await _state(call.ground, row)
    if command.carries_body:
        async with _sole_writer(call.request.app[WRITERS], row.id):
            state = await _append(call, row, state)
    made = await _finish(call.ground, row, state)
    return _response(protocol.created(command, state, f"{PATH}/{row.id}"), made)


async def _terminate(call: Call, row: Upload) -> None:
    """Forget it, unless the request it takes over from has just made a resource of it.

    Raises:
        UploadFinished.
    """
    await call.ground.appendable.abort(row.key)
    ended = await call.write(uploads.end, call.viewer, row.id)
    if ended.resource_id is not None:
        raise UploadFinished


async def _state(ground: Ground, row: Upload) -> protocol.Upload:
    return protocol.Upload(
        length=row.length,
        offset=await uploading.durable_offset(ground, row),
        expires_at=row.expires_at,
        metadata_header=row.metadata_header,
        finished=row.resource_id is not None,
    )


async def _append(call: Call, row: Upload, state: protocol.Upload) -> protocol.Upload:
    body = room.while_left(call.ground, protocol.within(_body(call.request), state.room))
    offset = await uploading.append(call.ground, row, state.offset, body)
    UPLOADED.inc(offset - state.offset)
    return state.at(offset)


async def _body(request: web.Request) -> AsyncIterator[bytes]:
    """What the socket gives, until its end or until it falls silent."""
    while True:
        try:
            chunk = await asyncio.wait_for(request.content.readany(), SILENCE_S)
        except TimeoutError:
            raise SilentLine from None
        if not chunk:
            return
        yield chunk


async def _finish(ground: Ground, row: Upload, state: protocol.Upload) -> Mapping[str, str]:
    """Make the resource where the last byte is here; names it in a header."""
    if row.resource_id is not None:
        return {RESOURCE_HEADER: str(row.resource_id)}
    if not state.needs_finishing:
        return {}
    resource = await uploading.finish(ground, row)
    return {RESOURCE_HEADER: str(resource.id)}


@contextlib.asynccontextmanager
async def _sole_writer(writers: Writers, upload_id: str) -> AsyncIterator[None]:
    """Take over from an older request for the same upload, if one is under way here."""
    older = writers.get(upload_id)
    me = asyncio.current_task()
    assert me is not None
    writers[upload_id] = me
    try:
        if older is not None:
            older.cancel()
            await _ended(older)
        yield
    finally:
        if writers.get(upload_id) is me:
            del writers[upload_id]


async def _ended(older: asyncio.Task[Any]) -> None:
    """Wait until it has ended. Whoever takes over from us meanwhile waits for us alone, so that
    we leave no earlier than the one before us."""
    taken_over: asyncio.CancelledError | None = None
    while not older.done():
        try:
            await asyncio.wait({older})
        except asyncio.CancelledError as cancelled:
            taken_over = cancelled
    if taken_over is not None:
        raise taken_over


def _response(found: protocol.Response, more: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(status=found.status, headers={**found.headers, **(more or {})})


def mount(app: web.Application) -> None:
    app[WRITERS] = {}
    for path in (PATH, ONE):
        # POST on one upload is a client whose proxy lets no other method through, which it then
        # names in X-HTTP-Method-Override.
        for method in ("OPTIONS", "POST"):
            app.router.add_route(method, path, serve)
    for method in ("HEAD", "PATCH", "DELETE"):
        app.router.add_route(method, ONE, serve)


_TUS = {"name": "Tus-Resumable", "in": "header", "required": True, "schema": {"const": "1.0.0"}}
_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def _operation(summary: str, status: str, *parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "summary": summary,
        "tags": ["uploads"],
        "parameters": [_TUS, *parameters],
        "responses": {status: {"description": "See tus 1.0.0"}},
    }


# For the OpenAPI document: the protocol is tus 1.0.0, whose clients need no more than the address.
OPENAPI: Final[Mapping[str, Mapping[str, Any]]] = {
    PATH: {"post": _operation("Begin an upload (tus 1.0.0, creation)", "201")},
    PATH + "/{id}": {
        "head": _operation("How far an upload is (tus 1.0.0)", "200", _ID),
        "patch": _operation("Add bytes to an upload (tus 1.0.0)", "204", _ID),
        "delete": _operation("End an upload (tus 1.0.0, termination)", "204", _ID),
    },
}
