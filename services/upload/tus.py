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
from sqlalchemy.orm import Session

from services.admin.metrics import UPLOADED
from services.http.call import Call
from services.http.identity import require
from services.http.keys import GROUND
from services.http.problems import answer as problem_answer
from services.http.problems import as_error, has_left
from services.upload import protocol, space
from services.upload.protocol import Append, Create, Discover, Offer, Report, Terminate
from services.upload.refusals import UnsupportedMethod, UploadFinished
from tongke import clock
from tongke.bootstrap import Ground
from tongke.errors import Unavailable
from tongke.library import uploads
from tongke.library.models import Upload
from tongke.people.audience import Viewer
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
        # Told, as RFC 9110 (15.5.6) has it, what is allowed here.
        raise UnsupportedMethod(method=request.method)
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
    """Begin an upload; or go on with the one of the same key, whose answer the client never saw."""
    await space.require(call.ground, command.length)
    keep_days = call.ground.settings.upload_keep_days
    row, is_new = await call.write(_begin, call.viewer, command, keep_days)
    if is_new:
        await _make_object(call, row)
    async with _sole_writer(call.request.app[WRITERS], row.id):
        state = protocol.admit(command, await _state(call.ground, row), clock.now())
        # What came of the body before is kept; the client goes on from the offset it is told.
        if command.carries_body and state.offset == 0:
            state = await _append(call, row, state)
        made = await _finish(call.ground, row, state)
    return _response(protocol.created(command, state, f"{PATH}/{row.id}"), made)


def _begin(session: Session, owner: Viewer, command: Create, keep_days: int) -> tuple[Upload, bool]:
    """The upload, and whether it is new."""
    known = uploads.begun(session, owner, command.key, command.length)
    if known is not None:
        return known, False
    said, header = command.metadata, command.metadata_header
    length, key = command.length, command.key
    return uploads.begin(session, owner, said, header, length, keep_days, key), True


async def _make_object(call: Call, row: Upload) -> None:
    """Where its bytes go. What fails here leaves no row: a client that asks again would leave one
    each time."""
    try:
        await call.ground.appendable.create(row.key)
    except BaseException:
        with contextlib.suppress(Unavailable):
            await call.write(uploads.end, call.viewer, row.id)
        raise


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
    body = space.while_left(call.ground, protocol.within(_body(call.request), state.room))
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
