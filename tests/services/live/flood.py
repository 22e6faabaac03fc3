"""Frames that hold nothing, tens of thousands at once, and how the service reads them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from aiohttp import ClientWebSocketResponse, WSMessage, WSMsgType

from services.live.access.line_socket import AT_ONCE, Reader

# Six bytes each: what is read from a line at once.
MANY = 40_000


def flood(there: ClientWebSocketResponse, kind: WSMsgType) -> None:
    """In one write, past aiohttp's client."""
    transport_of(there).write((bytes([0x80 | kind, 0x80]) + bytes(4)) * MANY)


def transport_of(there: ClientWebSocketResponse) -> asyncio.Transport:
    connection = there._response.connection
    assert connection is not None
    assert isinstance(connection.transport, asyncio.Transport)
    return connection.transport


class Reads:
    """How many frames were read, as everybody else sees it at each of their turns."""

    def __init__(self) -> None:
        self.count = 0
        self._seen = [0]

    async def look(self) -> None:
        while True:
            self._seen.append(self.count)
            await asyncio.sleep(0)

    @property
    def most_at_once(self) -> int:
        return max(after - before for before, after in pairwise([*self._seen, self.count]))

    def were_few_at_a_time(self) -> None:
        """Others had their turns, and most of the flood was never read."""
        assert self.most_at_once <= AT_ONCE
        assert 0 < self.count < MANY // 2


@asynccontextmanager
async def counted_reads(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Reads]:
    """Of all lines."""
    reads, read = Reads(), Reader.read

    async def counted(reader: Reader) -> WSMessage:
        message = await read(reader)
        reads.count += 1
        return message

    monkeypatch.setattr(Reader, "read", counted)
    looking = asyncio.create_task(reads.look())
    try:
        yield reads
    finally:
        looking.cancel()
