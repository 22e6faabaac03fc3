"""Breaks a line off whose other end takes nothing, or has not gone when it should have.

A line is told things by several tasks, aiohttp's own among them, and each of them waits until the
other end has read enough. That has no end where it reads nothing, and neither its word (any byte is
a sign of life) nor `close` ends it: a transport that is closed waits until all was taken. Broken
off, it wakes whoever waits.
"""

from __future__ import annotations

import asyncio
from typing import Final

# Of thousands of lines each look is felt.
LOOK_S: Final = 2.0
# How often in a row it is found that nothing was taken. Looks and not seconds: while this process
# stands still, nothing is written either. On a thin line the state of a class takes longer than
# that to come, but some of it comes all the time.
STUCK_LOOKS: Final = 5
# How often it is looked whether who was told to go has gone: for as long as `close` waits for an
# answer.
LEAVING_LOOKS: Final = 5


class Unread:
    """What waits for the other end, looked at again and again."""

    def __init__(self, enough: int) -> None:
        """`enough`: with how many bytes left nobody waits."""
        self._enough = enough
        self._least, self._looks = 0, 0

    def is_stuck(self, unread: int) -> bool:
        """Whether nothing of it is taken any more, of so many bytes now."""
        if unread <= self._enough:
            self._looks = 0
        elif not self._looks or unread < self._least:
            self._least, self._looks = unread, 1
        else:
            self._looks += 1
        return self._looks > STUCK_LOOKS


class Watch:
    """Of one line, from its beginning until its transport is gone."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        low, _ = transport.get_write_buffer_limits()
        self._unread = Unread(low)
        self._looks_left: int | None = None
        self._look()

    def send_away(self) -> None:
        """Break the line off, unless it goes by itself before long."""
        if self._looks_left is None:
            self._looks_left = LEAVING_LOOKS

    def _look(self) -> None:
        unread = self._transport.get_write_buffer_size()
        if self._transport.is_closing():
            if not unread:
                return
            self.send_away()
        if self._looks_left == 0 or self._unread.is_stuck(unread):
            self._transport.abort()
            return
        if self._looks_left is not None:
            self._looks_left -= 1
        asyncio.get_running_loop().call_later(LOOK_S, self._look)
