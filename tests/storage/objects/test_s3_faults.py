"""An S3 store that refuses, cuts the line, is full, falls silent or is not set up."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from minio.commonconfig import ENABLED, Filter
from minio.lifecycleconfig import Expiration, LifecycleConfig, Rule

from tests.conformance.bodies import BINARY, content, keys, sent
from tests.servers.faults import FaultProxy
from tests.servers.seaweedfs import SeaweedFS
from tests.storage.objects.conftest import (
    HASTY,
    IMPATIENT,
    PART_BYTES,
    MakeStore,
    at_last,
    place_of,
)
from tongke.storage.bus.valkey import ValkeyBus
from tongke.storage.objects import s3
from tongke.storage.objects.errors import ObjectsUnavailable, StoreFull
from tongke.storage.objects.s3_append import S3Objects
from tongke.storage.objects.s3_client import S3Client
from tongke.storage.objects.s3_connection import Place
from tongke.storage.objects.s3_errors import (
    BucketMissing,
    ChangedMeanwhile,
    StoreRefuses,
)

MIB = 2**20
WHOLE = random.Random(2).randbytes(6 * MIB)  # a full part and a tail
ALWAYS = 1000


async def test_refusals_that_pass_are_not_noticed(far: S3Objects, proxy: FaultProxy) -> None:
    for status in (500, 502, 503, 504):
        proxy.answer(status, times=2)
        await far.put(f"k{status}", sent(b"x"), BINARY)
        proxy.answer(status, times=2)
        assert await content(far, f"k{status}") == b"x"
        proxy.answer(status, times=2)
        assert len(await keys(far)) == 1
        proxy.answer(status, times=2, only="POST")
        await far.delete(f"k{status}")
        assert proxy.left == 0


async def test_a_store_that_goes_on_refusing_is_unavailable(
    far: S3Objects, proxy: FaultProxy
) -> None:
    slow_down = b"<Error><Code>SlowDown</Code><Message>Reduce your rate</Message></Error>"
    proxy.answer(503, ALWAYS, body=slow_down)
    with pytest.raises(ObjectsUnavailable, match="SlowDown Reduce your rate"):
        await content(far, "k")
    for call in (
        far.put("k", sent(b"x"), BINARY),
        far.info("k"),
        far.delete("k"),
        far.create("k"),
        far.free_bytes(),
        far.check(),
    ):
        with pytest.raises(ObjectsUnavailable):
            await call


async def test_a_put_whose_line_is_cut_is_sent_again(
    far: S3Objects, proxy: FaultProxy, tmp_path: Path
) -> None:
    source = tmp_path / "lesson"
    source.write_bytes(WHOLE)
    proxy.cut_request(MIB, times=2, only="PUT")
    await far.put("streamed", sent(WHOLE), BINARY)
    proxy.cut_answer(0, times=2, only="PUT")
    await far.put_file("file", source, BINARY)
    assert proxy.left == 0
    assert await content(far, "streamed") == await content(far, "file") == WHOLE


async def test_a_put_that_cannot_be_ended_leaves_no_object(
    far: S3Objects, store: S3Objects, proxy: FaultProxy, client: S3Client
) -> None:
    proxy.answer(503, ALWAYS, only="partNumber=2")
    with pytest.raises(ObjectsUnavailable):
        await far.put("k", sent(WHOLE), BINARY)
    assert await keys(store) == []
    assert [*client.multiparts("")] == []


async def test_reading_goes_on_at_its_byte_after_a_cut(far: S3Objects, proxy: FaultProxy) -> None:
    await far.put("k", sent(WHOLE), BINARY)
    proxy.cut_answer(MIB, times=3, only="GET")
    assert await content(far, "k") == WHOLE
    assert proxy.left == 0
    proxy.cut_answer(MIB, times=1, only="GET")
    assert await content(far, "k", 1000, 3 * MIB) == WHOLE[1000 : 1000 + 3 * MIB]
    async with far.local_copy("k") as path:
        assert path.read_bytes() == WHOLE


async def test_a_copy_says_how_much_of_it_is_here(
    store: S3Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "FETCH_PIECES", 8)
    await store.put("k", sent(WHOLE), BINARY)
    said: list[int] = []
    async with store.local_copy("k", said.append):
        assert said == [2 * MIB, 4 * MIB, 6 * MIB]


async def test_reading_never_mixes_two_objects(
    far: S3Objects, store: S3Objects, proxy: FaultProxy
) -> None:
    await store.put("k", sent(WHOLE), BINARY)
    proxy.cut_answer(2 * MIB, only="GET")
    reading = far.read("k")
    await anext(reading)
    await store.put("k", sent(WHOLE[::-1]), BINARY)
    with pytest.raises(ChangedMeanwhile):
        async for _ in reading:
            pass


async def test_reading_that_is_cut_each_time_ends(far: S3Objects, proxy: FaultProxy) -> None:
    await far.put("k", sent(WHOLE), BINARY)
    proxy.cut_answer(0, ALWAYS)
    with pytest.raises(ObjectsUnavailable):
        await content(far, "k")


async def test_a_black_hole_is_given_up(
    make_store: MakeStore, store: S3Objects, proxy: FaultProxy
) -> None:
    far = make_store(url=f"http://{proxy.address}", patience=IMPATIENT)
    await store.put("k", sent(WHOLE), BINARY)

    async def begun() -> AsyncIterator[bytes]:
        found = far.read("k")
        await anext(found)
        return found

    reading = await at_last(begun)
    proxy.hold()
    with pytest.raises(ObjectsUnavailable):
        await far.info("k")
    with pytest.raises(ObjectsUnavailable):
        async for _ in reading:
            pass
    proxy.release()
    assert (await at_last(lambda: far.info("k"))).size == len(WHOLE)


async def test_nobody_listens(make_store: MakeStore) -> None:
    far = make_store(url="http://127.0.0.1:1", patience=HASTY)
    with pytest.raises(ObjectsUnavailable):
        await far.free_bytes()


async def test_a_full_store_says_so_and_what_is_kept_stays(
    far: S3Objects, proxy: FaultProxy
) -> None:
    await far.create("up")
    await far.append("up", 0, sent(b"abc"))
    proxy.answer(507, only="PUT")
    with pytest.raises(StoreFull):
        await far.append("up", 3, sent(b"def"))
    assert await far.append("up", 3, sent(b"def")) == 6


@pytest.mark.parametrize("part", ["partNumber=1", "PUT /tongke/growing/up~tail"])
async def test_an_append_that_the_store_breaks_off_goes_on_at_what_it_kept(
    far: S3Objects, proxy: FaultProxy, part: str
) -> None:
    await far.create("up")
    await far.append("up", 0, sent(WHOLE[:MIB]))
    proxy.cut_request(1000, times=HASTY.retries + 1, only=part)
    with pytest.raises(ObjectsUnavailable):
        await far.append("up", MIB, sent(WHOLE[MIB:]))
    assert proxy.left == 0
    offset = await far.size("up")
    assert offset == (MIB if part == "partNumber=1" else PART_BYTES)
    await far.append("up", offset, sent(WHOLE[offset:]))
    await far.seal("up", "final", BINARY)
    assert await content(far, "final") == WHOLE


@pytest.mark.parametrize("lost", ["PUT", "POST"])
async def test_answers_that_are_lost_double_nothing(
    far: S3Objects, proxy: FaultProxy, lost: str
) -> None:
    proxy.cut_answer(0, times=1, only=lost)
    await far.create("up")
    proxy.cut_answer(0, times=1, only=lost)
    await far.append("up", 0, sent(WHOLE))
    proxy.cut_answer(0, times=1, only=lost)
    await far.seal("up", "final", BINARY)
    assert proxy.left <= 1  # an append posts nothing but the removal of what it replaced
    assert await content(far, "final") == WHOLE


async def test_sealing_again_when_the_answer_never_came(far: S3Objects, proxy: FaultProxy) -> None:
    await far.create("up")
    await far.append("up", 0, sent(WHOLE))
    proxy.cut_answer(0, times=HASTY.retries + 1, only="POST")
    with pytest.raises(ObjectsUnavailable):
        await far.seal("up", "final", BINARY)
    assert proxy.left == 0
    await far.seal("up", "final", BINARY)
    assert await content(far, "final") == WHOLE


async def test_sealing_where_a_store_says_gone_to_the_second_call(
    far: S3Objects, proxy: FaultProxy, client: S3Client
) -> None:
    """SeaweedFS gives the same answer again, others do not."""
    await far.create("up")
    await far.append("up", 0, sent(WHOLE))
    proxy.cut_answer(0, only="POST")
    proxy.answer(404, body=b"<Error><Code>NoSuchUpload</Code></Error>", only="POST")
    await far.seal("up", "final", BINARY)
    assert proxy.left == 0
    assert await content(far, "final") == WHOLE
    assert [found.name for found in client.below("")] == ["kept/final"]


async def test_what_was_acknowledged_outlives_the_store(
    make_store: MakeStore, seaweed: SeaweedFS
) -> None:
    store = make_store(patience=HASTY)
    await store.create("up")
    await store.append("up", 0, sent(WHOLE))
    seaweed.server.kill()
    with pytest.raises(ObjectsUnavailable):
        await store.size("up")
    seaweed.server.start()
    assert await store.size("up") == len(WHOLE)
    await store.seal("up", "final", BINARY)
    assert await content(store, "final") == WHOLE


# What `tongke doctor` finds


@pytest.fixture
async def at_place(
    client: S3Client, seaweed: SeaweedFS, bus: ValkeyBus, tmp_path: Path
) -> AsyncIterator[Callable[..., S3Objects]]:
    made = []

    def make(**changes: str) -> S3Objects:
        place: Place = replace(place_of(seaweed), **changes)
        made.append(S3Objects(place, tmp_path / "scratch", bus, patience=HASTY))
        return made[-1]

    yield make
    for store in made:
        await store.close()


async def test_the_check_makes_the_bucket_and_its_rule(
    at_place: Callable[..., S3Objects], tmp_path: Path
) -> None:
    store = at_place(bucket="made-by-check")
    for call in (store.free_bytes(), keys(store)):
        with pytest.raises(BucketMissing):
            await call
    for _ in range(2):
        health = await store.check()
    assert health.where.endswith("/made-by-check")
    rules = store._client._minio.get_bucket_lifecycle("made-by-check").rules
    assert [rule.abort_incomplete_multipart_upload.days_after_initiation for rule in rules] == [30]


async def test_the_check_leaves_other_rules_alone(at_place: Callable[..., S3Objects]) -> None:
    store = at_place()
    theirs = Rule(ENABLED, Filter(prefix="old/"), rule_id="theirs", expiration=Expiration(days=9))
    client = store._client._minio
    client.set_bucket_lifecycle("tongke", LifecycleConfig([theirs]))
    await store.check()
    assert len(client.get_bucket_lifecycle("tongke").rules) == 2
    client.delete_bucket_lifecycle("tongke")


async def test_a_store_without_rules_is_healthy(far: S3Objects, proxy: FaultProxy) -> None:
    proxy.answer(501, body=b"<Error><Code>NotImplemented</Code></Error>", only="lifecycle")
    assert (await far.check()).round_trip_s > 0
    assert proxy.left == 0


@pytest.mark.parametrize("changes", [{"secret_key": "wrong"}, {"access_key": "nobody"}])
async def test_wrong_keys_are_named(
    at_place: Callable[..., S3Objects], changes: dict[str, str]
) -> None:
    store = at_place(**changes)
    for call in (store.check(), store.info("k"), store.put("k", sent(b"x"), BINARY)):
        with pytest.raises(StoreRefuses):
            await call
