"""Follows a class: hears what other processes say of it, and reads its log when there is more.

The log is read by a task of its own. A database that is away keeps nothing from being heard: which
processes live is known by what they say (`presence`), and the ends of a talk go on hearing each
other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from pydantic import ValidationError

from services.live.signalling.classroom import Classroom
from tongke.errors import TongkeError
from tongke.storage.bus.port import Bus, Message

_log = structlog.get_logger("tongke.live")

# A database that is away is asked again.
AGAIN_AFTER_S: Final = 1.0
# What was written before a word was said is read before the word is heard: a room is called up, and
# then spoken to. A database that takes longer is waited for no more.
IN_ORDER_S: Final = 1.0


async def follow(bus: Bus, found: Classroom) -> None:
    """Read on whenever another process says that there is more, or may have said it."""
    hear = {each.channel: each.hear for each in (found.talk, found.stills, found.presence)}
    log = Reading(found.catch_up)
    try:
        async with bus.subscribe(found.channel, *hear) as heard:
            async for word in heard:
                if isinstance(word, Message) and word.channel in hear:
                    _hear(hear[word.channel], word.data)
                    continue
                if not isinstance(word, Message):
                    found.presence.follow(word)
                await log.read_on()
    finally:
        log.stop()


class Reading:
    """Reads a log to its end, as often as there is more."""

    def __init__(self, catch_up: Callable[[], Awaitable[None]]) -> None:
        self._catch_up = catch_up
        self._is_more = False
        self._task: asyncio.Task[None] | None = None

    async def read_on(self) -> None:
        """There may be more. Returns when it is read, or that takes long and goes on by itself."""
        self._is_more = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._read())
            await asyncio.wait({self._task}, timeout=IN_ORDER_S)

    async def _read(self) -> None:
        while self._is_more:
            self._is_more = False
            await self._until_read()

    async def _until_read(self) -> None:
        """A database that is away for a moment does not end the following, nor does a fault."""
        while True:
            try:
                await self._catch_up()
            except TongkeError as error:
                _log.warning("log-not-read", code=error.code)
            except Exception:
                _log.exception("log-not-read")
            else:
                return
            await asyncio.sleep(AGAIN_AFTER_S)

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()


def _hear(hear: Callable[[bytes], None], said: bytes) -> None:
    """One word that cannot be understood does not end the following."""
    try:
        hear(said)
    except ValidationError:
        # Of a process of another version, while one takes the other's place.
        return
    except Exception:
        _log.exception("word-not-heard")
