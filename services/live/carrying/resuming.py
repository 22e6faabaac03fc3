"""What is needed to go on with a class that another process has carried."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
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
# A publisher may have made them as short as it liked.
MOST_SEGMENTS: Final = 16
# The class goes on without them as well.
PATIENCE_S: Final = 1.0

_log = structlog.get_logger("tongke.live")


async def earlier(
    objects: ObjectStore, resource_id: int, closed: Mapping[str, Earlier]
) -> dict[str, Earlier]:
    """What is closed of each rendition, and the newest of it as well, where the store answers."""
    found = await asyncio.gather(
        *(
            _newest(objects, recording.folder(resource_id, name), each.segments)
            for name, each in closed.items()
        )
    )
    return {
        name: replace(each, newest=newest)
        for (name, each), newest in zip(closed.items(), found, strict=True)
    }


async def _newest(
    objects: ObjectStore, folder: str, segments: Sequence[Segment]
) -> dict[str, bytes]:
    newest = segments[: -MOST_SEGMENTS - 1 : -1]
    passed = accumulate(segment.duration_s for segment in newest)
    names = [
        segment.name
        for number, (segment, seconds) in enumerate(zip(newest, passed, strict=True))
        # The last is listed however long it is: an appliance's keyframes may come seldom.
        if not number or seconds <= NEWEST_S
    ]
    found = await asyncio.gather(*(_read(objects, folder + name) for name in names))
    return {name: data for name, data in zip(names, found, strict=True) if data}


async def _read(objects: ObjectStore, key: str) -> bytes:
    """Empty where it cannot be had in time."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            return b"".join([chunk async for chunk in objects.read(key)])
    except (TongkeError, OSError) as error:
        _log.warning("newest-segment-not-read", key=key, said=repr(error))
        return b""
