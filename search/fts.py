"""The embedded engine: SQLite FTS5 in a file of its own. An adapter of `search.index`.

Every process that opens the file may read and write it. Calls are answered on threads: one writes,
a few read, each with a connection. Nothing is opened and no thread started before the first call,
so an index may be made before a process forks, and used after.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Callable,
    Collection,
    Iterable,
    Mapping,
)
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TypeVar

from search import fts_read, fts_suggest, fts_tables, fts_write
from search.answer import Request
from search.fts_find import Snapshot
from search.index import Document, IndexHealth, IndexUnavailable, Page, Sort, Suggestion
from search.query import Query, Vocabulary
from search.suggest import Prefix

# Counting and ranking hold Python's lock; the others wait for the disk.
READERS = 4

# Documents in one transaction: some tenths of a second, after which other writers get their turn.
BATCH = 200

VERSIONS_READ_AT_ONCE = 5000

Result = TypeVar("Result")


class _Pool:
    """Threads that each borrow a connection; connections are opened when needed and kept."""

    def __init__(self, path: Path, size: int, *, writing: bool) -> None:
        self._path = path
        self._writing = writing
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="search")
        self._idle: SimpleQueue[sqlite3.Connection] = SimpleQueue()

    async def run(self, call: Callable[[sqlite3.Connection], Result]) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._call, call)

    def _call(self, call: Callable[[sqlite3.Connection], Result]) -> Result:
        try:
            connection = self._borrow()
            try:
                return call(connection)
            finally:
                self._idle.put(connection)
        except sqlite3.DatabaseError as error:
            raise IndexUnavailable from error

    def _borrow(self) -> sqlite3.Connection:
        try:
            return self._idle.get_nowait()
        except Empty:
            return fts_tables.connect(self._path, writing=self._writing)

    def close(self) -> None:
        self._threads.shutdown(wait=True)
        while not self._idle.empty():
            self._idle.get().close()


class FtsIndex:
    """`SearchIndex` on the file at `path`, which is made when it is missing."""

    def __init__(self, path: Path) -> None:
        self._snapshot = Snapshot()
        self._snapshot_lock = threading.Lock()
        self._readers = _Pool(path, READERS, writing=False)
        self._writer = _Pool(path, 1, writing=True)

    async def upsert(self, documents: Iterable[Document]) -> None:
        waiting = iter(documents)
        while batch := list(islice(waiting, BATCH)):
            await self._writer.run(partial(fts_write.write, documents=batch))

    async def delete(self, versions: Mapping[int, int]) -> None:
        await self._writer.run(partial(fts_write.write, deleted=versions))

    async def search(
        self,
        query: Query,
        tokens: Collection[str],
        *,
        filters: Mapping[str, Collection[str]] | None = None,
        counted: Mapping[str, Collection[str]] | None = None,
        sort: Sort = Sort.RELEVANCE,
        limit: int = 20,
        cursor: str | None = None,
    ) -> Page:
        request = Request(query, tokens, filters or {}, counted or {}, sort, limit, cursor)
        return await self._readers.run(
            lambda connection: fts_read.search(
                connection, self._snapshot, self._snapshot_lock, request
            )
        )

    async def suggest(
        self,
        prefix: str,
        tokens: Collection[str],
        *,
        limit: int = 8,
        vocabulary: Vocabulary | None = None,
    ) -> tuple[Suggestion, ...]:
        typed = Prefix(prefix, tokens, limit, vocabulary or Vocabulary())
        return await self._readers.run(
            lambda connection: fts_suggest.complete(
                connection, self._snapshot, self._snapshot_lock, typed
            )
        )

    async def versions(self) -> AsyncIterator[tuple[int, int]]:
        after: int | None = None
        while True:
            read = await self._readers.run(
                partial(fts_tables.versions, after=after, limit=VERSIONS_READ_AT_ONCE)
            )
            for pair in read:
                yield pair
            if len(read) < VERSIONS_READ_AT_ONCE:
                return
            after = read[-1][0]

    async def health(self) -> IndexHealth:
        """Raises `IndexUnavailable`, also where the file may only be read."""
        await self._writer.run(fts_write.try_out)
        state = await self._readers.run(fts_tables.read_state)
        return IndexHealth(
            f"SQLite {sqlite3.sqlite_version}", building_since=fts_write.begun_at(state.build)
        )

    async def rebuild(self, documents: AsyncIterable[Document]) -> None:
        build = fts_write.new_build()
        await self._writer.run(partial(fts_write.begin_build, build=build))
        async for batch in _batches(documents):
            await self._writer.run(partial(fts_write.add_to_build, build=build, documents=batch))
        merge = partial(fts_write.merge_build, build=build)
        more = await self._writer.run(partial(merge, first=True))
        while more:
            more = await self._writer.run(partial(merge, first=False))
        await self._writer.run(partial(fts_write.finish_build, build=build))

    async def close(self) -> None:
        await asyncio.to_thread(self._readers.close)
        await asyncio.to_thread(self._writer.close)


async def _batches(documents: AsyncIterable[Document]) -> AsyncIterator[list[Document]]:
    batch: list[Document] = []
    async for document in documents:
        batch.append(document)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
