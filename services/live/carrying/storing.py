"""Whole segments of a class on their way to the store, and the newest of them still at hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from tongke.live.stream import Whole

# So many of each rendition are kept here for those who are a little behind: of all together no more
# than this, since how long a segment is only its publisher says. A minute of 6 Mbit/s.
SEGMENTS_KEPT: Final = 15
MOST_KEPT_BYTES: Final = 48 * 2**20

_log = structlog.get_logger("tongke.live")

Store = Callable[[str, Whole], Awaitable[None]]


class Storing:
    """Stores them one after the other, as they come; on one event loop."""

    def __init__(self, store: Store, renditions: int) -> None:
        self._store, self._most_kept = store, SEGMENTS_KEPT * renditions
        # By rendition and name, as they came; the last of them are `_waiting`.
        self._kept: dict[tuple[str, str], bytes] = {}
        self._kept_bytes = 0
        self._waiting: asyncio.Queue[tuple[str, Whole]] = asyncio.Queue()
        self._running = asyncio.create_task(self._run())

    def add(self, rendition: str, whole: Whole) -> None:
        self._kept[rendition, whole.segment.name] = whole.data
        self._kept_bytes += len(whole.data)
        self._waiting.put_nowait((rendition, whole))

    def get(self, rendition: str, name: str) -> bytes | None:
        """A segment that is still here."""
        return self._kept.get((rendition, name))

    async def until_all_are_stored(self) -> None:
        await self._waiting.join()

    async def close(self) -> None:
        self._running.cancel()
        # Its thread may be in the middle of a segment, and needs what is closed after us.
        await asyncio.wait([self._running])

    async def _run(self) -> None:
        while True:
            rendition, whole = await self._waiting.get()
            try:
                await self._store(rendition, whole)
            except Exception:
                # Those after it are stored, and this one is made anew when the class has ended.
                _log.exception("segment-not-stored", rendition=rendition)
            finally:
                self._waiting.task_done()
            self._forget()

    def _forget(self) -> None:
        """The oldest, of what can be had from the store."""
        stored = len(self._kept) - self._waiting.qsize()
        for old in list(self._kept)[:stored]:
            if len(self._kept) <= self._most_kept and self._kept_bytes <= MOST_KEPT_BYTES:
                return
            self._kept_bytes -= len(self._kept.pop(old))
