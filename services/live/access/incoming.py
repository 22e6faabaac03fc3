"""What comes on a line, for the one task that reads it; any other may end the line, with a reason.

aiohttp's `close` ends the transport at once when it is called beside the task that reads. What the
other end was sending is unread then, so that TCP resets the line and the reason is lost on the way:
a browser sees a break, and comes back. So the task that reads says why itself, and goes on reading
until it is answered.

That task may be waiting for an end that reads nothing, which no reason reaches. From the moment
that a line is ended nothing more is told on it, and it is broken off where it does not end
(`unread`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from aiohttp import WSMessage, WSMsgType, web

from services.live.access.closing import Close
from services.live.access.unread import Watch

_ENDED: Final = frozenset({WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED})


def _nothing() -> None:
    pass


class Incoming:
    """The messages of a line until one of its ends has closed it, or was asked to. Over, the line
    is closed."""

    def __init__(
        self, socket: web.WebSocketResponse, at_end: Callable[[], object] = _nothing
    ) -> None:
        """`at_end` is called when the line is ended from here: before it is closed."""
        self._socket = socket
        self._at_end = at_end
        self._watch = Watch(transport_of(socket))
        self._waits: asyncio.Timeout | None = None
        # With which code this end was asked to close it.
        self.ended_with: int | None = None

    def end(self, code: int) -> None:
        """Have the line closed with `code`, and no more read or told; of several codes the first is
        said. What came and was not read yet is lost to us, as if the line had broken."""
        if self.ended_with is None:
            self.ended_with = code
            self._at_end()
            self._watch.send_away()
            if self._waits is not None:
                self._waits.reschedule(asyncio.get_running_loop().time())

    async def say(self, text: str) -> None:
        """Tell the other end something, unless the line was ended.

        Raises:
            ConnectionError: it broke.
        """
        if self.ended_with is None:
            await self._socket.send_str(text)

    def __aiter__(self) -> Incoming:
        return self

    async def __anext__(self) -> WSMessage:
        if self.ended_with is None:
            message = await self._next()
            if message is not None and message.type is WSMsgType.ERROR and not self._socket.closed:
                # Not aiohttp's, which closes it first: there was too much without a word.
                self.end(Close.DAMAGED)
            elif message is not None and message.type not in _ENDED:
                return message
        if self.ended_with is not None:
            await self._close(self.ended_with)
        raise StopAsyncIteration

    async def _next(self) -> WSMessage | None:
        """The next message; none where the line is to end first, or broke while a ping was
        answered."""
        try:
            async with asyncio.timeout(None) as self._waits:
                return await self._socket.receive()
        except (TimeoutError, ConnectionError):
            return None
        finally:
            self._waits = None

    async def _close(self, code: int) -> None:
        """Sent at once; then it waits for the answer, for ten seconds at most."""
        try:
            await self._socket.close(code=code)
        except asyncio.CancelledError:
            # Whoever waits in aiohttp until enough was read waits for one future: once a task was
            # cancelled there, as by `end` in the answer to a ping, it is cancelled for the next.
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise


def transport_of(socket: web.WebSocketResponse) -> asyncio.Transport:
    """Under an open line: aiohttp shows it to nobody."""
    writer = socket._writer
    if writer is None:
        raise RuntimeError("this line is not open")
    return writer.transport
