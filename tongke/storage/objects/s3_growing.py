"""Unfinished uploads in an S3 store: their state, read from the store alone. Blocking.

S3 wants parts of 5 MiB, a client cuts anywhere. So part n is always the n-th `part_bytes` of the
upload, and what lies behind the last full part is a small object of its own, the tail, named by
where it begins and ends. The state is then a pure function of what the store lists:

    full     the parts 1..n without a gap, each of full size
    offset   the greatest end of a tail that begins where they end; else where they end

Nothing is changed in place and nothing that counts is removed before what replaces it is there.
Two writers that both believe they hold an upload (one slept through the end of its lease) write
the same bytes under the same part number, and tails of different length under different names of
which the longest counts. So no acknowledged byte is lost, and none comes twice, whatever the lock
does; the lock only saves them the work.

The multipart upload is begun once, by `begin`, before anyone knows the upload's address: its id
never changes, for two ids would be two sets of parts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import count, groupby, takewhile
from typing import NamedTuple

from minio.datatypes import Part

from tongke.storage.objects import s3_layout as layout
from tongke.storage.objects.errors import ObjectMissing, WrongOffset
from tongke.storage.objects.port import ObjectInfo
from tongke.storage.objects.s3_client import S3Client, Stat
from tongke.storage.objects.s3_errors import UploadGone
from tongke.storage.objects.s3_layout import Tail
from tongke.storage.objects.tree import UNKNOWN_TYPE


class Record(NamedTuple):
    """What `begin` wrote down: the multipart upload, the object it becomes, its parts' size."""

    upload_id: str
    home: str
    part_bytes: int


@dataclass(frozen=True, slots=True)
class Growth:
    """The state of an upload that is known here and in the store."""

    key: str
    record: Record
    full: list[Part]
    tail: Tail | None
    names: list[str]
    modified_at: datetime

    @property
    def full_bytes(self) -> int:
        return len(self.full) * self.record.part_bytes

    @property
    def offset(self) -> int:
        return self.tail.end if self.tail else self.full_bytes


class GrowingObjects:
    """`becomes` tells the key that an upload will most likely be sealed to, or None.

    Its parts are then put where that object will be, and sealing copies nothing.
    """

    def __init__(
        self, client: S3Client, part_bytes: int, becomes: Callable[[str], str | None]
    ) -> None:
        self._client = client
        self._part_bytes = part_bytes
        self._becomes = becomes

    def exists(self, key: str) -> bool:
        try:
            self._client.stat(layout.record(key))
        except ObjectMissing:
            return False
        return True

    def begin(self, key: str) -> None:
        if self.exists(key):
            return
        final_key = self._becomes(key)
        home = layout.kept(final_key) if final_key else layout.whole(key)
        record = Record(self._client.begin(home, UNKNOWN_TYPE), home, self._part_bytes)
        body = json.dumps(record._asdict()).encode()
        self._client.put(layout.record(key), body, "application/json")

    def state(self, key: str) -> Growth:
        """Raises `ObjectMissing`, and `UploadGone` for one that was being sealed or forgotten."""
        found = [*self._client.below(layout.growing(key))]
        record = self._record(key)
        parts = [*self._client.parts(record.home, record.upload_id)]
        full = full_parts(parts, record.part_bytes)
        return Growth(
            key=key,
            record=record,
            full=full,
            tail=longest_tail(found, len(full) * record.part_bytes),
            names=[each.name for each in found],
            modified_at=max(
                [each.modified_at for each in found]
                + [part.last_modified for part in parts if part.last_modified]
            ),
        )

    def seal(self, key: str, final_key: str, content_type: str, size: int | None) -> None:
        """Make it the object `final_key`. Raises `ObjectMissing` when there is nothing to seal,
        and `WrongOffset` when it has not `size` bytes.

        The record goes first of what is cleared away: without it nobody takes the rest for an
        upload that has lost its tail. What a crash leaves is swept.
        """
        target = layout.kept(final_key)
        try:
            state = self.state(key)
        except UploadGone:
            record = self._record(key)  # the parts were joined, and nothing after that was done
        else:
            record = state.record
            if size not in (None, state.offset):
                raise WrongOffset(offset=state.offset)
            if not state.full:
                self._client.put(target, self._tail_bytes(state.tail), content_type)
                self._forget(key, record)
                return
            with suppress(UploadGone):  # joined already: the answer to an earlier call was lost
                self._join(state)
        self._bring_home(record, target, content_type)
        self._forget(key, record)

    def abort(self, key: str) -> None:
        try:
            record = self._record(key)
        except ObjectMissing:
            return
        self._forget(key, record)

    def pending(self) -> list[ObjectInfo]:
        return sorted(self._pending(), key=lambda info: info.key)

    def owned(self) -> set[str]:
        """The multipart uploads that unfinished uploads go on with."""
        found = set()
        for key, _ in self._by_key():
            with suppress(ObjectMissing):
                found.add(self._record(key).upload_id)
        return found

    def strays(self, before: datetime) -> list[str]:
        """What is left of uploads that nobody can go on with."""
        return [
            each.name
            for key, found in self._by_key()
            if max(each.modified_at for each in found) < before
            and self._is_stray(key, {each.name for each in found})
            for each in found
        ]

    def _is_stray(self, key: str, names: set[str]) -> bool:
        """It has no record any more, or a record of parts that are gone: joined where they were
        to be, or aborted by the store. What waits joined elsewhere can still be brought home."""
        if layout.record(key) not in names:
            return True
        if layout.whole(key) in names:
            return False
        try:
            self.state(key)
        except UploadGone:
            return True
        except ObjectMissing:
            return False  # sealed or forgotten at this moment
        return False

    def _pending(self) -> Iterator[ObjectInfo]:
        for key, _ in self._by_key():
            with suppress(ObjectMissing):  # sealed or forgotten at this moment
                state = self.state(key)
                yield ObjectInfo(key, state.offset, "", state.modified_at, UNKNOWN_TYPE)

    def _by_key(self) -> list[tuple[str, list[Stat]]]:
        found = sorted(self._client.below(layout.GROWING))
        by_key = groupby(found, lambda each: layout.key_of_growing(each.name))
        return [(key, [*each]) for key, each in by_key]

    def _record(self, key: str) -> Record:
        return Record(**json.loads(self._client.get(layout.record(key))))

    def _tail_bytes(self, tail: Tail | None) -> bytes:
        return self._client.get(tail.name) if tail else b""

    def _join(self, state: Growth) -> None:
        parts, record = state.full, state.record
        if state.tail:
            body = self._client.get(state.tail.name)
            number = len(parts) + 1
            last = self._client.put_part(record.home, record.upload_id, number, body)
            parts = [*parts, last]
        self._client.complete(record.home, record.upload_id, parts)

    def _bring_home(self, record: Record, target: str, content_type: str) -> None:
        joined = self._client.stat(record.home)
        if record.home != target or joined.content_type != content_type:
            self._client.copy(joined, target, content_type)
        if record.home != target:
            self._client.delete([record.home])

    def _forget(self, key: str, record: Record) -> None:
        self._client.delete([layout.record(key)])
        rest = [each.name for each in self._client.below(layout.growing(key))]
        if rest:
            self._client.delete(rest)
        self._client.abort(record.home, record.upload_id)


def full_parts(parts: Iterable[Part], part_bytes: int) -> list[Part]:
    """The parts 1..n of full size without a gap. What is shorter is a last part whose sealing
    was cut off, and its bytes are in the tail too."""
    full = {part.part_number: part for part in parts if part.size == part_bytes}
    return [full[number] for number in takewhile(full.__contains__, count(1))]


def longest_tail(found: Iterable[Stat], start: int) -> Tail | None:
    """The tail that begins at `start` and reaches furthest."""
    tails = filter(None, (layout.read_tail(each.name) for each in found))
    return max((tail for tail in tails if tail.start == start), key=lambda t: t.end, default=None)
