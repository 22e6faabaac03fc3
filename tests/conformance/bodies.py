"""What the suites of the objects port send, and how they read what is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Protocol

from tongke.storage.objects.port import AppendableObjects, ObjectStore

BINARY = "application/octet-stream"


class Store(ObjectStore, AppendableObjects, Protocol):
    """An adapter with both faces."""


class LineLost(Exception):
    """What a dropped connection raises in the middle of a body."""


async def sent(*chunks: bytes, then: BaseException | None = None) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    if then is not None:
        raise then


async def content(store: ObjectStore, key: str, start: int = 0, length: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in store.read(key, start, length)])


async def keys(store: ObjectStore, prefix: str = "") -> list[str]:
    return [info.key async for info in store.list(prefix)]


async def put_all(store: ObjectStore, names: Iterable[str]) -> None:
    for name in names:
        await store.put(name, sent(name.encode()), BINARY)


class Gate:
    """A body that stops after its first chunk until it is let go."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.released = asyncio.Event()

    async def chunks(self) -> AsyncIterator[bytes]:
        # More than any adapter's batch, so that the writer has begun when the test goes on.
        yield b"a" * 3 * 2**20
        self.begun.set()
        await self.released.wait()
        yield b"b"
