"""The socket of a line, which reads no more at a time than others can wait for.

aiohttp bounds what has come by its bytes: of frames that hold nothing thousands lie in its queue,
and more behind them. Whoever takes them from there, to answer pings as well as to wait for the
answer to a `close`, is not suspended while there is another one. Anybody may send such a flood, on
a line that is refused too.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final, Protocol, cast

from aiohttp import WebSocketError, WSMessage, WSMsgType, web
from aiohttp.abc import AbstractStreamWriter

from services.live.access.closing import Close

# Read one after the other, before everybody else has a turn. A dozen chunks of a lesson are checked
# and packed in a few milliseconds.
AT_ONCE: Final = 12
# Pings, answers to our own ones, and messages without a word: a browser says none but the answers,
# of which one is asked for in ten seconds at the most.
MOST_EMPTY: Final = 30
EMPTY_EVERY_S: Final = 0.5
# What is read of a line that was closed from here, until it answers: an end that publishes may have
# some hundreds on their way. Whoever sends more loses the reason.
MOST_AFTER: Final = 2000

_EMPTY: Final = frozenset({WSMsgType.PING, WSMsgType.PONG})
_DATA: Final = frozenset({WSMsgType.TEXT, WSMsgType.BINARY})


class Queue(Protocol):
    """What has come, as aiohttp keeps it."""

    async def read(self) -> WSMessage: ...

    def feed_data(self, data: WSMessage, size: int) -> None: ...

    def set_exception(self, exc: BaseException) -> None: ...


class Reader:
    """Takes from a queue what it holds, in turn with everybody else."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self.feed_data, self.set_exception = queue.feed_data, queue.set_exception
        self._read, self._empty, self._since = 0, 0, time.monotonic()
        self._left: int | None = None

    def throw_rest_away(self) -> None:
        """Nobody wants any more what comes from now on."""
        if self._left is None:
            self._left = MOST_AFTER

    async def read(self) -> WSMessage:
        """The next message; an error in its place where too many were empty.

        Raises:
            WebSocketError: too much comes on a line that is closed.
        """
        self._read += 1
        if self._read % AT_ONCE == 0:
            await asyncio.sleep(0)
        message = await self._queue.read()
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise _too_many()
        elif _is_empty(message) and not self._may_be_empty():
            return WSMessage(WSMsgType.ERROR, _too_many(), None)
        return message

    def _may_be_empty(self) -> bool:
        self._empty += 1
        return self._empty <= MOST_EMPTY + (time.monotonic() - self._since) / EMPTY_EVERY_S


def _too_many() -> WebSocketError:
    return WebSocketError(Close.DAMAGED, "too many frames")


def _is_empty(message: WSMessage) -> bool:
    return message.type in _EMPTY or (message.type in _DATA and not message.data)


class LineSocket(web.WebSocketResponse):
    """aiohttp's, with a reader that gives turns: it has no other place where one could be given."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter:
        was_prepared = self.prepared
        writer = await super().prepare(request)
        if not was_prepared:
            self._reader = cast(Any, Reader(cast(Queue, self._reader)))
        return writer

    async def close(self, *, code: int = 1000, message: bytes = b"", drain: bool = True) -> bool:
        if self._reader is not None:
            cast(Reader, self._reader).throw_rest_away()
        return await super().close(code=code, message=message, drain=drain)
