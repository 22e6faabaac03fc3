"""The journal of a class that this process carries: which chunks are on its disk.

Only what is there is acknowledged; until then the publisher keeps it. Writing is waited for by
nobody else: a lesson goes on while the disk is slow.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from tongke.live.durable import Durable
from tongke.live.wire import Chunk, Configuration, configuration, decode
from tongke.storage.journal import Journal, SharedJournal, records

_log = structlog.get_logger("tongke.live")


class KeptChunks:
    """The chunks of one class that are durable, and those on their way."""

    def __init__(self, journal: Journal, durable: Durable, last_stream: int) -> None:
        self._journal = SharedJournal(journal)
        self.durable = durable
        # The last that a publisher configured; -1 for none.
        self.last_stream = last_stream
        # Of the chunks that came so far, on their way to the disk or there.
        self.highest = durable.highest
        # Set whenever more is durable; whoever acknowledges clears it.
        self.more = asyncio.Event()
        self._writing: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(cls, path: Path) -> KeptChunks:
        """With what an earlier process has written."""
        return cls(*await asyncio.to_thread(_opened, path))

    def configure(self, found: Configuration, text: str) -> None:
        """Have a configuration written, of which `text` is what the publisher sent."""
        self.last_stream = found.stream
        self._begin(text.encode(), None)

    def keep(self, chunk: Chunk, message: bytes) -> None:
        """Have a chunk written, of which `message` is what the publisher sent."""
        self.highest = max(self.highest, chunk.number)
        self._begin(message, chunk.number)

    def _begin(self, record: bytes, number: int | None) -> None:
        task = asyncio.create_task(self._write(record, number))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _write(self, record: bytes, number: int | None) -> None:
        try:
            await self._journal.append(record)
        except OSError:
            # Not acknowledged, it stays in the browser, which sends it again after a break.
            _log.exception("chunk-not-kept")
            return
        if number is not None:
            self.durable.add(number)
            self.more.set()

    async def close(self) -> None:
        """All that came is durable, or is not acknowledged."""
        if self._writing:
            await asyncio.wait(self._writing)
        await self._journal.close()


def _opened(path: Path) -> tuple[Journal, Durable, int]:
    """Reads it whole: some hundred megabytes, so not on the event loop."""
    durable, last_stream = Durable(), -1
    for record in records(path):
        if record.startswith(b"{"):
            last_stream = max(last_stream, configuration(record.decode()).stream)
        else:
            durable.add(decode(record).number)
    return Journal(path), durable, last_stream
