"""Small chunks from a socket, gathered so that each trip to a thread or a store is worth it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator


class Batches:
    """The bytes of `chunks` in pieces of at least `at_least` bytes; the last may be smaller.

    A source that breaks ends the iteration instead of raising, so that the bytes it gave before
    come out first; `failure` then holds what broke it (a cancellation too), for the caller to
    raise once those bytes are safe.
    """

    def __init__(self, chunks: AsyncIterable[bytes], at_least: int) -> None:
        self._chunks = chunks
        self._at_least = at_least
        self._held: list[bytes] = []
        self.failure: BaseException | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        source = aiter(self._chunks)
        while await self._fill(source):
            yield self._take()
        if self._held:
            yield self._take()

    async def _fill(self, source: AsyncIterator[bytes]) -> bool:
        """Gather one batch; False when the source gives no more."""
        size = 0
        try:
            while size < self._at_least:
                chunk = await anext(source)
                self._held.append(chunk)
                size += len(chunk)
        except StopAsyncIteration:
            return False
        except (Exception, asyncio.CancelledError) as failure:
            self.failure = failure
            return False
        return True

    def _take(self) -> bytes:
        batch = b"".join(self._held)
        self._held.clear()
        return batch
