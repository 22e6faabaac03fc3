"""What the lead classroom's browser sends, acknowledged when durable: docs/live-protocol.md."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Final

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from services.http.afterwards import AFTERWARDS
from services.http.api import parse_id
from services.http.call import Call
from services.http.identity import check_entrance, look_again, require
from services.http.kept_rights import KEPT_RIGHTS
from services.http.keys import GROUND
from services.live.access.closing import Close
from services.live.access.incoming import Incoming
from services.live.access.line_socket import LineSocket
from services.live.access.messages import HEARTBEAT_S, asked_time, read
from services.live.access.rights import close_when_lost
from services.live.carrying.broadcast import PART_MS, SEGMENT_MS, Broadcast
from services.live.carrying.carrier import CARRIER
from services.live.carrying.forward import relay
from services.live.carrying.lease import CarriedElsewhere
from services.live.ingest import on_air
from services.live.ingest.on_air import PUBLISHERS, give_up, take_over, tell
from services.live.signalling.classroom import pong
from tongke.classes import queries, vocabulary
from tongke.errors import Forbidden, NotFound, TongkeError
from tongke.live.boxes import DamagedStream
from tongke.live.vocabulary import PictureSource
from tongke.live.wire import MOST_CHUNK_BYTES

# Each costs the browser a message to read; it keeps what is not acknowledged for longer anyway.
ACKNOWLEDGE_EVERY_S: Final = 0.1
# A configuration has some hundred, with the longest description some thousand.
MOST_CHARACTERS: Final = 16 * 1024


class Page:
    """The lead's page, as who publishes a class."""

    source = PictureSource.PAGE

    def __init__(self, incoming: Incoming) -> None:
        self._incoming = incoming

    def end(self, code: int) -> None:
        self._incoming.end(code)


async def publish(request: web.Request) -> web.WebSocketResponse:
    """Take chunks for as long as the line holds."""
    check_entrance(request)
    epoch = request.app[KEPT_RIGHTS].epoch
    call = Call(request, await require(request))
    class_id = parse_id(request.match_info["id"])
    socket = LineSocket(max_msg_size=MOST_CHUNK_BYTES, heartbeat=HEARTBEAT_S)
    await socket.prepare(request)
    try:
        await call.read(queries.held_class, call.viewer, class_id)
        broadcast = await request.app[CARRIER].broadcast(class_id)
    except CarriedElsewhere as elsewhere:
        await relay(request, socket, elsewhere)
        return socket
    except TongkeError as error:
        await socket.close(code=_code(error), message=error.code.encode())
        return socket
    incoming = Incoming(socket)
    page, beside = Page(incoming), list[asyncio.Task[None]]()
    lost = partial(_lost, request, class_id)
    try:
        take_over(request.app, class_id, page)
        beside += [
            asyncio.create_task(_acknowledge(incoming, broadcast)),
            asyncio.create_task(_have_sent_again(incoming, broadcast)),
            asyncio.create_task(close_when_lost(request, class_id, incoming, lost, epoch)),
            # The chunks wait for no log.
            asyncio.create_task(tell(request.app, class_id, page.source)),
        ]
        await _say(incoming, {"hello": _hello(broadcast)})
        await take_all(incoming, broadcast)
    finally:
        for task in beside:
            task.cancel()
        if give_up(request.app, class_id, page):
            # The browser hangs up at once: what is left to do is done all the same.
            await request.app[AFTERWARDS].finish(_off_air(request.app, broadcast, class_id))
    return socket


async def _lost(request: web.Request, class_id: int) -> int | None:
    """Why who publishes holds the class no longer."""
    identity = await look_again(request)
    if identity is None:
        return Close.NOT_YOURS
    try:
        await request.app[GROUND].database.read(queries.held_class, identity.viewer, class_id)
    except (NotFound, vocabulary.NotYourClass):
        return Close.NOT_YOURS
    return None


async def _off_air(app: web.Application, broadcast: Broadcast, class_id: int) -> None:
    await broadcast.interrupt()
    await tell(app, class_id, Page.source)


def _code(error: TongkeError) -> int:
    """The browser gives up for good, unless it is told to try again."""
    if isinstance(error, vocabulary.ClassOver):
        return Close.OVER
    if isinstance(error, NotFound):
        return Close.NO_CLASS
    return Close.NOT_YOURS if isinstance(error, Forbidden) else WSCloseCode.TRY_AGAIN_LATER


def _hello(broadcast: Broadcast) -> dict[str, object]:
    return {
        **_durable(broadcast),
        "last_stream": broadcast.kept.last_stream,
        # Those on their way to the disk too: another's number would be taken for the same chunk.
        "highest": broadcast.kept.highest,
        "part_ms": PART_MS,
        "keyframe_ms": SEGMENT_MS,
    }


def _durable(broadcast: Broadcast) -> dict[str, object]:
    durable = broadcast.kept.durable
    above = durable.above
    told: dict[str, object] = {"durable": durable.up_to}
    return told | {"above": above} if above else told


async def _say(incoming: Incoming, told: Mapping[str, object]) -> None:
    await incoming.say(json.dumps(told))


async def take_all(incoming: Incoming, broadcast: Broadcast) -> None:
    """What a line brings, until it ends."""
    async for message in incoming:
        if broadcast.is_over:
            # A break: whether the class is over, or another process has it, the next line is told.
            incoming.end(WSCloseCode.TRY_AGAIN_LATER)
            continue
        try:
            await _take(incoming, message, broadcast)
        except DamagedStream:
            incoming.end(Close.DAMAGED)


async def _take(incoming: Incoming, message: WSMessage, broadcast: Broadcast) -> None:
    """Raises DamagedStream."""
    if message.type is WSMsgType.BINARY:
        await broadcast.take(message.data)
    elif message.type is WSMsgType.TEXT:
        if "ping" in message.data[:8]:
            asked = asked_time(read(message.data, MOST_CHARACTERS))
            await _say(incoming, pong(asked))
        elif len(message.data) > MOST_CHARACTERS:
            raise DamagedStream
        else:
            await broadcast.configure(message.data)


async def _acknowledge(incoming: Incoming, broadcast: Broadcast) -> None:
    # That a line broke is seen by who reads it.
    with suppress(ConnectionError):
        while True:
            await broadcast.kept.more.wait()
            broadcast.kept.more.clear()
            await _say(incoming, _durable(broadcast))
            await asyncio.sleep(ACKNOWLEDGE_EVERY_S)


async def _have_sent_again(incoming: Incoming, broadcast: Broadcast) -> None:
    """What could not be kept for a while comes again after a break."""
    await broadcast.kept.until_kept_again()
    incoming.end(WSCloseCode.TRY_AGAIN_LATER)


class _Publishers:
    """Those of this process, for what carries the classes."""

    def __init__(self, app: web.Application) -> None:
        self._app = app

    def has(self, class_id: int) -> bool:
        return class_id in self._app[PUBLISHERS]

    def send_away(self, class_id: int) -> None:
        publishing = self._app[PUBLISHERS].pop(class_id, None)
        if publishing is not None:
            publishing.end(WSCloseCode.SERVICE_RESTART)


def mount(app: web.Application) -> None:
    on_air.mount(app)
    app[CARRIER].publishers = _Publishers(app)
    app.router.add_get("/live/{id}/publish", publish)
