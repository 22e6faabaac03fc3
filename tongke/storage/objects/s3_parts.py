"""Bytes on their way into an S3 store: gathered on the local disk until they make a part.

The disk and not memory, so that a hundred slow uploads cost a hundred open files and not a
hundred parts of memory: a part is in memory only while a thread sends it. The file has no name,
so nothing stays of it, however the process ends; nobody is told that its bytes are safe.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from minio.datatypes import Part

from tongke.storage.objects.errors import ObjectsUnavailable
from tongke.storage.objects.s3_client import S3Client

# S3 asks for 5 MiB in all parts but the last, and takes 10 000: enough for 78 GiB.
PART_BYTES = 8 * 2**20


class Spool:
    """Cuts a stream into parts of `part_bytes`: each full one is handed to `emit`.

    A full part is held until more comes, so that what `rest` gives at the end is never empty
    unless the whole stream was.
    """

    def __init__(self, scratch: Path, part_bytes: int, emit: Callable[[bytes], None]) -> None:
        scratch.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=scratch, buffering=0)  # noqa: SIM115 (see close)
        self._part_bytes = part_bytes
        self._emit = emit
        self._held = 0

    def add(self, batch: bytes) -> None:
        left = memoryview(batch)
        while left:
            self.flush()
            room = self._part_bytes - self._held
            self._write(left[:room])
            left = left[room:]

    def flush(self) -> None:
        """Hand out the part that is held, if it is full. Repeated after a failure, it goes on."""
        if self._held == self._part_bytes:
            self._emit(self.rest())
            self._held = 0

    def rest(self) -> bytes:
        """What is held: at most one part."""
        self._file.seek(0)
        body = self._file.read(self._held)
        assert len(body) == self._held, "a local file is read whole"
        return body

    def close(self) -> None:
        self._file.close()

    def _write(self, left: memoryview) -> None:
        self._file.seek(self._held)
        while left:
            written = self._file.write(left)
            self._held += written
            left = left[written:]


class Making:
    """A new object, written in one call or in parts: it appears when `finish` returns."""

    def __init__(self, client: S3Client, name: str, content_type: str) -> None:
        self._client = client
        self._name = name
        self._content_type = content_type
        self._upload_id = ""
        self._parts: list[Part] = []

    def part(self, body: bytes) -> None:
        """One that is not the last, of 5 MiB at least."""
        if not self._upload_id:
            self._upload_id = self._client.begin(self._name, self._content_type)
        number = len(self._parts) + 1
        self._parts.append(self._client.put_part(self._name, self._upload_id, number, body))

    def finish(self, last: bytes) -> None:
        if not self._upload_id:
            self._client.put(self._name, last, self._content_type)
            return
        self.part(last)
        self._client.complete(self._name, self._upload_id, self._parts)

    def abandon(self) -> None:
        """Leave nothing behind; what the store does not take back now, the sweeper does."""
        if self._upload_id:
            with suppress(ObjectsUnavailable):
                self._client.abort(self._name, self._upload_id)
