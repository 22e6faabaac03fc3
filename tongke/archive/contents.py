"""Objects copied from one store to another, and compared byte for byte.

Within an installation keys are never used again for other bytes, but for `backups/last`, and an
object appears whole or not at all; so a copy that was interrupted goes on with what is missing.
That is a guess by size: the comparison at the end reads every byte, and copies anew what differs.
Two installations use the same keys for different bytes: who copies makes sure before that the
target holds nothing of another (`moving.claim`).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from tongke.library import keys
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
    async for info in in_turns(_held(source), lambda info: _copy(source, target, info)):
        looked += 1
        size += info.size
        if on_copied:
            on_copied(looked, size)
    return Copied(looked, size)


async def mend(source: ObjectStore, target: ObjectStore) -> str | None:
    """Compare every byte. What the target has not, or has otherwise, is copied anew; the key of the
    first that differs even then, None where all is the same."""

    async def same(info: ObjectInfo) -> tuple[str, bool]:
        if await _same(source, target, info.key):
            return info.key, True
        await _put(source, target, info)
        return info.key, await _same(source, target, info.key)

    async for key, equal in in_turns(_held(source), same):
        if not equal:
            return key
    return None


async def _same(source: ObjectStore, target: ObjectStore, key: str) -> bool:
    try:
        return await digest(source, key) == await digest(target, key)
    except ObjectMissing:
        return False


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
    # When it was backed up is as long each time.
    if info.key == keys.LAST_BACKUP or await size_of(target, info.key) != info.size:
        await _put(source, target, info)
    return info


async def _put(source: ObjectStore, target: ObjectStore, info: ObjectInfo) -> None:
    await target.put(info.key, source.read(info.key), info.content_type)


async def _held(store: ObjectStore) -> AsyncIterator[ObjectInfo]:
    """What an installation has, without the mark of a move to it."""
    async for info in store.list():
        if info.key != keys.MOVED_FROM:
            yield info


async def size_of(store: ObjectStore, key: str) -> int | None:
    try:
        return (await store.info(key)).size
    except ObjectMissing:
        return None
