"""One SeaweedFS for the tests of the S3 adapter, and a bucket that is empty at each start."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.servers import seaweedfs
from tests.servers.faults import FaultProxy
from tests.servers.process import short_folder
from tests.servers.seaweedfs import SeaweedFS
from tongke.storage.bus.valkey import ValkeyBus
from tongke.storage.objects.s3_append import S3Objects
from tongke.storage.objects.s3_client import S3Client
from tongke.storage.objects.s3_connection import Patience, Place

# The least that S3 takes, so that tests have several parts of few bytes.
PART_BYTES = 5 * 2**20
# Three calls in all, close together.
HASTY = Patience(connect_s=5, read_s=5, retries=2, backoff_s=0.01)

MakeStore = Callable[..., S3Objects]


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
