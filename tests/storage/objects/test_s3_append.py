"""Uploads in S3: parts and tails, sealing that was cut off, writers that lost their lease."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partialmethod
from itertools import pairwise
from pathlib import Path

import pytest
from minio import Minio
from redis import Redis

from tests.conformance.bodies import BINARY, content, keys, sent
from tests.storage.objects.conftest import PART_BYTES, MakeStore
from tongke.storage.bus.valkey import NAMESPACE
from tongke.storage.objects import s3, s3_append, s3_client
from tongke.storage.objects import s3_layout as layout
from tongke.storage.objects.errors import ObjectBusy, ObjectMissing
from tongke.storage.objects.s3 import BATCH_BYTES
from tongke.storage.objects.s3_append import S3Objects
from tongke.storage.objects.s3_client import S3Client
from tongke.storage.objects.s3_growing import GrowingObjects

MIB = 2**20
WHOLE = random.Random(1).randbytes(12 * MIB + 345)  # two full parts and a tail


def growing(client: S3Client) -> GrowingObjects:
    return GrowingObjects(client, PART_BYTES, lambda _key: None)


def names(client: S3Client) -> list[str]:
    return sorted(found.name for found in client.below(""))


async def uploaded(store: S3Objects, key: str, whole: bytes = WHOLE) -> None:
    await store.create(key)
    assert await store.append(key, 0, sent(whole)) == len(whole)


def lose_leases(valkey: str) -> None:
    """As when the bus has lost everything."""
    with Redis.from_url(valkey) as server:
        for name in server.scan_iter(f"{NAMESPACE}lease:objects:*"):
            server.delete(name)


class Slow:
    """A body in two pieces, the second of which waits to be let go."""

    def __init__(self, first: bytes, second: bytes) -> None:
        self.begun = asyncio.Event()
        self.released = asyncio.Event()
        self._pieces = first, second

    async def chunks(self) -> AsyncIterator[bytes]:
        yield self._pieces[0]
        self.begun.set()
        await self.released.wait()
        yield self._pieces[1]


async def test_any_process_goes_on_where_another_stopped(
    store: S3Objects, other_store: S3Objects, client: S3Client
) -> None:
    await store.create("up")
    cuts = [0, 1, 3 * MIB, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES - 1, 11 * MIB, len(WHOLE)]
    for number, (start, end) in enumerate(pairwise(cuts)):
        writer = (store, other_store)[number % 2]
        assert await writer.append("up", start, sent(WHOLE[start:end])) == end
        tails = 1 if end % PART_BYTES else 0
        assert len(names(client)) == 1 + tails  # the record, and never an older tail
    await other_store.seal("up", "original", BINARY)
    assert await content(store, "original") == WHOLE


async def test_bytes_that_make_a_part_are_written_once(store: S3Objects, client: S3Client) -> None:
    await uploaded(store, "up")
    state = growing(client).state("up")
    assert [part.size for part in state.full] == [PART_BYTES, PART_BYTES]
    assert state.tail == layout.tail("up", 2 * PART_BYTES, len(WHOLE))


async def test_an_upload_that_ends_with_a_part(store: S3Objects) -> None:
    await uploaded(store, "up", WHOLE[: 2 * PART_BYTES])
    assert await store.size("up") == 2 * PART_BYTES
    assert (await store.seal("up", "original", BINARY)).size == 2 * PART_BYTES


async def test_sealing_where_the_parts_lie_copies_nothing(
    make_store: MakeStore, client: S3Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store(becomes=lambda key: key.replace("uploads/", "originals/"))
    await uploaded(store, "uploads/1")
    assert await keys(store) == []
    monkeypatch.delattr(S3Client, "copy")
    await store.seal("uploads/1", "originals/1", BINARY)
    assert await content(store, "originals/1") == WHOLE
    assert names(client) == ["kept/originals/1"]
    assert [*client.multiparts("")] == []


@pytest.mark.parametrize("becomes", [None, "elsewhere", "final"])
async def test_sealing_to_another_key_or_type_leaves_one_object(
    make_store: MakeStore, client: S3Client, becomes: str | None
) -> None:
    store = make_store(becomes=lambda _key: becomes)
    await uploaded(store, "up")
    info = await store.seal("up", "final", "video/mp4")
    assert (info.size, info.content_type) == (len(WHOLE), "video/mp4")
    assert await content(store, "final") == WHOLE
    assert [info async for info in store.list()] == [info]
    assert names(client) == ["kept/final", "types/final"]
    assert [*client.multiparts("")] == []


@pytest.mark.parametrize("becomes", [None, "final"])
async def test_sealing_that_died_once_the_parts_were_joined(
    make_store: MakeStore, client: S3Client, becomes: str | None
) -> None:
    store = make_store(becomes=lambda _key: becomes)
    await uploaded(store, "up", WHOLE[: 2 * PART_BYTES])
    state = growing(client).state("up")
    client.complete(state.record.home, state.record.upload_id, state.full)
    with pytest.raises(ObjectMissing):
        await store.size("up")
    assert (await store.seal("up", "final", BINARY)).size == 2 * PART_BYTES
    assert names(client) == ["kept/final"]


async def test_sealing_that_died_when_the_last_part_was_there(
    store: S3Objects, client: S3Client
) -> None:
    await uploaded(store, "up", WHOLE[: 11 * MIB])
    record = growing(client).state("up").record
    client.put_part(record.home, record.upload_id, 3, WHOLE[2 * PART_BYTES : 11 * MIB])
    assert await store.size("up") == 11 * MIB
    await store.append("up", 11 * MIB, sent(WHOLE[11 * MIB :]))
    await store.seal("up", "final", BINARY)
    assert await content(store, "final") == WHOLE


async def test_appending_that_died_before_it_removed_the_old_tail(
    store: S3Objects, client: S3Client
) -> None:
    await uploaded(store, "up", WHOLE[: 4 * MIB])
    record = growing(client).state("up").record
    client.put_part(record.home, record.upload_id, 1, WHOLE[:PART_BYTES])
    assert await store.size("up") == PART_BYTES
    await store.append("up", PART_BYTES, sent(WHOLE[PART_BYTES:]))
    await store.seal("up", "final", BINARY)
    assert await content(store, "final") == WHOLE


async def test_sealing_small_uploads_that_died_forgets_no_byte(
    store: S3Objects, client: S3Client
) -> None:
    await uploaded(store, "up", b"small")
    await store.seal("up", "final", BINARY)
    client.put(layout.tail("up", 0, 3).name, b"sma", BINARY)  # what clearing away left
    await store.seal("up", "final", BINARY)
    assert await content(store, "final") == b"small"


@pytest.mark.parametrize("reached", [6 * MIB, 9 * MIB, len(WHOLE)])
async def test_two_who_both_believe_they_hold_it_lose_and_double_nothing(
    store: S3Objects, other_store: S3Objects, valkey: str, reached: int
) -> None:
    await uploaded(store, "up", WHOLE[: 2 * MIB])
    body = Slow(WHOLE[2 * MIB : 7 * MIB], WHOLE[7 * MIB : 8 * MIB])
    sleeper = asyncio.create_task(store.append("up", 2 * MIB, body.chunks()))
    await body.begun.wait()
    lose_leases(valkey)
    offset = await other_store.size("up")
    assert await other_store.append("up", offset, sent(WHOLE[offset:reached])) == reached
    body.released.set()
    assert await sleeper == 8 * MIB
    offset = await other_store.size("up")
    assert offset == max(reached, 8 * MIB)
    await other_store.append("up", offset, sent(WHOLE[offset:]))
    await store.seal("up", "final", BINARY)
    assert await content(store, "final") == WHOLE


async def test_a_writer_who_hears_that_his_lease_is_lost_stops(
    store: S3Objects, valkey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_append, "RENEW_EVERY_S", 0.02)

    async def without_end() -> AsyncIterator[bytes]:
        lose_leases(valkey)
        while True:
            await asyncio.sleep(0.01)
            yield b"x" * BATCH_BYTES

    await store.create("up")
    with pytest.raises(ObjectBusy):
        await store.append("up", 0, without_end())


async def test_a_cancelled_append_keeps_parts_and_tail(store: S3Objects) -> None:
    await store.create("up")
    body = Slow(WHOLE[: 11 * MIB], b"")
    appending = asyncio.create_task(store.append("up", 0, body.chunks()))
    await body.begun.wait()
    appending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await appending
    assert await store.size("up") == 11 * MIB
    await store.append("up", 11 * MIB, sent(WHOLE[11 * MIB :]))
    await store.seal("up", "final", BINARY)
    assert await content(store, "final") == WHOLE


async def test_a_key_may_begin_another(store: S3Objects) -> None:
    for number, key in enumerate(("a", "a/b", "ab", "a/b/c")):
        await uploaded(store, key, b"x" * number)
    listed = [(info.key, info.size) async for info in store.pending()]
    assert listed == [("a", 0), ("a/b", 1), ("a/b/c", 3), ("ab", 2)]
    await store.abort("a")
    assert await store.size("a/b") == 1


async def test_the_sweeper_takes_what_nobody_owns_and_nothing_else(
    store: S3Objects, client: S3Client
) -> None:
    await uploaded(store, "up")
    client.begin(layout.kept("of/a/dead/put"), BINARY)
    client.begin(layout.whole("of-a-dead-create"), BINARY)
    client.put(layout.tail("sealed", 0, 3).name, b"abc", BINARY)
    assert await store.sweep(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert await store.sweep(datetime.now(UTC) + timedelta(hours=1)) == 3
    assert len([*client.multiparts("")]) == 1
    await store.seal("up", "final", BINARY)
    assert await content(store, "final") == WHOLE


async def test_the_sweeper_takes_the_record_of_parts_that_the_store_has_aborted(
    store: S3Objects, client: S3Client
) -> None:
    await uploaded(store, "up")
    record = growing(client).state("up").record
    client.abort(record.home, record.upload_id)
    assert await store.sweep(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert await store.sweep(datetime.now(UTC) + timedelta(hours=1)) == 2
    assert names(client) == []


async def test_the_sweeper_leaves_parts_that_were_joined_and_not_brought_home(
    store: S3Objects, client: S3Client
) -> None:
    await uploaded(store, "up", WHOLE[: 2 * PART_BYTES])
    state = growing(client).state("up")
    client.complete(state.record.home, state.record.upload_id, state.full)
    assert await store.sweep(datetime.now(UTC) + timedelta(hours=1)) == 0
    assert (await store.seal("up", "final", BINARY)).size == 2 * PART_BYTES


async def test_everything_is_found_page_by_page(
    store: S3Objects, client: S3Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it is with more than the 1000 that S3 gives at once: 8 GiB have so many parts."""
    for call, most in (
        ("_list_parts", "max_parts"),
        ("_list_multipart_uploads", "max_uploads"),
        ("_list_objects", "max_keys"),
    ):
        monkeypatch.setattr(Minio, call, partialmethod(getattr(Minio, call), **{most: 1}))
    monkeypatch.setattr(s3, "LIST_BATCH", 2)
    await uploaded(store, "a/up")
    await uploaded(store, "b", b"x")
    assert await store.size("a/up") == len(WHOLE)
    assert [info.key async for info in store.pending()] == ["a/up", "b"]
    for name in ("one", "two", "three"):
        client.begin(layout.kept(name), BINARY)
    assert await store.sweep(datetime.now(UTC) + timedelta(hours=1)) == 3
    for name in ("f/a", "f/b", "f/c/d", "f/c/e", "g"):
        await store.put(name, sent(b"x"), "text/odd")
    assert await store.delete_prefix("f/") == 4
    assert await keys(store) == ["g"]


async def test_large_objects_travel_in_parts(
    store: S3Objects, client: S3Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_client, "COPY_BYTES", PART_BYTES)
    source = tmp_path / "lesson.mp4"
    source.write_bytes(WHOLE)
    await store.put("streamed", sent(WHOLE[:MIB], WHOLE[MIB:]), "video/mp4")
    await store.put_file("file.mp4", source, "video/mp4")
    copied = await store.copy("streamed", "copied")
    assert copied.content_type == "video/mp4"
    for key in ("streamed", "file.mp4", "copied"):
        assert client.stat(layout.kept(key)).etag.endswith("-3")
        assert await content(store, key) == WHOLE
    async with store.local_copy("copied") as path:
        assert path.read_bytes() == WHOLE
