"""What comes on a line, for the one task that reads it; any other may end the line, with a reason.

aiohttp's `close` ends the transport at once when it is called beside the task that reads. What the
other end was sending is unread then, so that TCP resets the line and the reason is lost on the way:
a browser sees a break, and comes back. So the task that reads says why itself, and goes on reading
until it is answered.
"""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import WSMessage, WSMsgType, web

_ENDED: Final = frozenset({WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED})


class Incoming:
    """The messages of a line until one of its ends has closed it, or was asked to. Over, the line
    is closed."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket
        self._waits: asyncio.Timeout | None = None
        # With which code this end was asked to close it.
        self.ended_with: int | None = None

    def end(self, code: int) -> None:
        """Have the line closed with `code`, and no more read; of several codes the first is told.
        What came and was not read yet is lost to us, as if the line had broken."""
        if self.ended_with is None:
            self.ended_with = code
            if self._waits is not None:
                self._waits.reschedule(asyncio.get_running_loop().time())

    def __aiter__(self) -> Incoming:
        return self

    async def __anext__(self) -> WSMessage:
        if self.ended_with is None:
            message = await self._next()
            if message is not None and message.type not in _ENDED:
                return message
        if self.ended_with is not None:
            # Sent at once; then it waits for the answer, for ten seconds at most.
            await self._socket.close(code=self.ended_with)
        raise StopAsyncIteration

    async def _next(self) -> WSMessage | None:
        """The next message; none where the line is to end first."""
        try:
            async with asyncio.timeout(None) as self._waits:
                return await self._socket.receive()
        except TimeoutError:
            return None
        finally:
            self._waits = None
