"""What `tongke doctor` does to any object store: one small object goes all the way round."""

from __future__ import annotations

import secrets
import time

from tongke.storage.objects.errors import ObjectsUnavailable
from tongke.storage.objects.port import ObjectStore, once

PROBE_BYTES = 64 * 1024
# Where they lie; one that was cut short leaves its object there.
PROBES = "probe/"


async def probe(store: ObjectStore) -> float:
    """Write, read, hand out as a file and delete an object; the seconds that took.

    Raises `ObjectsUnavailable` when other bytes come back, besides what the store raises.
    """
    began = time.monotonic()
    key, content = f"{PROBES}{secrets.token_hex(8)}", secrets.token_bytes(PROBE_BYTES)
    await store.put(key, once(content), "application/octet-stream")
    try:
        found = b"".join([chunk async for chunk in store.read(key)])
        async with store.local_copy(key) as path:
            size = path.stat().st_size
    finally:
        await store.delete(key)
    if found != content or size != PROBE_BYTES:
        raise ObjectsUnavailable(reason="what was written came back changed")
    return time.monotonic() - began
