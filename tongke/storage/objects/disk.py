"""Blocking work on a local file system, made durable. Called in threads, never on the loop.

A name is durable only when its folder was synced after it, and a new folder only when its parent
was. What was written and not synced may be lost in a power cut, but the file systems we run on
(ext4 with ordered data, XFS, Btrfs, ZFS) never show a file longer than the bytes it received, so
the size of a file after `fsync` is the number of its bytes that are safe.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tongke.storage.objects.errors import (
    BadKey,
    ObjectBusy,
    ObjectMissing,
    ObjectsUnavailable,
    StoreFull,
    WrongOffset,
)

# Syncing now and then keeps the kernel from gathering gigabytes, which would make the last sync,
# that someone waits for, take minutes; and bounds what a power cut takes from a long upload.
SYNC_EVERY_BYTES = 32 * 2**20

# A folder can be pruned by a delete between our making it and our using it. Losing that race
# so many times in a row means something else is wrong.
RENAME_ATTEMPTS = 10

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn what a disk says about a file of our own naming into the errors of the port."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreFull from error
        raise ObjectsUnavailable(reason=error.strerror) from error


@contextmanager
def store_errors(key: str) -> Iterator[None]:
    """The same for a file named by `key`, which may be missing or in another's way."""
    with disk_errors():
        try:
            yield
        except (FileNotFoundError, NotADirectoryError) as error:
            raise ObjectMissing(key=key) from error
        except (IsADirectoryError, FileExistsError) as error:
            raise BadKey(key=key) from error


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> int:
    """Make a file's bytes durable; how many those are."""
    handle = os.open(path, os.O_RDONLY)
    try:
        # The size first: what another writer adds meanwhile is not promised.
        size = os.fstat(handle).st_size
        os.fsync(handle)
        return size
    finally:
        os.close(handle)


def make_folders(folder: Path) -> None:
    """Like `mkdir -p`, each new folder durable in its parent."""
    if folder.is_dir():
        return
    make_folders(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def replace(source: Path, target: Path) -> None:
    """Rename a file over another or to a new name, durably, making folders as needed."""
    for attempt in range(1, RENAME_ATTEMPTS + 1):
        try:
            make_folders(target.parent)
            source.replace(target)
            break
        except FileNotFoundError:
            if attempt == RENAME_ATTEMPTS or not source.exists():
                raise
    # POSIX renames nothing when both names are links to the same file already.
    source.unlink(missing_ok=True)
    sync_folder(target.parent)


def prune(folder: Path, root: Path) -> None:
    """Remove a folder and those above it, up to `root`, as long as they are empty."""
    with suppress(OSError):
        while folder != root:
            folder.rmdir()
            folder = folder.parent


class DurableFile:
    """A file that is being written; `durable` bytes of it survive a power cut.

    Built without touching the disk, so that `close` can be promised before `open` is tried.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.durable = 0
        self._handle: int | None = None
        self._unsynced = 0

    def open(self) -> None:
        """Begin a new file. Its folder must be there."""
        make_folders(self.path.parent)
        self._handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)

    def open_to_append(self, offset: int | None = None) -> None:
        """Take the only right to write an existing file, which must end at `offset` if given.

        Raises `ObjectBusy`, `WrongOffset`, and FileNotFoundError.
        """
        self._handle = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        try:
            # Bound to the open file, so it ends with the process however that dies.
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ObjectBusy() from error
        # Between opening and locking, another may have sealed or removed the file.
        if not os.path.samestat(os.fstat(self._handle), self.path.stat()):
            raise FileNotFoundError(errno.ENOENT, "replaced while it was opened", str(self.path))
        self.durable = os.fstat(self._handle).st_size
        if offset is not None and offset != self.durable:
            raise WrongOffset(offset=self.sync())

    def write(self, batch: bytes) -> None:
        """Add bytes at the end; all of them, or an OSError after some."""
        view = memoryview(batch)
        while view:
            view = view[os.write(self._opened, view) :]
        self._unsynced += len(batch)
        if self._unsynced >= SYNC_EVERY_BYTES:
            self.sync()

    def sync(self) -> int:
        """Make everything written durable; the number of bytes that are."""
        size = os.fstat(self._opened).st_size
        os.fsync(self._opened)
        self.durable, self._unsynced = size, 0
        return size

    def close(self) -> None:
        """Give up the right to write. Closing what never opened is fine."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    @property
    def _opened(self) -> int:
        assert self._handle is not None, "written before it was opened"
        return self._handle
