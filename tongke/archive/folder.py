"""How backups lie in a folder, and reading and writing their pieces.

    blobs/<2>/<sha-256>            the bytes of an object, kept once however many backups have it
    backups/<name>/<table>.gz      the rows of a table, a line each (`tables`)
    backups/<name>/objects.gz      what objects there were, a line each
    backups/<name>/manifest.json   what all this should add up to; written last

    tmp????????/                   the rows of a backup under way, as they are read

A backup without its manifest was cut short and is none; the next one clears it away. The folder is
an object store of its own (all but the last lie below `kept/`), so that what is written is durable,
and whole or not there.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import gzip
import hashlib
import json
import os
import re
import secrets
import shutil
import tempfile
import zlib
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from tongke import clock
from tongke.archive.errors import (
    BackupFolderFull,
    BackupFolderUnusable,
    BackupTooNew,
    BackupUnderWay,
    DamagedBackup,
    NoBackup,
)
from tongke.archive.tables import Tally
from tongke.storage.objects.errors import BadKey, ObjectMissing, ObjectsUnavailable, StoreFull
from tongke.storage.objects.files import FileObjects
from tongke.storage.objects.port import once

FORMAT = 1
OBJECTS = "objects"
_BINARY = "application/octet-stream"
_MANIFEST = "manifest.json"
_LOCK = "backup.lock"
# Of two processors one compresses while the other goes on; text shrinks to a tenth even so.
_LEVEL = 3
_FULL = {errno.ENOSPC, errno.EDQUOT}
# Nothing else in the folder is ours to remove.
_NAME = re.compile(r"\d{8}T\d{6}\.\d{6}Z")
_SCRATCH = re.compile(r"tmp[a-z0-9_]{8}")


@dataclass(frozen=True)
class KeptObject:
    """An object of a backup: what the store knew of it, and the digest that names its bytes."""

    key: str
    size: int
    etag: str
    content_type: str
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `made_at` is when its rows were read, ISO 8601 in UTC; `revision` the
    schema they have; `last_numbers` what numbered tables go on after."""

    made_at: str
    revision: str
    tables: dict[str, Tally]
    last_numbers: dict[str, int]
    objects: int
    bytes: int
    # Of each table, in the order of its rows' values; backups made before this was kept have none.
    columns: dict[str, list[str]] = field(default_factory=dict)
    format: int = FORMAT


class BackupFolder:
    """The backups in one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._store = FileObjects(root)

    @contextmanager
    def told(self) -> Iterator[None]:
        """What its disk says, so that a person at the terminal knows which disk.

        Raises:
            BackupFolderFull, BackupFolderUnusable.
        """
        try:
            yield
        except (StoreFull, ObjectsUnavailable, OSError) as error:
            if (said := self._said(error)) is None:
                raise
            raise said from error

    def _said(self, error: Exception) -> BackupFolderFull | BackupFolderUnusable | None:
        """Of an error in a backup; None where it is not of this disk. What is backed up is only
        read, and says itself what is wrong, as an `ObjectsUnavailable`."""
        cause = error if isinstance(error, OSError) else error.__cause__
        if not isinstance(cause, OSError) or cause.errno is None:
            return None
        if cause.errno in _FULL:
            return BackupFolderFull(place=self.root)
        named = cause.filename is not None and Path(cause.filename).is_relative_to(self.root)
        if cause is error or named:
            return BackupFolderUnusable(place=self.root, reason=cause.strerror)
        return None

    def create(self) -> None:
        """Have the folder. Raises `BackupFolderFull`, `BackupFolderUnusable`."""
        with self.told():
            self.root.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder for the rows as they are read, on the disk that they go to."""
        with tempfile.TemporaryDirectory(dir=self.root) as found:
            yield Path(found)

    async def clear(self) -> None:
        """Remove what backups left that died: a process that is killed removes nothing itself. Only
        for who holds the folder alone."""
        await asyncio.to_thread(self._clear_scratch)
        await self._store.sweep(clock.now())
        await self._store.delete_prefix("arriving/")
        begun = {info.key.split("/")[1] async for info in self._store.list("backups/")}
        for name in begun.difference(await self.names()):
            if _NAME.fullmatch(name):
                await self._store.delete_prefix(f"backups/{name}/")

    def _clear_scratch(self) -> None:
        for path in self.root.iterdir():
            if _SCRATCH.fullmatch(path.name) and path.is_dir():
                shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def held(self, *, alone: bool) -> Iterator[None]:
        """Keep others from writing here meanwhile; `alone` also from reading.

        Raises:
            BackupUnderWay: another process holds it so that this one cannot.
        """
        lock = _open_lock(self.root / _LOCK, to_write=alone)
        if lock is None:
            yield
            return
        try:
            self._take(lock, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            yield
        finally:
            os.close(lock)

    def _take(self, lock: int, kind: int) -> None:
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupUnderWay(place=self.root) from None

    async def names(self) -> list[str]:
        """The complete backups, the oldest first."""
        found = [info.key async for info in self._store.list("backups/")]
        return [key.split("/")[1] for key in found if key.endswith(f"/{_MANIFEST}")]

    async def manifest(self, name: str) -> Manifest:
        """Raises `NoBackup`, `BackupTooNew`, `DamagedBackup`."""
        try:
            found = json.loads(await self._bytes(f"backups/{name}/{_MANIFEST}"))
        except (ObjectMissing, BadKey) as error:
            raise NoBackup(place=self.root / name) from error
        except ValueError as error:
            raise DamagedBackup(what=_MANIFEST) from error
        if found["format"] > FORMAT:
            raise BackupTooNew(name=name, revision=found.get("revision"))
        tables = {table: Tally(**tally) for table, tally in found.pop("tables").items()}
        # What a later version says besides, in the same format, may be passed over.
        ours = {one.name for one in fields(Manifest)} & found.keys()
        return Manifest(tables=tables, **{one: found[one] for one in ours})

    async def finish(self, name: str, manifest: Manifest) -> None:
        """Say that a backup is complete."""
        text = json.dumps(asdict(manifest), indent=2)
        await self._store.put(f"backups/{name}/{_MANIFEST}", once(text.encode()), _BINARY)

    async def keep_lines(self, name: str, part: str, path: Path) -> None:
        """Take a file of `written_lines` in as a part of a backup."""
        await self._store.put_file(_part(name, part), path, _BINARY, move=False)

    @contextmanager
    def lines(self, path: Path) -> Iterator[Iterator[str]]:
        try:
            with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
                yield (line.removesuffix("\n") for line in file)
        except (gzip.BadGzipFile, zlib.error, EOFError) as error:
            raise DamagedBackup(what=path.name) from error

    async def fetch(self, name: str, part: str, path: Path) -> None:
        """Bring a part of a backup into a file, for `lines`."""
        async with self._store.local_copy(_part(name, part)) as kept:
            await asyncio.to_thread(shutil.copyfile, kept, path)

    async def objects(self, name: str) -> list[KeptObject]:
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / OBJECTS
            await self.fetch(name, OBJECTS, path)
            with self.lines(path) as found:
                return [KeptObject(*json.loads(line)) for line in found]

    async def keep_blob(self, chunks: AsyncIterable[bytes]) -> str:
        """Keep bytes; their digest, by which they are found again."""
        arriving = f"arriving/{secrets.token_hex(16)}"
        found = hashlib.sha256()

        async def counted() -> AsyncIterator[bytes]:
            async for chunk in chunks:
                found.update(chunk)
                yield chunk

        await self._store.put(arriving, counted(), _BINARY)
        await self._store.move(arriving, _blob(found.hexdigest()))
        return found.hexdigest()

    def blob(self, sha256: str) -> AsyncIterator[bytes]:
        """Raises `ObjectMissing` with the first chunk."""
        return self._store.read(_blob(sha256))

    async def has_blob(self, sha256: str) -> bool:
        try:
            await self._store.info(_blob(sha256))
        except ObjectMissing:
            return False
        return True

    async def keep_newest(self, count: int) -> int:
        """Remove older backups, and the bytes that no other has; how many backups went."""
        names = await self.names()
        old = names[:-count]
        for name in old:
            # The manifest first: what is left of it after a cut is no backup.
            await self._store.delete(f"backups/{name}/{_MANIFEST}")
            await self._store.delete_prefix(f"backups/{name}/")
        if old:
            await self._remove_unused(names[-count:])
        return len(old)

    async def close(self) -> None:
        await self._store.close()

    async def _remove_unused(self, names: Iterable[str]) -> None:
        used = {kept.sha256 for name in names for kept in await self.objects(name)}
        stale = [
            info.key
            async for info in self._store.list("blobs/")
            if info.key.split("/")[-1] not in used
        ]
        for key in stale:
            await self._store.delete(key)

    async def _bytes(self, key: str) -> bytes:
        return b"".join([chunk async for chunk in self._store.read(key)])


def _open_lock(path: Path, *, to_write: bool) -> int | None:
    """The lock file's descriptor; None where there is none, and reading must do without."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        # A backup may be read from a disk that is mounted for reading, or by another user.
        if to_write or error.errno not in {errno.EROFS, errno.EACCES, errno.EPERM}:
            raise
    try:
        return os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None


def write_lines(path: Path, found: Iterable[str]) -> None:
    """Write lines compressed, as they come."""
    with gzip.open(path, "wt", _LEVEL, encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in found)


def object_line(kept: KeptObject) -> str:
    return json.dumps([kept.key, kept.size, kept.etag, kept.content_type, kept.sha256])


def _part(name: str, part: str) -> str:
    return f"backups/{name}/{part}.gz"


def _blob(sha256: str) -> str:
    return f"blobs/{sha256[:2]}/{sha256}"
