"""An encoder that stays between two pipes: a lesson goes in as it comes, and comes out a little
later."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from typing import Final

from tongke.media.errors import FfmpegFailed

# A lesson that was never ended is ended by its own rules long before.
LONGEST_S: Final = 86_400.0
_READ_BYTES: Final = 2**16


class Encoder:
    """Takes fragmented MP4, gives what it was started for."""

    def __init__(self, child: Process, said: asyncio.Task[str]) -> None:
        assert child.stdin is not None
        assert child.stdout is not None
        self._said = said
        self._in, self._out = child.stdin, child.stdout

    async def write(self, data: bytes) -> None:
        """Raises FfmpegFailed: it has ended."""
        try:
            self._in.write(data)
            await self._in.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise FfmpegFailed(await self._said) from None

    async def read(self) -> AsyncIterator[bytes]:
        """What comes out, until it has ended."""
        while data := await self._out.read(_READ_BYTES):
            yield data

    def end(self) -> None:
        """Nothing more comes: let it give what it still has."""
        self._in.close()
