"""The S3 adapter on a real SeaweedFS: the port's suites."""

from __future__ import annotations

from tests.conformance.append import AppendableSuite
from tests.conformance.objects import ObjectStoreSuite
from tongke.storage.objects.s3_append import S3Objects


class TestS3Objects(ObjectStoreSuite):
    pass


class TestS3Appending(AppendableSuite):
    pass


async def test_the_check_says_which_store_it_is(store: S3Objects) -> None:
    assert (await store.check()).server.startswith("SeaweedFS")
