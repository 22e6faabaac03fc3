"""The lines that clients open to the web process. What nginx bounds, is bounded here where none
stands before it: anybody could else open lines without end, ask, and read nothing.

aiohttp and asyncio have no time limit on sending, and a line that is read by nobody has nothing
that wakes its process. So all lines are looked at now and then, by what the kernel says the other
side has confirmed. TCP_USER_TIMEOUT would need no looking, but it also cuts who reads slowly: a
window that opens by less than the next packet is to it one that stays shut.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
import sys
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, cast

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from tongke.cli.nginx.proxy import CONNECTIONS_OF_ONE_ADDRESS, HEADER_LIMIT_S
from tongke.people import throttle

# Longer than nginx and most balancers keep an idle line, so that it is they who close it.
KEEPALIVE_S = 75.0
# What the kernel takes of an answer beyond what is on its way: left to itself, up to 4 MB a line.
# What is on its way has no bound by this, so that a far line is as fast as it was; and a process
# that comes back to its lines every 2 ms fills 60 MB/s into one.
UNSENT_BYTES = 128 * 1024
# Of a line that loses packets cubic, which most systems have, takes every loss for too much: at 5 %
# and 200 ms it carries half a Mbit/s, and no lesson. Used where the kernel has it and lets us.
CONGESTION = b"bbr"
# How many may wait to be accepted.
BACKLOG = 128

# To look at a line takes some 20 µs: so many, and then it is others' turn.
AT_ONCE = 25

_log = structlog.get_logger("tongke.web")


@dataclass(frozen=True)
class Bounds:
    """`unread_looks` looks, one every `look_every_s`, without a byte confirmed of what waits, and a
    line is cut. Looks and not seconds, so that a machine that was asleep cuts nobody."""

    of_one_address: int
    handshake_s: float
    look_every_s: float
    unread_looks: int


# nginx's own: its `send_timeout` is 60 s.
BOUNDS = Bounds(
    of_one_address=CONNECTIONS_OF_ONE_ADDRESS,
    handshake_s=HEADER_LIMIT_S,
    look_every_s=10.0,
    unread_looks=6,
)


class Lines:
    """Those that are open. Behind a proxy (`bounds` is None) all are the proxy's, which bounds its
    own clients, and may itself hold back a moment for one of them."""

    def __init__(self, bounds: Bounds | None) -> None:
        self._bounds = bounds
        self._open: set[Line] = set()
        # In the order in which one is looked for that may give way.
        self._of_address: dict[str, dict[Line, None]] = {}
        # Whose excess stands in the log already.
        self._told: set[str] = set()

    def admit(self, line: Line) -> bool:
        """Whether its address may have one more. A browser keeps lines that it may need again: of
        an address that has all it may, one on which nothing goes on gives way."""
        others = self._of_address.setdefault(line.network, {})
        if self._bounds and len(others) >= self._bounds.of_one_address and not _make_room(others):
            self._tell_once(line.network)
            return False
        others[line] = None
        self._open.add(line)
        return True

    def forget(self, line: Line) -> None:
        self._open.discard(line)
        others = self._of_address.get(line.network, {})
        others.pop(line, None)
        if not others:
            self._of_address.pop(line.network, None)
            self._told.discard(line.network)

    def _tell_once(self, network: str) -> None:
        if network not in self._told:
            self._told.add(network)
            _log.warning("too-many-lines", address=network)

    async def listen(
        self, server: web.Server, host: str, port: int, tls: ssl.SSLContext | None
    ) -> asyncio.Server:
        """Raises OSError."""
        listener = await asyncio.get_running_loop().create_server(
            lambda: Line(server, self),
            host,
            port,
            backlog=BACKLOG,
            ssl=tls,
            ssl_handshake_timeout=self._bounds.handshake_s if tls and self._bounds else None,
            start_serving=False,
        )
        if sys.platform == "linux":
            for listening in listener.sockets:
                # What it accepts is as it is.
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
                with contextlib.suppress(OSError):
                    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, CONGESTION)
        await listener.start_serving()
        return listener

    async def watch(self) -> None:
        """Cut whose answers nobody reads, until it is cancelled."""
        if self._bounds is None:
            return
        while True:
            await asyncio.sleep(self._bounds.look_every_s)
            cut = 0
            for number, line in enumerate(list(self._open), 1):
                if line.looks_unread() >= self._bounds.unread_looks:
                    line.cut()
                    cut += 1
                if number % AT_ONCE == 0:
                    await asyncio.sleep(0)
            if cut:
                _log.info("unread-lines-cut", count=cut)


def _make_room(lines: dict[Line, None]) -> bool:
    """Whether one of an address's lines gives way. Who is passed over is asked last next time."""
    for line in list(islice(lines, AT_ONCE)):
        del lines[line]
        if line.is_idle:
            line.close()
            return True
        lines[line] = None
    return False


class Line(web.RequestHandler):
    """One line, as aiohttp serves it; what goes on there, and for how long nothing was taken."""

    __slots__ = ("_confirmed_bytes", "_lines", "_looks", "_transport", "is_asked", "network")

    def __init__(self, server: web.Server, lines: Lines) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type]  # None is for none
            keepalive_timeout=KEEPALIVE_S,
            # What is packed is refused (`services.http.packed`).
            auto_decompress=False,
        )
        self._lines = lines
        self._confirmed_bytes = self._looks = 0
        self.is_asked = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # aiohttp lets go of its own when it closes, which is before all is sent.
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        # Who has gone already has none.
        self.network = throttle.network(peer[0]) if peer else ""
        if self._lines.admit(self):
            super().connection_made(transport)
        else:
            self.cut()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._lines.forget(self)
        super().connection_lost(exc)

    @property
    def is_idle(self) -> bool:
        """Nothing is asked or on its way: closed, a browser misses nothing."""
        if self.is_asked:
            return False
        sent = _sent(self._transport)
        return sent is None or not sent.is_waiting

    def looks_unread(self) -> int:
        """How many looks in a row, this one included, found something waiting and nothing taken."""
        sent = _sent(self._transport)
        if sent is None:
            return 0
        is_unread = sent.is_waiting and sent.confirmed_bytes == self._confirmed_bytes
        self._confirmed_bytes = sent.confirmed_bytes
        self._looks = self._looks + 1 if is_unread else 0
        return self._looks

    def cut(self) -> None:
        """End it now, and with it what the kernel has of it."""
        wire = self._transport.get_extra_info("socket")
        if wire is not None:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()


@web.middleware
async def asked(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Has a line know that it is asked something."""
    line = request.protocol
    assert isinstance(line, Line)
    line.is_asked = True
    try:
        return await handler(request)
    finally:
        line.is_asked = False


class _Sent(NamedTuple):
    is_waiting: bool
    confirmed_bytes: int


# `struct tcp_info` of Linux (include/uapi/linux/tcp.h): tcpi_unacked, tcpi_bytes_acked and
# tcpi_notsent_bytes. What waits in the process does so because there is some in the kernel.
_TCP_INFO = struct.Struct("=24xI92xQ16xI")


def _sent(transport: asyncio.Transport) -> _Sent | None:
    """None for a line that is gone, and where the kernel is not asked this way."""
    wire = transport.get_extra_info("socket")
    if wire is None or sys.platform != "linux":
        return None
    try:
        told = wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size)
    except (OSError, ValueError):
        # Closed: asyncio raises the one, uvloop the other.
        return None
    unconfirmed_packets, confirmed_bytes, unsent_bytes = _TCP_INFO.unpack(told)
    return _Sent(bool(unconfirmed_packets or unsent_bytes), confirmed_bytes)
