"""The end of an upload: its bytes become an object, then a resource with its job.

Each of the two steps can be repeated, and the second is one transaction: whoever asks first (the
last PATCH, a client that asks again, the sweeper after a crash) finds the same resource.
"""

from __future__ import annotations

from tongke.errors import NotFound
from tongke.library import uploads
from tongke.library.models import Resource, Upload
from tongke.library.uploads import MayNotUpload
from tongke.publishing.workshop import Workshop
from tongke.storage.objects.errors import ObjectMissing

# What a file is, is decided from its content in the first step of its job.
UNKNOWN = "application/octet-stream"


async def durable_offset(shop: Workshop, upload: Upload) -> int:
    """How many bytes of an upload are durable; all of them once it is sealed."""
    if upload.resource_id is not None:
        return upload.length
    try:
        return await shop.appendable.size(upload.key)
    except ObjectMissing:
        return await _sealed_length(shop, upload)


async def _sealed_length(shop: Workshop, upload: Upload) -> int:
    """Between sealing and the row (a crash, or another request at this moment)."""
    info = await shop.appendable.seal(upload.key, upload.final_key, UNKNOWN)
    return info.size


async def finish(shop: Workshop, upload: Upload) -> Resource:
    """Seal the bytes and make the resource. Acknowledged to nobody before this returns.

    Raises:
        MayNotUpload, NotFound.
    """
    await shop.appendable.seal(upload.key, upload.final_key, UNKNOWN)
    resource = await shop.database.write(uploads.finish, upload.id)
    if resource is None:
        found = await shop.database.read(lambda session: session.get(Upload, upload.id))
        raise NotFound if found is None else MayNotUpload
    return resource
