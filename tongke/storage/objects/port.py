"""The port to where bytes are kept: local files, or any S3 store.

Keys are paths (`lessons/12/original`) within a rule that every adapter and every file system can
hold. An object appears whole or not at all, is durable before a call returns, and is never
changed in place: a second `put` replaces it. All calls are asynchronous and stream; none holds a
whole object in memory, and none is bound to one event loop.

What an adapter may leave out: `AppendableObjects` (objects that grow by any number of bytes at a
time, for resumable upload) is a capability of its own, as in tusd's composer; `free_bytes` is
None where the store has no such figure. What an adapter may refuse: a key that is also the
folder of another (`a` beside `a/b`), which no file system can hold, with `BadKey`.

`tests/conformance/objects.py` is the suite that every adapter passes.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from tongke.storage.objects.errors import BadKey

# Is told a number of bytes.
OnBytes = Callable[[int], None]

# S3 ends at 1024 bytes; half leaves room for a bucket's own prefix.
KEY_MAX_BYTES = 512
# File systems end a name at 255 bytes; adapters may add to it.
SEGMENT_MAX_BYTES = 128

# A leading dot would be a hidden file or `..`; the other characters mean the same in every
# file system, address and S3 signature, without quoting.
_SEGMENT = re.compile(rf"(?!\.)[A-Za-z0-9._=-]{{1,{SEGMENT_MAX_BYTES}}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What is known of an object without reading it.

    `size` is in bytes, `modified_at` aware UTC. `etag` is opaque and without quotes; it differs
    whenever the bytes under a key were replaced.
    """

    key: str
    size: int
    etag: str
    modified_at: datetime
    content_type: str


class ObjectsHealth(NamedTuple):
    """What `check` found: where objects are kept, the time one took, seconds; and what the server
    calls itself, mostly with its version, where there is one that does."""

    where: str
    round_trip_s: float
    server: str = ""


class ObjectStore(Protocol):
    """Where bytes are kept. Every call raises `ObjectsUnavailable` when the store is away."""

    async def put(self, key: str, chunks: AsyncIterable[bytes], content_type: str) -> ObjectInfo:
        """Keep what `chunks` gives, whole: when it breaks, nothing appears and its error leaves.

        Raises `BadKey` and `StoreFull`.
        """
        ...

    async def put_file(
        self, key: str, path: Path, content_type: str, *, move: bool = False
    ) -> ObjectInfo:
        """Keep a local file. With `move` the file is taken: it is gone from `path` afterwards.

        Raises `BadKey`, `StoreFull`, and `FileNotFoundError` when there is no such file.
        """
        ...

    async def info(self, key: str) -> ObjectInfo:
        """Raises `ObjectMissing`."""
        ...

    def read(self, key: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start`, at most `length` of them; nothing past the end.

        Raises `ObjectMissing` with the first chunk that is asked for.
        """
        ...

    def local_copy(
        self, key: str, on_bytes: OnBytes | None = None
    ) -> AbstractAsyncContextManager[Path]:
        """A real file for programs that need one, gone when the block ends. `on_bytes` is told how
        many bytes of it are here, where it has to be fetched.

        It is alone in its folder under a name that says nothing, so that a playlist in disguise
        finds no neighbour to open. It is read only: it may share its bytes with the object.
        Raises `ObjectMissing`.
        """
        ...

    async def delete(self, key: str) -> None:
        """Forget an object; deleting what is not there is fine."""
        ...

    async def delete_prefix(self, prefix: str) -> int:
        """Forget every object whose key begins with `prefix`; how many there were."""
        ...

    def list(self, prefix: str = "") -> AsyncIterator[ObjectInfo]:
        """The objects whose keys begin with `prefix`, in the byte order of their keys."""
        ...

    async def copy(self, source: str, target: str) -> ObjectInfo:
        """Keep the same bytes under a second key. Raises `ObjectMissing`."""
        ...

    async def move(self, source: str, target: str) -> ObjectInfo:
        """Give an object another key. Repeated after it was done, it only tells so again.

        Raises `ObjectMissing` when neither key is there.
        """
        ...

    async def sweep(self, before: datetime) -> int:
        """Remove what calls that died before then left behind; how many such leavings."""
        ...

    async def free_bytes(self) -> int | None:
        """The space left, or None where the store has no such figure."""
        ...

    async def check(self) -> ObjectsHealth:
        """Write, read and delete an object, for `tongke doctor`. Raises what went wrong."""
        ...

    async def close(self) -> None: ...


class AppendableObjects(Protocol):
    """Objects that grow: bytes are added at the end until the object is sealed.

    One writer at a time for a key, across processes: a second gets `ObjectBusy`. An unfinished
    object is no object yet: `ObjectStore` does not see it.
    """

    async def create(self, key: str) -> None:
        """Begin an empty unfinished object. One that has begun already is kept as it is."""
        ...

    async def size(self, key: str) -> int:
        """The durable offset: that many bytes survive a power cut. Raises `ObjectMissing`."""
        ...

    async def append(self, key: str, offset: int, chunks: AsyncIterable[bytes]) -> int:
        """Add bytes at the end, which must be at `offset`; the new durable offset.

        When `chunks` breaks, what it gave before is made durable, and `AppendInterrupted` leaves
        with the offset. A cancellation, or a `TongkeError` of the source, which knows better what
        to tell, leaves as it is: ask `size`. Also raises `WrongOffset`, `ObjectBusy`,
        `ObjectMissing`, `StoreFull`.
        """
        ...

    async def seal(
        self, key: str, final_key: str, content_type: str, *, size: int | None = None
    ) -> ObjectInfo:
        """Make the unfinished object the object `final_key`, in one step.

        With `size` only when it has so many bytes: who believes that an upload is complete may be
        late or early, and must not cut it short. Repeated after it was done, it gives the same.
        Raises `ObjectBusy` while someone writes, `WrongOffset` when the size is another, and
        `ObjectMissing` when neither is there.
        """
        ...

    async def abort(self, key: str) -> None:
        """Forget an unfinished object; `ObjectBusy` while someone writes."""
        ...

    def pending(self) -> AsyncIterator[ObjectInfo]:
        """The unfinished objects, in the order of their keys, for the sweeper."""
        ...


class ReadableUnfinished(Protocol):
    """What can be read while it grows. An adapter may leave it out: S3 shows nothing of an
    unfinished multipart upload."""

    def read_unfinished(self, key: str, start: int) -> AsyncIterator[bytes]:
        """The durable bytes of an unfinished object from `start`. Raises `ObjectMissing`."""
        ...


async def once(content: bytes) -> AsyncIterator[bytes]:
    """Bytes that are there already, as `put` takes them."""
    yield content


def check_key(key: str) -> str:
    """The key itself, when it keeps the rule; otherwise `BadKey`.

    Segments of letters, digits and `. _ = -`, not beginning with a dot, joined by `/`.
    """
    short = len(key) <= KEY_MAX_BYTES
    if not short or not all(_SEGMENT.fullmatch(part) for part in key.split("/")):
        raise BadKey(key=key[:KEY_MAX_BYTES])
    return key


def check_prefix(prefix: str) -> str:
    """The prefix itself, when some key may begin with it; otherwise `BadKey`."""
    if prefix:
        check_key(prefix.removesuffix("/"))
    return prefix
