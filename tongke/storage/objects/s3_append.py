"""Uploads that grow in an S3 store, gone on with by any process.

What is acknowledged is in the store: full parts of a multipart upload and a tail (`s3_growing`).
The process keeps nothing, so the next request of a client may come to another machine.

One writer at a time is held by a lease of the bus, which every installation of more than one
machine has; a conditional put would do only where the store knows it, and many do not. A lease
may be lost while writing, and then no byte is: see `s3_growing`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol

from tongke.errors import TongkeError
from tongke.storage.bus.errors import BusUnavailable
from tongke.storage.bus.port import Lease
from tongke.storage.objects import s3_layout as layout
from tongke.storage.objects.batches import Batches
from tongke.storage.objects.errors import (
    AppendInterrupted,
    ObjectBusy,
    ObjectMissing,
    WrongOffset,
)
from tongke.storage.objects.port import ObjectInfo, check_key
from tongke.storage.objects.s3 import ABANDONED_AFTER_DAYS, BATCH_BYTES, S3Store
from tongke.storage.objects.s3_client import S3Client
from tongke.storage.objects.s3_connection import Patience, Place
from tongke.storage.objects.s3_growing import Growth
from tongke.storage.objects.s3_parts import PART_BYTES, Spool

# How long an upload stays shut after its process was killed; its client tries again meanwhile.
LEASE_S = 10.0
# Two renewals may fail before it is lost.
RENEW_EVERY_S = 3.0


class Leases(Protocol):
    """What is asked of the bus; `tongke.storage.bus.port.Bus` has it."""

    async def acquire(self, name: str, ttl_s: float) -> Lease | None: ...

    async def renew(self, lease: Lease, ttl_s: float) -> bool: ...

    async def release(self, lease: Lease) -> None: ...


class S3Objects(S3Store):
    """`ObjectStore` and `AppendableObjects` in one bucket.

    Appending, sealing, aborting and creating raise `BusUnavailable` while the bus is away.
    """

    def __init__(
        self,
        place: Place,
        scratch: Path,
        leases: Leases,
        *,
        becomes: Callable[[str], str | None] = lambda _key: None,
        part_bytes: int = PART_BYTES,
        abandoned_after_days: int = ABANDONED_AFTER_DAYS,
        patience: Patience | None = None,
    ) -> None:
        super().__init__(
            place,
            scratch,
            becomes=becomes,
            part_bytes=part_bytes,
            abandoned_after_days=abandoned_after_days,
            patience=patience,
        )
        self._leases = leases

    async def create(self, key: str) -> None:
        check_key(key)
        if await self._run(self._growing.exists, key):
            return
        async with self._sole_writer(key):
            await self._run(self._growing.begin, key)

    async def size(self, key: str) -> int:
        return (await self._state(key)).offset

    async def append(self, key: str, offset: int, chunks: AsyncIterable[bytes]) -> int:
        check_key(key)
        source = Batches(chunks, BATCH_BYTES)
        async with self._sole_writer(key) as held:
            state = await self._state(key)
            if state.offset != offset:
                raise WrongOffset(offset=state.offset)
            durable = await self._write(state, source, held)
        if source.failure is None:
            return durable
        if isinstance(source.failure, TongkeError | asyncio.CancelledError):
            raise source.failure
        raise AppendInterrupted(offset=durable) from source.failure

    async def seal(
        self, key: str, final_key: str, content_type: str, *, size: int | None = None
    ) -> ObjectInfo:
        check_key(key)
        check_key(final_key)
        with suppress(ObjectMissing):  # then it was done before, or there is nothing of it
            async with self._sole_writer(key):
                await self._run(self._mark, final_key, content_type)
                await self._run(self._growing.seal, key, final_key, content_type, size)
        return await self.info(final_key)

    async def abort(self, key: str) -> None:
        check_key(key)
        async with self._sole_writer(key):
            await self._run(self._growing.abort, key)

    async def pending(self) -> AsyncIterator[ObjectInfo]:
        for info in await self._run(self._growing.pending):
            yield info

    # How

    async def _state(self, key: str) -> Growth:
        try:
            return await self._run(self._growing.state, check_key(key))
        except ObjectMissing:
            raise ObjectMissing(key=key) from None

    async def _write(self, state: Growth, source: Batches, held: Held) -> int:
        """Write all that the source gives, and make it durable; the new offset."""
        writing = await self._run(Appending, self._client, state, self._scratch)
        try:
            async for batch in source:
                held.check()
                await self._run(writing.add, batch)
            return await self._run(writing.save)
        except asyncio.CancelledError:
            await self._run(writing.save)
            raise
        finally:
            writing.close()

    @asynccontextmanager
    async def _sole_writer(self, key: str) -> AsyncIterator[Held]:
        name = f"objects:{self._place.bucket}:{key}"
        lease = await self._leases.acquire(name, LEASE_S)
        if lease is None:
            raise ObjectBusy(key=key)
        held = Held(self._leases, lease)
        try:
            yield held
        finally:
            await held.release()


class Held:
    """A lease that is renewed until it is released, or lost."""

    def __init__(self, leases: Leases, lease: Lease) -> None:
        self._leases = leases
        self._lease = lease
        self._renewing = asyncio.create_task(self._renew())

    def check(self) -> None:
        """Raises `ObjectBusy` when it was lost: another may be writing by now."""
        if self._renewing.done():
            raise ObjectBusy

    async def release(self) -> None:
        self._renewing.cancel()
        with suppress(BusUnavailable):  # it ends by itself
            await self._leases.release(self._lease)

    async def _renew(self) -> None:
        kept = True
        while kept:
            await asyncio.sleep(RENEW_EVERY_S)
            with suppress(BusUnavailable):  # it may be back before the lease has ended
                kept = await self._leases.renew(self._lease, LEASE_S)


class Appending:
    """One append under way: full parts go out as they fill, the rest becomes the tail. Blocking."""

    def __init__(self, client: S3Client, state: Growth, scratch: Path) -> None:
        self._client = client
        self._state = state
        self._full = len(state.full)
        tail = self._tail_bytes(state.tail.name) if state.tail else b""
        self._spool = Spool(scratch, state.record.part_bytes, self._put_part)
        self._spool.add(tail)

    def add(self, batch: bytes) -> None:
        self._spool.add(batch)

    def save(self) -> int:
        """Make durable what is not yet, and clear away the tails that it replaces; the offset.

        May be repeated, as it is when a cancellation meets it half-way.
        """
        self._spool.flush()
        rest = self._spool.rest()
        start = self._full * self._state.record.part_bytes
        tail = layout.tail(self._state.key, start, start + len(rest))
        if rest and tail.name not in self._state.names:
            self._client.put(tail.name, rest, "application/octet-stream")
        replaced = [
            name for name in self._state.names if layout.read_tail(name) and name != tail.name
        ]
        if replaced:
            self._client.delete(replaced)
        return tail.end

    def close(self) -> None:
        self._spool.close()

    def _put_part(self, body: bytes) -> None:
        record = self._state.record
        self._client.put_part(record.home, record.upload_id, self._full + 1, body)
        self._full += 1

    def _tail_bytes(self, name: str) -> bytes:
        try:
            return self._client.get(name)
        except ObjectMissing:
            # Only another writer, who lost his lease without knowing, replaces a tail meanwhile.
            raise ObjectBusy from None
