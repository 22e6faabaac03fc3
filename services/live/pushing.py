"""Pushes a class's playlists to who plays them: `/live/{class}/playlists/{rendition}` (WebSocket).

A player that asks for every part's playlist is a request for each of them, held here until it is
answered: that was most of what a viewer cost, and on a far line a round trip for every part. Here
one task writes one text to all, packed, each time that there is another. It is the difference that
the same player would be given by asking (`origin`), and so holds all that the ones before it did:
who missed one has it with the next, and who has none in time asks.

Nobody is given one whom `origin` would refuse: each line knows of its verdict, and asks anew once
that may have changed.
"""

from __future__ import annotations

import asyncio
import struct
import time
from collections import Counter
from typing import Final

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from services.http.identity import check_entrance
from services.http.verdicts import Verdict
from services.live.access.admission import admitted
from services.live.access.closing import Close
from services.live.access.counted import counted
from services.live.access.incoming import Incoming, transport_of
from services.live.access.line_socket import LineSocket
from services.live.carrying.broadcast import Broadcast
from services.live.carrying.carrier import CARRIER
from services.live.carrying.forward import relay
from services.live.carrying.lease import CarriedElsewhere
from services.live.carrying.news import AT_ONCE
from services.live.playlists import listed, rendered, rendition_of
from tongke.classes.vocabulary import ClassOver
from tongke.errors import NotFound, NotSignedIn, TongkeError
from tongke.live.delivery import LiveEdge

_log = structlog.get_logger("tongke.live")

# What is not read yet: some forty playlists. Who reads more slowly is given a later one; who reads
# nothing has enough unread for the line to be broken off (`access.unread`).
MOST_UNREAD_BYTES: Final = 24 * 1024
# While nothing comes, whether everybody still may have what would come. For so long a yes holds
# that is kept nowhere else: of a token, and while changes of rights are not heard of.
LOOK_S: Final = 1.0
# Who takes nothing is found by what waits (`access.unread`), but the kernel takes some seconds of
# playlists for a line that is gone without a word: that is found by asking. Each time costs more
# than a dozen playlists, and every ten seconds it was a quarter of what a viewer takes.
HEARTBEAT_S: Final = 30.0
# Nothing is said on it but answers to our own questions whether it holds, and those come rarely.
MOST_ANSWERS: Final = 10
# Every window that somebody has, in each rendition, and those that are just coming back.
MOST_LINES: Final = 24
# Of a frame.
FINAL_BINARY: Final = 0x82
SEVEN_BITS: Final = 126
# Nobody says anything on it.
MOST_SAID_BYTES: Final = 1024


def framed(data: bytes) -> bytes:
    """A binary message of a server, in one frame (RFC 6455, 5.2)."""
    length = len(data)
    if length < SEVEN_BITS:
        return bytes((FINAL_BINARY, length)) + data
    if length < 1 << 16:
        return struct.pack("!BBH", FINAL_BINARY, SEVEN_BITS, length) + data
    return struct.pack("!BBQ", FINAL_BINARY, SEVEN_BITS + 1, length) + data


class Listener:
    """One player's line."""

    def __init__(self, socket: web.WebSocketResponse, verdict: Verdict) -> None:
        self.incoming = Incoming(socket)
        self._socket, self._transport, self._verdict = socket, transport_of(socket), verdict
        self._granted_until = 0.0
        self._asking: asyncio.Task[None] | None = None
        self._next: bytes | None = None

    def give(self, message: bytes) -> None:
        """Push a message, framed already, if this one still may have it."""
        self._next = message
        if self.is_admitted():
            self._send()

    def is_admitted(self) -> bool:
        """Whether it may have what is pushed; where that is not known it is asked, beside."""
        if self._verdict.is_granted or time.monotonic() < self._granted_until:
            return True
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        return False

    async def _ask(self) -> None:
        try:
            await self._verdict.ask(again=True)
        except (NotSignedIn, NotFound):
            self.incoming.end(Close.NO_CLASS)
        except TongkeError:
            # A database that is away: asked again with the next one.
            return
        except Exception:
            _log.exception("right-not-asked")
        else:
            if not self._verdict.is_granted:
                self._granted_until = time.monotonic() + LOOK_S
            self._send()

    def _send(self) -> None:
        """Past aiohttp, which would frame it anew for each."""
        message, self._next = self._next, None
        is_over = self.incoming.ended_with is not None or self._socket.closed
        if message is None or is_over or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() <= MOST_UNREAD_BYTES:
            self._transport.write(message)

    async def until_it_ends(self) -> None:
        """Whoever says anything is no player of ours, and would only keep us busy."""
        began, answers = time.monotonic(), 0
        async for message in self.incoming:
            answers += 1
            most = MOST_ANSWERS + (time.monotonic() - began) / HEARTBEAT_S
            if message.type is not WSMsgType.PONG or answers > most:
                self.incoming.end(Close.DAMAGED)

    def close(self) -> None:
        if self._asking is not None:
            self._asking.cancel()


class Pushing:
    """To all who have a line for one rendition of a class, while there are any."""

    def __init__(self, app: web.Application, broadcast: Broadcast, name: str) -> None:
        self._app, self._broadcast, self._name = app, broadcast, name
        self._listeners = set[Listener]()
        self._pushing: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._gave_at = 0.0

    async def serve(self, listener: Listener) -> None:
        """Push to one until its line ends."""
        self._listeners.add(listener)
        playlist = self._broadcast.streams[self._name].playlist
        if self._pushing is None or self._pushing.done():
            self._pushing = asyncio.create_task(self._push(playlist.edge))
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        try:
            if playlist.latest is not None:
                listener.give(self._now())
            await listener.until_it_ends()
        finally:
            listener.close()
            self._listeners.discard(listener)

    @property
    def is_idle(self) -> bool:
        return not self._listeners

    def close(self) -> None:
        for task in (self._pushing, self._looking):
            if task is not None:
                task.cancel()

    def _now(self) -> bytes:
        return framed(rendered(self._app, self._broadcast, self._name, skip=True).packed)

    async def _push(self, pushed: LiveEdge) -> None:
        """`pushed`: what all have already."""
        # Asked for, it is the whole of it that is there then, or goes on in another process.
        code: int = WSCloseCode.SERVICE_RESTART
        try:
            while not self._broadcast.has_ended:
                playlist = listed(self._broadcast, self._name)
                if playlist.edge == pushed:
                    # Waits from one part to the next, before any who asks for that.
                    await self._broadcast.news.until(self._name)
                    continue
                pushed = playlist.edge
                await self._give_all(self._now())
        except NotFound:
            code = Close.NO_CLASS
        except Exception:
            _log.exception("playlist-not-pushed")
        for each in self._listeners:
            each.incoming.end(code)

    async def _give_all(self, message: bytes) -> None:
        """Some at a time: the first asks for the part meanwhile, and a proxy keeps it for all."""
        self._gave_at = time.monotonic()
        listeners = list(self._listeners)
        for begin in range(0, len(listeners), AT_ONCE):
            for each in listeners[begin : begin + AT_ONCE]:
                each.give(message)
            await asyncio.sleep(0)

    async def _look(self) -> None:
        """Whoever lost the right has no line, though nothing comes on it. Where something does,
        each is asked about with that."""
        while True:
            await asyncio.sleep(LOOK_S)
            if time.monotonic() - self._gave_at >= LOOK_S:
                for each in self._listeners:
                    each.is_admitted()


# Of each broadcast that is carried here and has lines: by rendition.
PUSHING: Final = web.AppKey("pushing", dict[tuple[Broadcast, str], Pushing])
# How many lines each session has for a class, or each account by its tokens.
LINES: Final = web.AppKey("lines", Counter[tuple[int, str]])


async def playlists(request: web.Request) -> web.WebSocketResponse:
    """A line on which a rendition's playlists come."""
    check_entrance(request)
    name, right = rendition_of(request), await admitted(request)
    # The texts are packed already, once for all.
    socket = LineSocket(
        max_msg_size=MOST_SAID_BYTES, heartbeat=HEARTBEAT_S, compress=False, autoping=False
    )
    await socket.prepare(request)
    try:
        broadcast = await request.app[CARRIER].broadcast(right.number)
        listed(broadcast, name)
    except CarriedElsewhere as elsewhere:
        await relay(request, socket, elsewhere)
    except (NotFound, ClassOver):
        await socket.close(code=Close.NO_CLASS)
    except TongkeError:
        await socket.close(code=WSCloseCode.TRY_AGAIN_LATER)
    else:
        await _serve(request, socket, broadcast, name, right)
    return socket


async def _serve(
    request: web.Request,
    socket: web.WebSocketResponse,
    broadcast: Broadcast,
    name: str,
    right: Verdict,
) -> None:
    pushing, lines = request.app[PUSHING], request.app[LINES]
    key, whose = (broadcast, name), (right.number, right.asked_by)
    if lines[whose] >= MOST_LINES:
        await socket.close(code=WSCloseCode.TRY_AGAIN_LATER)
        return
    found = pushing.setdefault(key, Pushing(request.app, broadcast, name))
    try:
        with counted(lines, whose):
            await found.serve(Listener(socket, right))
    finally:
        if found.is_idle:
            found.close()
            del pushing[key]


def mount(app: web.Application) -> None:
    app[PUSHING], app[LINES] = {}, Counter()
    app.router.add_get("/live/{id}/playlists/{rendition}", playlists)
