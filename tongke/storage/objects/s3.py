"""Objects in a bucket of any S3 store, for a service on many machines.

The `minio` client blocks, so its calls run in threads of our own; `s3_layout` says where things
lie. Nothing is held whole in memory: what comes in is cut into parts on the local disk, what goes
out is streamed. Beside the object itself a put costs one request, HEAD, since S3 does not say
when it was written.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

import structlog

from tongke.storage.objects import s3_layout as layout
from tongke.storage.objects.batches import Batches
from tongke.storage.objects.errors import ObjectMissing, ObjectsUnavailable
from tongke.storage.objects.port import (
    ObjectInfo,
    ObjectsHealth,
    OnBytes,
    check_key,
    check_prefix,
)
from tongke.storage.objects.probe import probe
from tongke.storage.objects.s3_client import S3Client, Stat
from tongke.storage.objects.s3_connection import Patience, Place
from tongke.storage.objects.s3_errors import BucketMissing
from tongke.storage.objects.s3_growing import GrowingObjects
from tongke.storage.objects.s3_parts import PART_BYTES, Making, Spool
from tongke.storage.objects.s3_read import Reader
from tongke.storage.objects.s3_sweep import COPY_PREFIX, sweep
from tongke.storage.objects.s3_threads import THREADS, Threads

_log = structlog.get_logger()

# Of each upload so much waits in memory for its trip to a thread: 25 MiB for a hundred.
BATCH_BYTES = 256 * 1024
# Objects listed in one trip to a thread, or deleted in one request, which S3 ends at 1000.
LIST_BATCH = 400
# Pieces of a local copy that are fetched in one trip to a thread: 8 MiB.
FETCH_PIECES = 32
# The store aborts by itself what our sweeper should have aborted long before.
ABANDONED_AFTER_DAYS = 30


class S3Store:
    """`ObjectStore` in the bucket of `place`.

    `scratch` is a folder of this machine for parts on their way and local copies. `becomes` tells
    the key that an upload will be sealed to (see `GrowingObjects`).
    """

    def __init__(
        self,
        place: Place,
        scratch: Path,
        *,
        becomes: Callable[[str], str | None] = lambda _key: None,
        part_bytes: int = PART_BYTES,
        abandoned_after_days: int = ABANDONED_AFTER_DAYS,
        patience: Patience | None = None,
    ) -> None:
        self._place = place
        self._scratch = scratch
        self._part_bytes = part_bytes
        self._abandoned_after_days = abandoned_after_days
        self._client = S3Client(place, THREADS, patience or Patience())
        self._growing = GrowingObjects(self._client, part_bytes, becomes)
        self._threads = Threads()
        self._run = self._threads.run

    async def put(self, key: str, chunks: AsyncIterable[bytes], content_type: str) -> ObjectInfo:
        making = Making(self._client, layout.kept(check_key(key)), content_type)
        spool = await self._run(Spool, self._scratch, self._part_bytes, making.part)
        source = Batches(chunks, BATCH_BYTES)
        try:
            async for batch in source:
                await self._run(spool.add, batch)
            if source.failure:
                raise source.failure
            await self._run(self._finish, making, spool, key, content_type)
        except BaseException:
            await self._run(making.abandon)
            raise
        finally:
            spool.close()
        return await self.info(key)

    async def put_file(
        self, key: str, path: Path, content_type: str, *, move: bool = False
    ) -> ObjectInfo:
        making = Making(self._client, layout.kept(check_key(key)), content_type)
        # A missing file is the caller's mistake, said as such.
        file: BinaryIO = await asyncio.to_thread(path.open, "rb")
        try:
            await self._run(self._mark, key, content_type)
            while not await self._run(self._send_some, making, file):
                pass
        except BaseException:
            await self._run(making.abandon)
            raise
        finally:
            file.close()
        if move:
            await self._run(path.unlink, missing_ok=True)
        return await self.info(key)

    async def info(self, key: str) -> ObjectInfo:
        return await self._run(self._info, key)

    async def read(
        self, key: str, start: int = 0, length: int | None = None
    ) -> AsyncIterator[bytes]:
        reader = Reader(self._client, layout.kept(check_key(key)), start, length)
        try:
            while piece := await self._run(reader.next):
                yield piece
        finally:
            reader.close()

    @asynccontextmanager
    async def local_copy(self, key: str, on_bytes: OnBytes | None = None) -> AsyncIterator[Path]:
        reader = Reader(self._client, layout.kept(check_key(key)), 0, None)
        folder = self._scratch / f"{COPY_PREFIX}{secrets.token_hex(16)}"
        await self._run(folder.mkdir, parents=True)
        try:
            lent = folder / "source"
            with await self._run(lent.open, "wb") as file:
                while await self._run(_fetch_some, reader, file):
                    if on_bytes is not None:
                        on_bytes(file.tell())
            yield lent
        finally:
            reader.close()
            await self._run(shutil.rmtree, folder, ignore_errors=True)

    async def delete(self, key: str) -> None:
        await self._run(self._delete, [check_key(key)])

    async def delete_prefix(self, prefix: str) -> int:
        # An empty prefix is every object there is: no caller of ours can mean that.
        check_key(prefix.removesuffix("/"))
        deleted = 0
        while keys := await self._run(self._first_keys, prefix):
            await self._run(self._delete, keys)
            deleted += len(keys)
        return deleted

    def list(self, prefix: str = "") -> AsyncIterator[ObjectInfo]:
        return self._stream(self._walk(check_prefix(prefix)))

    async def copy(self, source: str, target: str) -> ObjectInfo:
        return await self._run(self._copy, source, target)

    async def move(self, source: str, target: str) -> ObjectInfo:
        return await self._run(self._move, source, target)

    async def sweep(self, before: datetime) -> int:
        return await self._run(sweep, self._client, self._growing, self._scratch, before)

    async def free_bytes(self) -> int | None:
        """S3 has no such figure; what is asked here is whether the store answers."""
        await self._run(self._client.answers)
        return None

    async def check(self) -> ObjectsHealth:
        """Makes the bucket where it is missing. Raises also `StoreRefuses`, `ClocksDiffer`."""
        await self._run(self._prepare)
        seconds = await probe(self)
        server = await self._run(self._client.server)
        return ObjectsHealth(f"{self._place.url}/{self._place.bucket}", seconds, server)

    async def close(self) -> None:
        self._threads.close()

    # How; all of it blocks

    def _finish(self, making: Making, spool: Spool, key: str, content_type: str) -> None:
        self._mark(key, content_type)
        making.finish(spool.rest())

    def _send_some(self, making: Making, file: BinaryIO) -> bool:
        """Send one part; True when it was the last."""
        body = file.read(self._part_bytes)
        last = file.tell() >= os.fstat(file.fileno()).st_size
        (making.finish if last else making.part)(body)
        return last

    def _info(self, key: str) -> ObjectInfo:
        return _described(key, self._stat(key))

    def _stat(self, key: str) -> Stat:
        try:
            return self._client.stat(layout.kept(check_key(key)))
        except ObjectMissing:
            raise ObjectMissing(key=key) from None

    def _mark(self, key: str, content_type: str) -> None:
        """Before the object itself, so that no listing ever shows it with the wrong type."""
        if content_type != layout.type_by_suffix(key):
            self._client.put(layout.odd_type(key), b"", "text/plain")

    def _delete(self, keys: Iterable[str]) -> None:
        self._client.delete(
            chain.from_iterable((layout.kept(key), layout.odd_type(key)) for key in keys)
        )

    def _copy(self, source: str, target: str) -> ObjectInfo:
        check_key(target)
        found = self._stat(source)
        if source != target:
            self._mark(target, found.content_type)
            self._client.copy(found, layout.kept(target), found.content_type)
        return self._info(target)

    def _move(self, source: str, target: str) -> ObjectInfo:
        check_key(target)
        try:
            info = self._copy(source, target)
        except ObjectMissing:
            return self._info(target)
        if source != target:
            self._delete([source])
        return info

    def _first_keys(self, prefix: str) -> tuple[str, ...]:
        return tuple(info.key for info in islice(self._walk(prefix), LIST_BATCH))

    def _walk(self, prefix: str) -> Iterator[ObjectInfo]:
        """The objects in the order of their keys, each with its type.

        S3 lists no types. The few that their suffix does not tell are marked, and asked for.
        """
        marked = self._keys_in_order(layout.TYPES, prefix)
        odd = next(marked, None)
        for key, found in self._in_order(layout.KEPT, prefix):
            while odd is not None and odd < key:
                odd = next(marked, None)
            if odd != key:
                yield _described(key, found._replace(content_type=layout.type_by_suffix(key)))
                continue
            with suppress(ObjectMissing):
                yield self._info(key)

    def _keys_in_order(self, base: str, prefix: str) -> Iterator[str]:
        return (key for key, _ in self._in_order(base, prefix))

    def _in_order(self, base: str, prefix: str) -> Iterator[tuple[str, Stat]]:
        """Folder by folder: a store that is a tree inside (SeaweedFS) lists `a/b` before `a-b`."""
        level = sorted(self._client.level(base + prefix), key=_name)
        for found in level:
            if isinstance(found, str):
                yield from self._in_order(base, found.removeprefix(base))
            else:
                yield found.name.removeprefix(base), found

    async def _stream(self, found: Iterator[ObjectInfo]) -> AsyncIterator[ObjectInfo]:
        while batch := await self._run(lambda: [*islice(found, LIST_BATCH)]):
            for info in batch:
                yield info

    def _prepare(self) -> None:
        try:
            self._client.answers()
        except BucketMissing:
            self._client.make_bucket()
        try:
            self._client.abort_abandoned_after(self._abandoned_after_days)
        except ObjectsUnavailable as error:
            # The sweeper does the same work; not every store has such rules.
            _log.info("objects-no-lifecycle", why=error.message.en)


def _described(key: str, found: Stat) -> ObjectInfo:
    return ObjectInfo(key, found.size, found.etag, found.modified_at, found.content_type)


def _name(found: Stat | str) -> str:
    return found if isinstance(found, str) else found.name


def _fetch_some(reader: Reader, file: BinaryIO) -> bool:
    """Write some pieces to the file; False when there are no more."""
    for _ in range(FETCH_PIECES):
        piece = reader.next()
        if not piece:
            return False
        file.write(piece)
    return True
