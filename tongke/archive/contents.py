"""Objects copied from one store to another, and compared byte for byte.

Keys are never reused for other bytes, and an object appears whole or not at all; so a copy that was
interrupted goes on with what is missing, and the comparison at the end finds whatever is wrong.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from tongke.storage.objects.errors import ObjectMissing
from tongke.storage.objects.port import ObjectInfo, ObjectStore

S = TypeVar("S")
T = TypeVar("T")

# Most of a copy is waiting for one of the two stores, and most objects are small.
TOGETHER = 8

# Told how many objects were gone through, and how many bytes they have.
OnObject = Callable[[int, int], None]


@dataclass(frozen=True)
class Copied:
    """How many objects, how many bytes."""

    objects: int
    bytes: int


async def copy_all(
    source: ObjectStore, target: ObjectStore, on_copied: OnObject | None = None
) -> Copied:
    """Copy every object that the target has not; `on_copied` is told how many were looked
    at, and how many bytes those have."""
    looked = size = 0
    async for info in in_turns(source.list(), lambda info: _copy(source, target, info)):
        looked += 1
        size += info.size
        if on_copied:
            on_copied(looked, size)
    return Copied(looked, size)


async def first_difference(source: ObjectStore, target: ObjectStore) -> str | None:
    """The key of an object of `source` that `target` has not, or has otherwise."""

    async def same(info: ObjectInfo) -> tuple[str, bool]:
        try:
            return info.key, await digest(source, info.key) == await digest(target, info.key)
        except ObjectMissing:
            return info.key, False

    async for key, equal in in_turns(source.list(), same):
        if not equal:
            return key
    return None


async def digest(store: ObjectStore, key: str) -> str:
    """SHA-256 of an object's bytes, hexadecimal. Raises `ObjectMissing`."""
    found = hashlib.sha256()
    async for chunk in store.read(key):
        found.update(chunk)
    return found.hexdigest()


async def in_turns(found: AsyncIterator[S], work: Callable[[S], Awaitable[T]]) -> AsyncIterator[T]:
    """Do the work for each, a few at a time, and give the results in order."""
    batch: list[S] = []
    async for info in found:
        batch.append(info)
        if len(batch) == TOGETHER:
            for result in await asyncio.gather(*map(work, batch)):
                yield result
            batch.clear()
    for result in await asyncio.gather(*map(work, batch)):
        yield result


async def _copy(source: ObjectStore, target: ObjectStore, info: ObjectInfo) -> ObjectInfo:
    if await size_of(target, info.key) != info.size:
        await target.put(info.key, source.read(info.key), info.content_type)
    return info


async def size_of(store: ObjectStore, key: str) -> int | None:
    try:
        return (await store.info(key)).size
    except ObjectMissing:
        return None
