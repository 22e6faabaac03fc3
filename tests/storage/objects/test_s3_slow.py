"""An S3 store that takes its time, and one whose clock is another."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conformance.bodies import BINARY, content, keys, sent
from tests.servers.faults import FaultProxy
from tests.storage.objects.conftest import IMPATIENT, PART_BYTES, MakeStore, at_last
from tongke import clock
from tongke.storage.objects.errors import ObjectsUnavailable
from tongke.storage.objects.s3_append import S3Objects
from tongke.storage.objects.s3_client import S3Client
from tongke.storage.objects.s3_errors import ClocksDiffer
from tongke.storage.objects.s3_threads import THREADS

MIB = 2**20
WHOLE = random.Random(3).randbytes(PART_BYTES + MIB)  # a full part and a tail
SLOW_S = 0.05


async def lent(store: S3Objects, key: str) -> bytes:
    async with store.local_copy(key) as path:
        return path.read_bytes()


def on_disk(folder: Path) -> list[Path]:
    """What the adapters have on this machine's own."""
    return list(folder.glob("scratch*/*"))


async def test_a_store_that_is_slow_keeps_and_gives_what_is_whole(
    make_store: MakeStore, proxy: FaultProxy, tmp_path: Path
) -> None:
    # Asked once: nothing but patience helps. A busy machine adds to what the store takes.
    far = make_store(url=f"http://{proxy.address}", patience=replace(IMPATIENT, read_s=30))
    source = tmp_path / "lesson"
    source.write_bytes(WHOLE)
    proxy.latency_s = SLOW_S
    await far.put("streamed", sent(WHOLE), BINARY)
    await far.put_file("file", source, BINARY)
    await far.create("up")
    await far.append("up", 0, sent(WHOLE[:MIB]))
    await far.append("up", MIB, sent(WHOLE[MIB:]))
    await far.seal("up", "sealed", BINARY)
    for key in ("streamed", "file", "sealed"):
        assert await content(far, key) == await lent(far, key) == WHOLE
    assert await keys(far) == ["file", "sealed", "streamed"]
    assert len(proxy.requests) > len(await keys(far))


async def test_a_store_that_is_too_slow_is_given_up_and_nothing_stays_held(
    make_store: MakeStore, store: S3Objects, proxy: FaultProxy, client: S3Client, tmp_path: Path
) -> None:
    far = make_store(url=f"http://{proxy.address}", patience=IMPATIENT)
    await store.put("k", sent(WHOLE), BINARY)
    await store.create("up")
    await store.append("up", 0, sent(b"abc"))
    proxy.hold()
    # More of them than the adapter has threads and connections.
    refused = await asyncio.gather(
        *(far.put(f"new{number}", sent(WHOLE), BINARY) for number in range(THREADS)),
        content(far, "k"),
        lent(far, "k"),
        far.info("k"),
        far.append("up", 3, sent(b"def")),
        return_exceptions=True,
    )
    assert {type(error) for error in refused} == {ObjectsUnavailable}
    assert {error.code for error in refused} == {"objects-unavailable"}  # type: ignore[union-attr]  # so they are
    assert on_disk(tmp_path) == []
    assert await keys(store) == ["k"]
    proxy.release()

    async def sent_to_its_end() -> int:
        offset = await far.size("up")
        return await far.append("up", offset, sent(b"abcdef"[offset:]))

    # Neither a thread, nor a connection, nor the upload itself is held by who gave up.
    assert await at_last(lambda: content(far, "k")) == WHOLE
    assert await at_last(sent_to_its_end) == 6
    await at_last(lambda: far.seal("up", "sealed", BINARY))
    assert await content(store, "sealed") == b"abcdef"
    # What the store began after nobody waited for it any more is the sweeper's.
    await proxy.idle()
    await store.sweep(clock.now() + timedelta(minutes=1))
    assert [*client.multiparts("")] == []
    assert await keys(store) == ["k", "sealed"]


async def test_a_clock_that_is_wrong_is_named(far: S3Objects, proxy: FaultProxy) -> None:
    """Either way, whoever's it is: what the store reads of ours is an hour off."""
    await far.put("k", sent(b"x"), BINARY)
    for hours in (1, -1):
        proxy.skew = timedelta(hours=hours)
        for call in (far.check(), content(far, "k"), far.put("k", sent(b"y"), BINARY)):
            with pytest.raises(ClocksDiffer):
                await call
    proxy.skew = timedelta()
    assert await content(far, "k") == b"x"
