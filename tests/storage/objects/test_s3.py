"""The S3 adapter on a real SeaweedFS: the port's suites."""

from __future__ import annotations

from tests.conformance.append import AppendableSuite
from tests.conformance.objects import ObjectStoreSuite


class TestS3Objects(ObjectStoreSuite):
    pass


class TestS3Appending(AppendableSuite):
    pass
