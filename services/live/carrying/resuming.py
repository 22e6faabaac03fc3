"""What is needed to go on with a class that another process has carried."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import accumulate
from typing import Final

import structlog

from tongke.errors import TongkeError
from tongke.live.playlist import Segment
from tongke.live.stream import Earlier
from tongke.publishing import recording
from tongke.storage.objects.port import ObjectStore

# Listed with their parts: as much as a player looks at, and no more than is quickly read.
NEWEST_S: Final = 8.0
# The class goes on without them as well.
PATIENCE_S: Final = 1.0

_log = structlog.get_logger("tongke.live")


async def earlier(
    objects: ObjectStore, resource_id: int, closed: Mapping[str, Sequence[Segment]]
) -> dict[str, Earlier]:
    """What is closed of each rendition, with the newest of it where the store answers."""
    folders = [recording.folder(resource_id, name) for name in closed]
    found = await asyncio.gather(*map(partial(_newest, objects), folders, closed.values()))
    return {
        name: Earlier(segments, newest)
        for (name, segments), newest in zip(closed.items(), found, strict=True)
    }


async def _newest(
    objects: ObjectStore, folder: str, segments: Sequence[Segment]
) -> dict[str, bytes]:
    passed = accumulate(segment.duration_s for segment in reversed(segments))
    names = [
        segment.name
        for segment, seconds in zip(reversed(segments), passed, strict=True)
        if seconds <= NEWEST_S
    ]
    try:
        async with asyncio.timeout(PATIENCE_S):
            found = await asyncio.gather(*(_read(objects, folder + name) for name in names))
    except (TongkeError, TimeoutError) as error:
        _log.warning("newest-segments-not-read", folder=folder, said=repr(error))
        return {}
    return dict(zip(names, found, strict=True))


async def _read(objects: ObjectStore, key: str) -> bytes:
    return b"".join([chunk async for chunk in objects.read(key)])
