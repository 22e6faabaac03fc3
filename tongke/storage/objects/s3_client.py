"""The S3 calls we make, on one bucket; every method blocks and is called in a thread.

The `minio` client keeps its multipart calls private, and an upload that goes on from process to
process cannot do without them: this file alone uses them, and the client is pinned in the lock.
Names here are S3 object names; what keys they stand for is the business of the callers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from minio import Minio
from minio.commonconfig import ENABLED, REPLACE, CopySource, Filter
from minio.datatypes import Object, Part
from minio.deleteobjects import DeleteObject
from minio.lifecycleconfig import AbortIncompleteMultipartUpload, LifecycleConfig, Rule
from urllib3.response import BaseHTTPResponse

from tongke.storage.objects.errors import ObjectsUnavailable
from tongke.storage.objects.s3_connection import Patience, Place, pool
from tongke.storage.objects.s3_errors import UploadGone, s3_errors

# A server-side copy says nothing until it is done: ranges of this size end well within the time
# limit for reading even on a slow store. S3 itself ends a single copy at 5 GiB.
COPY_BYTES = 256 * 2**20
# S3 counts the parts of an upload from 1 to 10 000.
MOST_PARTS = 10_000
_LIFECYCLE_RULE = "tongke-abandoned-uploads"


class Stat(NamedTuple):
    """An object as the store sees it; `size` in bytes."""

    name: str
    size: int
    etag: str
    modified_at: datetime
    content_type: str


class Multipart(NamedTuple):
    """A multipart upload that was begun and neither completed nor aborted."""

    name: str
    upload_id: str
    begun_at: datetime


class S3Client:
    """Raises the errors of the port; `ObjectMissing` names the object."""

    def __init__(self, place: Place, connections: int, patience: Patience) -> None:
        self.bucket = place.bucket
        address = urlsplit(place.url)
        self._minio = Minio(
            address.netloc,
            place.access_key,
            place.secret_key,
            secure=address.scheme == "https",
            region=place.region,
            http_client=pool(connections, patience),
        )

    # Whole objects

    def put(self, name: str, body: bytes, content_type: str) -> None:
        with s3_errors(self.bucket, name):
            self._minio._put_object(self.bucket, name, body, {"Content-Type": content_type})

    def get(self, name: str) -> bytes:
        """A small object, whole."""
        with s3_errors(self.bucket, name):
            response = self._minio.get_object(self.bucket, name)
            try:
                return response.read()
            finally:
                response.release_conn()

    def open(self, name: str, start: int, length: int | None, etag: str) -> BaseHTTPResponse:
        """A stream of the bytes from `start`; with an etag, only of that very object.

        Raises also `PastTheEnd` and `ChangedMeanwhile`. The caller closes it.
        """
        condition = {"If-Match": f'"{etag}"'} if etag else {}
        with s3_errors(self.bucket, name):
            return self._minio.get_object(
                self.bucket, name, offset=start, length=length or 0, request_headers=dict(condition)
            )

    def stat(self, name: str) -> Stat:
        with s3_errors(self.bucket, name):
            return _stat(self._minio.stat_object(self.bucket, name))

    def delete(self, names: Iterable[str]) -> None:
        """Deleting what is not there is fine."""
        with s3_errors(self.bucket):
            for error in self._minio.remove_objects(
                self.bucket, [DeleteObject(name) for name in names]
            ):
                raise ObjectsUnavailable(reason=f"{error.code} {error.message}")

    def copy(self, source: Stat, target: str, content_type: str) -> None:
        """The same bytes under a second name, without passing through here."""
        with s3_errors(self.bucket, source.name):
            if source.size > COPY_BYTES:
                self._copy_in_ranges(source, target, content_type)
                return
            self._minio.copy_object(
                self.bucket,
                target,
                CopySource(self.bucket, source.name),
                metadata={"Content-Type": content_type},
                metadata_directive=REPLACE,
            )

    # Listing

    def level(self, prefix: str) -> Iterator[Stat | str]:
        """What stands in one folder and begins with `prefix`: objects, and names of folders."""
        for found in self._listed(prefix, recursive=False):
            name = found.object_name or ""
            if not found.is_dir:
                yield _stat(found)
            elif name != prefix:  # an empty folder is listed as itself
                yield name

    def below(self, prefix: str) -> Iterator[Stat]:
        """All objects that begin with `prefix`, in whatever order the store has."""
        return (_stat(found) for found in self._listed(prefix, recursive=True) if not found.is_dir)

    def _listed(self, prefix: str, *, recursive: bool) -> Iterator[Object]:
        with s3_errors(self.bucket):
            yield from self._minio.list_objects(self.bucket, prefix, recursive=recursive)

    # Uploads in parts

    def begin(self, name: str, content_type: str) -> str:
        """Begin a multipart upload; its id."""
        with s3_errors(self.bucket, name):
            headers: dict[str, str | list[str] | tuple[str]] = {"Content-Type": content_type}
            return self._minio._create_multipart_upload(self.bucket, name, headers)

    def put_part(self, name: str, upload_id: str, number: int, body: bytes) -> Part:
        if number > MOST_PARTS:
            raise ObjectsUnavailable(reason=f"more than {MOST_PARTS} parts of {len(body)} bytes")
        with s3_errors(self.bucket, name):
            etag = self._minio._upload_part(self.bucket, name, body, None, upload_id, number)
        return Part(number, etag, size=len(body))

    def parts(self, name: str, upload_id: str) -> Iterator[Part]:
        """The parts that are kept, by number. A number may come twice: some stores (SeaweedFS)
        list what was replaced too. Raises `UploadGone`."""
        marker: str | None = None
        with s3_errors(self.bucket, name):
            while True:
                page = self._minio._list_parts(
                    self.bucket, name, upload_id, part_number_marker=marker
                )
                yield from page.parts
                marker = page.next_part_number_marker
                if not page.is_truncated or not marker:
                    return

    def complete(self, name: str, upload_id: str, parts: list[Part]) -> None:
        """Make the parts one object, in one step. Raises `UploadGone`."""
        with s3_errors(self.bucket, name):
            made = self._minio._complete_multipart_upload(self.bucket, name, upload_id, parts)
        # S3 may answer 200 before it knows, and then an error in the body.
        if not made.etag:
            raise ObjectsUnavailable(reason="the parts could not be joined")

    def abort(self, name: str, upload_id: str) -> None:
        """Aborting what is gone is fine."""
        try:
            with s3_errors(self.bucket, name):
                self._minio._abort_multipart_upload(self.bucket, name, upload_id)
        except UploadGone:
            return

    def multiparts(self, prefix: str) -> Iterator[Multipart]:
        """What was begun under `prefix` and is not ended.

        A page goes on behind the last that came: the client loses the marker that says so, and
        SeaweedFS, whose order is that of the ids, gives no key.
        """
        key: str | None = None
        upload_id: str | None = None
        with s3_errors(self.bucket):
            while True:
                page = self._minio._list_multipart_uploads(
                    self.bucket, prefix=prefix, key_marker=key, upload_id_marker=upload_id
                )
                for found in page.uploads:
                    upload_id = found.upload_id or ""
                    begun_at = found.initiated_time or datetime.now(UTC)
                    yield Multipart(found.object_name, upload_id, begun_at)
                key = page.next_key_marker
                if not page.is_truncated or not page.uploads:
                    return

    def _copy_in_ranges(self, source: Stat, target: str, content_type: str) -> None:
        upload_id = self.begin(target, content_type)
        try:
            parts = [
                self._copy_range(source, target, upload_id, number, start)
                for number, start in enumerate(range(0, source.size, COPY_BYTES), 1)
            ]
            self.complete(target, upload_id, parts)
        except BaseException:
            self.abort(target, upload_id)
            raise

    def _copy_range(
        self, source: Stat, target: str, upload_id: str, number: int, start: int
    ) -> Part:
        copied = CopySource(self.bucket, source.name, match_etag=source.etag)
        headers: dict[str, str | list[str] | tuple[str]] = {**copied.gen_copy_headers()}
        last = min(start + COPY_BYTES, source.size) - 1
        headers["x-amz-copy-source-range"] = f"bytes={start}-{last}"
        etag, _ = self._minio._upload_part_copy(self.bucket, target, upload_id, number, headers)
        return Part(number, etag)

    # The bucket

    def answers(self) -> None:
        """Ask for one name: says clearly what is wrong, which HEAD cannot, having no body."""
        with s3_errors(self.bucket):
            for _ in self._minio._list_objects(self.bucket, max_keys=1):
                return

    def server(self) -> str:
        """What the store calls itself; empty where it does not say."""
        with s3_errors(self.bucket):
            return self._minio._execute("HEAD", self.bucket).headers.get("Server", "")

    def make_bucket(self) -> None:
        with s3_errors(self.bucket):
            self._minio.make_bucket(self.bucket)

    def abort_abandoned_after(self, days: int) -> None:
        """Have the store itself abort uploads that were begun so long ago. Other rules stay.

        Raises what the store says, where it has no such rules or we may not set them.
        """
        with s3_errors(self.bucket):
            kept = self._minio.get_bucket_lifecycle(self.bucket)
            rules = list(kept.rules) if kept else []
            wanted = _abandoned_rule(days)
            if wanted not in rules:
                others = [rule for rule in rules if rule.rule_id != wanted.rule_id]
                self._minio.set_bucket_lifecycle(self.bucket, LifecycleConfig([*others, wanted]))


def _stat(found: Object) -> Stat:
    """To the second: HEAD gives no more, and a listing must say the same."""
    modified_at = (found.last_modified or datetime.now(UTC)).replace(microsecond=0)
    return Stat(
        found.object_name or "",
        found.size or 0,
        found.etag or "",
        modified_at,
        found.content_type or "",
    )


def _abandoned_rule(days: int) -> Rule:
    return Rule(
        ENABLED,
        rule_filter=Filter(prefix=""),
        rule_id=_LIFECYCLE_RULE,
        abort_incomplete_multipart_upload=AbortIncompleteMultipartUpload(days),
    )
