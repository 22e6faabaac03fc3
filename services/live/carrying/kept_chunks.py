"""The journal of a class that this process carries: which chunks are on its disk.

Only what is there is acknowledged; until then the publisher keeps it. A lesson goes on while the
disk is slow, until too much waits for it; and on a disk that is full or fails, where nothing is
kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from tongke.live import allowance
from tongke.live.allowance import weight
from tongke.live.durable import Durable
from tongke.live.wire import Chunk, Configuration, configuration, decode
from tongke.storage.journal import Journal, SharedJournal, records
from tongke.storage.space import LOOK_EVERY_BYTES

_log = structlog.get_logger("tongke.live")

# Beside a class's journal: that of an earlier class of its number.
EARLIER = "earlier-journal"

HasSpace = Callable[[], Awaitable[bool]]

# How often a disk that was full, or failed, is looked at while nothing comes.
LOOK_EVERY_S = 5.0
# What is sent again comes after a break, and the picture stands still for it: of a disk that fails
# now and then it is waited for that it has not failed for so long.
CALM_S = 30.0


class KeptChunks:
    """The chunks of one class that are durable, and those on their way."""

    def __init__(
        self,
        journal: Journal,
        durable: Durable,
        last_stream: int,
        written: int,
        *,
        has_space: HasSpace,
    ) -> None:
        """`written`: what the chunks of the journal count for."""
        self._journal = SharedJournal(journal)
        self.durable = durable
        # The last whose configuration is durable; -1 for none. A publisher sends later ones again.
        self.last_stream = last_stream
        # Configurations that could not be written: nothing can be made of chunks without theirs.
        self._unkept: list[tuple[bytes, Configuration]] = []
        # Of the chunks that came so far, on their way to the disk or there.
        self.highest = durable.highest
        # Set whenever more is durable; whoever acknowledges clears it.
        self.more = asyncio.Event()
        # Set when something was written after what was left out.
        self._again = asyncio.Event()
        self._has_left_out = False
        # Whether what was tried last could not be written; and a chunk that could not, to try with.
        self._fails = False
        self._failed: tuple[bytes, Chunk] | None = None
        self._failed_at = float("-inf")
        self._writing: set[asyncio.Task[None]] = set()
        self._written, self._under_way = written, 0
        self._fewer = asyncio.Event()
        self._has_space, self._is_full, self._unseen = has_space, False, LOOK_EVERY_BYTES

    @classmethod
    async def open(cls, path: Path, has_space: HasSpace, *, began_us: int) -> KeptChunks:
        """With what an earlier process has written of the class that began then."""
        return cls(*await asyncio.to_thread(_opened, path, began_us), has_space=has_space)

    @property
    def taken(self) -> int:
        """What all chunks count for, those on their way included."""
        return self._written + self._under_way

    async def until_room(self) -> None:
        """Wait until so little is on its way that more may come; see whether the disk has space."""
        while self._under_way > allowance.MOST_UNDER_WAY:
            self._fewer.clear()
            await self._fewer.wait()
        if self._unseen >= LOOK_EVERY_BYTES:
            is_full = not await self._has_space()
            if is_full and not self._is_full:
                _log.error("no-space-for-chunks")
            self._is_full = is_full
            # A full disk is looked at again with each chunk.
            self._unseen = LOOK_EVERY_BYTES if is_full else 0

    def configure(self, found: Configuration, text: str) -> None:
        """Have a configuration written, of which `text` is what the publisher sent."""
        self._begin_unkept()
        self._begin(text.encode(), found)

    def keep(self, chunk: Chunk, message: bytes) -> None:
        """Have a chunk written, of which `message` is what the publisher sent. Where there is no
        space it is left out, and not acknowledged."""
        self.highest = max(self.highest, chunk.number)
        if self._is_full:
            self._has_left_out = True
            return
        self._unseen += len(message)
        self._begin_unkept()
        self._begin(message, chunk)

    def _begin_unkept(self) -> None:
        unkept, self._unkept = self._unkept, []
        for record, found in unkept:
            self._begin(record, found)

    def _begin(self, record: bytes, came: Chunk | Configuration) -> None:
        self._under_way += weight(record)
        task = asyncio.create_task(self._write(record, came))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _write(self, record: bytes, came: Chunk | Configuration) -> None:
        try:
            await self._journal.append(record)
        except OSError:
            # Not acknowledged, it stays in the browser, which sends it again after a break.
            if not self._fails:
                _log.exception("chunk-not-kept")
            self._fails, self._failed_at = True, time.monotonic()
            if isinstance(came, Configuration):
                self._unkept.append((record, came))
            else:
                self._failed = record, came
            return
        finally:
            self._under_way -= weight(record)
            self._fewer.set()
        self._written += weight(record)
        self._fails = False
        if isinstance(came, Configuration):
            self.last_stream = came.stream
            return
        self.durable.add(came.number)
        self.more.set()
        if self._has_left_out:
            self._again.set()

    async def until_kept_again(self) -> None:
        """Wait until what was left out from now on can be kept, if it is sent again. A publisher
        that has sent all it has sends nothing by which that would be seen: then it is looked every
        few seconds whether a full disk has space, and whether one that failed takes anything."""
        self._again.clear()
        self._has_left_out, self._failed = False, None
        while not await self._can_keep_again():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._again.wait()

    async def _can_keep_again(self) -> bool:
        if self._failed is not None:
            self._again.clear()
            if self._fails and not self._writing:
                self._begin_unkept()
                self._begin(*self._failed)
            return not self._fails and time.monotonic() - self._failed_at > CALM_S
        return self._again.is_set() or (self._has_left_out and await self._has_space())

    async def close(self) -> None:
        """All that came is durable, or is not acknowledged."""
        if self._writing:
            await asyncio.wait(self._writing)
        await self._journal.close()


def _opened(path: Path, began_us: int) -> tuple[Journal, Durable, int, int]:
    """Reads it whole: some hundred megabytes, so not on the event loop.

    A restored database gives numbers again that classes had before: the journal of such a class has
    chunks, and all of them are from before this one began. It is put aside, and goes with the
    folder."""
    durable, last_stream, written, newest_us = Durable(), -1, 0, None
    for record in records(path):
        written += weight(record)
        if record.startswith(b"{"):
            last_stream = max(last_stream, configuration(record.decode()).stream)
        else:
            chunk = decode(record)
            durable.add(chunk.number)
            newest_us = max(chunk.at_us, newest_us or chunk.at_us)
    if newest_us is not None and newest_us < began_us:
        _log.warning("journal-put-aside", path=str(path))
        path.replace(path.with_name(EARLIER))
        return Journal(path), Durable(), -1, 0
    return Journal(path), durable, last_stream, written
