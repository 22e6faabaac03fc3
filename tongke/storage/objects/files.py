"""Objects in local files, for a service on one machine.

The event loop never waits for the disk: `FileTree` does the blocking work in threads of our own,
so that a slow sync holds up no name look-up in the loop's shared pool. Chunks from a socket are
gathered into pieces worth a trip to a thread. A thread cannot be stopped, so a call that is
cancelled waits until its thread has let go of the file, and only then leaves.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import ParamSpec, TypeVar

from tongke.errors import TongkeError
from tongke.storage.objects.batches import Batches
from tongke.storage.objects.disk import DurableFile, disk_errors
from tongke.storage.objects.errors import AppendInterrupted
from tongke.storage.objects.port import (
    ObjectInfo,
    ObjectsHealth,
    OnBytes,
    check_key,
    check_prefix,
)
from tongke.storage.objects.probe import probe
from tongke.storage.objects.tree import FileTree

P = ParamSpec("P")
T = TypeVar("T")

# A trip to a thread costs about 0.1 ms, a MiB takes the disk at least that: beyond it a larger
# batch gains nothing and only costs memory for each upload.
BATCH_BYTES = 2**20
# Reads go to people, at the speed of their line: a smaller piece starts a video sooner.
READ_BYTES = 256 * 1024
# Enough for a hundred uploads whose syncs wait for one disk; threads beyond only queue there.
THREADS = 16
# Objects listed in one trip to a thread.
LIST_BATCH = 500


class FileObjects:
    """`ObjectStore` and `AppendableObjects` in the folder `root`."""

    def __init__(self, root: Path) -> None:
        self._tree = FileTree(root)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="objects")

    async def put(self, key: str, chunks: AsyncIterable[bytes], content_type: str) -> ObjectInfo:
        check_key(key)
        file = self._tree.new_file()
        source = Batches(chunks, BATCH_BYTES)
        try:
            await self._run(file.open)
            await self._write(file, source)
            if source.failure:
                raise source.failure
            return await self._run(self._tree.keep, file.path, key, content_type)
        finally:
            await self._run(_discard, file)

    async def put_file(
        self, key: str, path: Path, content_type: str, *, move: bool = False
    ) -> ObjectInfo:
        await asyncio.to_thread(path.stat)  # a missing file is the caller's mistake, said as such
        return await self._run(self._tree.keep_file, path, key, content_type, move=move)

    async def info(self, key: str) -> ObjectInfo:
        return await self._run(self._tree.info, key)

    async def read(
        self, key: str, start: int = 0, length: int | None = None
    ) -> AsyncIterator[bytes]:
        handle = await self._run(self._tree.open, key, start)
        async with aclosing(self._pieces(handle, length)) as pieces:
            async for chunk in pieces:
                yield chunk

    @asynccontextmanager
    async def local_copy(self, key: str, on_bytes: OnBytes | None = None) -> AsyncIterator[Path]:
        del on_bytes  # All of it is here.
        lent = await self._run(self._tree.lend, key)
        try:
            yield lent
        finally:
            await self._run(self._tree.take_back, lent)

    async def delete(self, key: str) -> None:
        await self._run(self._tree.delete, key)

    async def delete_prefix(self, prefix: str) -> int:
        # An empty prefix is every object there is: no caller of ours can mean that.
        check_key(prefix.removesuffix("/"))
        return await self._run(self._delete_all, prefix)

    def list(self, prefix: str = "") -> AsyncIterator[ObjectInfo]:
        return self._stream(self._tree.walk(check_prefix(prefix)))

    async def copy(self, source: str, target: str) -> ObjectInfo:
        return await self._run(self._tree.link, source, target)

    async def move(self, source: str, target: str) -> ObjectInfo:
        return await self._run(self._tree.rename, source, target)

    async def sweep(self, before: datetime) -> int:
        return await self._run(self._tree.sweep, before)

    async def free_bytes(self) -> int | None:
        return await self._run(self._tree.free_bytes)

    async def check(self) -> ObjectsHealth:
        seconds = await probe(self)
        return ObjectsHealth(str(self._tree.root), seconds)

    async def close(self) -> None:
        self._threads.shutdown(wait=False)

    # AppendableObjects

    async def create(self, key: str) -> None:
        await self._run(self._tree.create, key)

    async def size(self, key: str) -> int:
        return await self._run(self._tree.growing_size, key)

    async def append(self, key: str, offset: int, chunks: AsyncIterable[bytes]) -> int:
        file = self._tree.growing_file(key)
        source = Batches(chunks, BATCH_BYTES)
        try:
            await self._run(self._tree.open_growing, file, key, offset)
            await self._write(file, source)
        finally:
            await self._run(file.close)
        if source.failure is None:
            return file.durable
        if isinstance(source.failure, TongkeError | asyncio.CancelledError):
            raise source.failure
        raise AppendInterrupted(offset=file.durable) from source.failure

    async def seal(
        self, key: str, final_key: str, content_type: str, *, size: int | None = None
    ) -> ObjectInfo:
        return await self._run(self._tree.seal, key, final_key, content_type, size)

    async def abort(self, key: str) -> None:
        await self._run(self._tree.abort, key)

    async def read_unfinished(self, key: str, start: int) -> AsyncIterator[bytes]:
        durable = await self.size(key)
        handle = await self._run(self._tree.open, key, start, self._tree.growing)
        async with aclosing(self._pieces(handle, durable - start)) as pieces:
            async for chunk in pieces:
                yield chunk

    def pending(self) -> AsyncIterator[ObjectInfo]:
        return self._stream(self._tree.walk("", self._tree.growing))

    # How

    async def _write(self, file: DurableFile, source: Batches) -> None:
        """Write all that the source gives, and make it durable even when writing fails."""
        try:
            async for batch in source:
                await self._run(file.write, batch)
        finally:
            await self._run(file.sync)

    async def _pieces(self, handle: int, length: int | None) -> AsyncGenerator[bytes, None]:
        """What an open file has, `length` bytes of it at most; closes it."""
        try:
            while length is None or length > 0:
                wanted = READ_BYTES if length is None else min(length, READ_BYTES)
                chunk = await self._run(os.read, handle, wanted)
                if not chunk:
                    return
                length = None if length is None else length - len(chunk)
                yield chunk
        finally:
            os.close(handle)

    async def _stream(self, found: Iterator[ObjectInfo]) -> AsyncIterator[ObjectInfo]:
        while batch := await self._run(lambda: [*islice(found, LIST_BATCH)]):
            for info in batch:
                yield info

    def _delete_all(self, prefix: str) -> int:
        keys = [info.key for info in self._tree.walk(prefix)]
        for key in keys:
            self._tree.delete(key)
        return len(keys)

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run blocking work in a thread; when cancelled, leave only after the thread is done."""
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._threads, partial(work, *args, **kwargs))
        try:
            with disk_errors():
                return await asyncio.shield(future)
        except asyncio.CancelledError:
            await _settled(future)
            raise


async def _settled(future: asyncio.Future[T]) -> None:
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError:
            continue
    if not future.cancelled():
        future.exception()  # looked at, so that the loop does not report it as forgotten


def _discard(file: DurableFile) -> None:
    """Give up a file that is being written; it is gone already when it was kept."""
    file.close()
    with suppress(FileNotFoundError, NotADirectoryError):
        file.path.unlink()
