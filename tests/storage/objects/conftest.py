"""One SeaweedFS for the tests of the S3 adapter, and a bucket that is empty at each start."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import pytest

from tests.servers import seaweedfs
from tests.servers.faults import FaultProxy
from tests.servers.process import short_folder
from tests.servers.seaweedfs import SeaweedFS
from tests.waiting import LIMIT_S, LOOK_EVERY_S
from tongke.storage.bus.valkey import ValkeyBus
from tongke.storage.objects.errors import ObjectsUnavailable
from tongke.storage.objects.s3_append import S3Objects
from tongke.storage.objects.s3_client import S3Client
from tongke.storage.objects.s3_connection import Patience, Place

# The least that S3 takes, so that tests have several parts of few bytes.
PART_BYTES = 5 * 2**20
# Three calls in all, close together.
HASTY = Patience(connect_s=5, read_s=5, retries=2, backoff_s=0.01)
# Gives up at once where a store is held up: only through a proxy that holds it, or with `at_last`.
IMPATIENT = replace(HASTY, read_s=0.3, retries=0)

MakeStore = Callable[..., S3Objects]
T = TypeVar("T")


async def at_last(call: Callable[[], Awaitable[T]]) -> T:
    """What a call to a store that is there gives. Whoever is impatient gives up a machine that
    stands still for a moment as well: they ask again."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            try:
                return await call()
            except ObjectsUnavailable:
                await asyncio.sleep(LOOK_EVERY_S)


@pytest.fixture(scope="session")
def seaweed() -> Iterator[SeaweedFS]:
    folder = short_folder("seaweedfs")
    found = seaweedfs.start(folder)
    with found.server:
        yield found
    shutil.rmtree(folder)


@pytest.fixture
def client(seaweed: SeaweedFS) -> S3Client:
    """The store itself, with nothing in its bucket."""
    found = S3Client(place_of(seaweed), 1, Patience())
    names = [each.name for each in found.below("")]
    if names:
        found.delete(names)
    for each in found.multiparts(""):
        found.abort(each.name, each.upload_id)
    return found


@pytest.fixture
async def bus(valkey: str) -> AsyncIterator[ValkeyBus]:
    found = ValkeyBus(valkey)
    yield found
    await found.close()


@pytest.fixture
async def make_store(
    seaweed: SeaweedFS, client: S3Client, bus: ValkeyBus, tmp_path: Path
) -> AsyncIterator[MakeStore]:
    """Adapters on the empty bucket, as many as a test wants: each is as another process's."""
    made: list[S3Objects] = []

    def make(url: str = seaweed.url, leases: ValkeyBus = bus, **options: object) -> S3Objects:
        place = replace(place_of(seaweed), url=url)
        options = {"part_bytes": PART_BYTES, **options}
        store = S3Objects(place, tmp_path / f"scratch{len(made)}", leases, **options)  # type: ignore[arg-type]  # handed on
        made.append(store)
        return store

    yield make
    for store in made:
        await store.close()


@pytest.fixture
def store(make_store: MakeStore) -> S3Objects:
    return make_store()


@pytest.fixture
def other_store(make_store: MakeStore) -> S3Objects:
    return make_store()


@pytest.fixture
async def proxy(seaweed: SeaweedFS) -> AsyncIterator[FaultProxy]:
    address = urlsplit(seaweed.url)
    assert address.hostname and address.port
    async with FaultProxy(address.hostname, address.port) as found:
        yield found


@pytest.fixture
def far(make_store: MakeStore, proxy: FaultProxy) -> S3Objects:
    """An adapter whose calls pass the proxy; `store` goes straight."""
    return make_store(url=f"http://{proxy.address}", patience=HASTY)


def place_of(seaweed: SeaweedFS) -> Place:
    return Place(
        seaweed.url, seaweed.bucket, seaweed.region, seaweed.access_key, seaweed.secret_key
    )
