"""The bytes of an upload, and its end: they become an object, then a resource with its job.

Each of these two steps can be repeated, and the second is one transaction: whoever asks first (the
last PATCH, a client that asks again, the sweeper after a crash) finds the same resource.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import suppress

from tongke import clock
from tongke.errors import NotFound, Unavailable
from tongke.library import uploads
from tongke.library.models import Resource, Upload
from tongke.library.uploads import MayNotUpload
from tongke.publishing.workshop import Workshop
from tongke.storage.objects.errors import ObjectBusy, ObjectMissing, WrongOffset
from tongke.storage.objects.port import ObjectInfo

# What a file is, is decided from its content in the first step of its job.
UNKNOWN = "application/octet-stream"
# Sealing is a rename: two who meet at it are a moment apart.
SEAL_AGAIN_S = 0.05
SEAL_PATIENCE_S = 3.0


async def append(shop: Workshop, upload: Upload, offset: int, chunks: AsyncIterable[bytes]) -> int:
    """Add bytes at the end; the new durable offset. Raises as `AppendableObjects.append` does.

    The row says that somebody writes (see `uploads`): before a chunk is handed on, so that no
    byte is durable of which nobody would know.
    """
    if offset == 0:
        # It may have only its row: whoever began it died in between, or a backup brought it back.
        await shop.appendable.create(upload.key)
    return await shop.appendable.append(upload.key, offset, _touching(shop, upload, chunks))


async def _touching(
    shop: Workshop, upload: Upload, chunks: AsyncIterable[bytes]
) -> AsyncIterator[bytes]:
    touched_at = upload.touched_at
    async for chunk in chunks:
        now = clock.now()
        if touched_at is None or now - touched_at > uploads.TOUCH_EVERY:
            touched_at = now
            # While the database is away the sweeper cannot look either, and bytes need not wait.
            with suppress(Unavailable):
                await shop.database.write(uploads.touch, upload.id)
        yield chunk


async def durable_offset(shop: Workshop, upload: Upload) -> int:
    """How many bytes of an upload are durable; all of them once it is sealed."""
    if upload.resource_id is not None:
        return upload.length
    try:
        return await shop.appendable.size(upload.key)
    except ObjectMissing:
        return await _sealed_length(shop, upload)


async def _sealed_length(shop: Workshop, upload: Upload) -> int:
    """Between sealing and the row (a crash, or another request at this moment).

    Or the upload has only just begun: its row comes before its object. One that never got its
    object, or lost it, begins at its first byte.
    """
    try:
        return (await _seal(shop, upload)).size
    except WrongOffset:
        return await shop.appendable.size(upload.key)
    except ObjectMissing:
        return 0


async def _seal(shop: Workshop, upload: Upload) -> ObjectInfo:
    """Seal the bytes, after whoever is at it: the last PATCH, another request, the sweeper.

    Raises:
        ObjectBusy: somebody writes, and goes on doing so.
        WrongOffset: not all of them are here.
    """

    async def seal() -> ObjectInfo:
        return await shop.appendable.seal(upload.key, upload.final_key, UNKNOWN, size=upload.length)

    for _ in range(round(SEAL_PATIENCE_S / SEAL_AGAIN_S)):
        try:
            return await seal()
        except ObjectBusy:
            await asyncio.sleep(SEAL_AGAIN_S)
    return await seal()


async def finish(shop: Workshop, upload: Upload) -> Resource:
    """Seal the bytes and make the resource. Acknowledged to nobody before this returns.

    Raises:
        MayNotUpload, NotFound.
    """
    await _seal(shop, upload)
    resource = await shop.database.write(uploads.finish, upload.id)
    if resource is None:
        found = await shop.database.read(lambda session: session.get(Upload, upload.id))
        raise NotFound if found is None else MayNotUpload
    return resource
