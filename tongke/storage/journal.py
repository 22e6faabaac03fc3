"""An append-only file of records: what was told to be kept is there after any death.

Each record is its length, a CRC-32 and its bytes. A death in the middle of a write leaves a torn
record at the end, which opening the file cuts off: it was never acknowledged. Records of several
callers share one fsync (group commit), since a disk does some hundred of them in a second.
"""

from __future__ import annotations

import asyncio
import errno
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

_HEAD: Final = struct.Struct(">II")
# A torn length may say anything.
MOST_RECORD_BYTES: Final = 16 * 2**20
_CLOSED: Final = -1


def records(path: Path) -> Iterator[bytes]:
    """The whole records of a file, in their order; none when there is no file."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        while (found := _next(file)) is not None:
            yield found


def _next(file: BinaryIO) -> bytes | None:
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    length, checksum = _HEAD.unpack(head)
    if length > MOST_RECORD_BYTES:
        return None
    body = file.read(length)
    return body if len(body) == length and zlib.crc32(body) == checksum else None


class Journal:
    """One file, opened by one process."""

    def __init__(self, path: Path) -> None:
        """Open it for more, or begin it; what a death tore is cut off."""
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = sum(_HEAD.size + len(record) for record in records(path))
        is_new = not path.exists()
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(self._file, whole)
        os.lseek(self._file, 0, os.SEEK_END)
        if is_new:
            _sync_folder(path.parent)
        self._end = whole

    def append(self, added: Sequence[bytes]) -> None:
        """Write records; durable when it returns. After an error nothing of them is there.

        Raises:
            OSError: the disk is full or failing, or it is closed.
        """
        if self._file == _CLOSED:
            raise OSError(errno.EBADF, "the journal is closed")
        data = memoryview(
            b"".join(_HEAD.pack(len(each), zlib.crc32(each)) + each for each in added)
        )
        try:
            written = 0
            while written < len(data):
                written += os.write(self._file, data[written:])
            os.fdatasync(self._file)
        except OSError:
            os.ftruncate(self._file, self._end)
            os.lseek(self._file, self._end, os.SEEK_SET)
            raise
        self._end += len(data)

    def close(self) -> None:
        """Once and again: by now the number may be another file's."""
        file, self._file = self._file, _CLOSED
        if file != _CLOSED:
            os.close(file)


class SharedJournal:
    """A journal for an event loop: whoever waits while a write is under way shares the next."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def append(self, record: bytes) -> None:
        """Returns when the record is durable.

        Raises:
            OSError.
        """
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((record, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await done

    async def _write(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting, []
            error = await asyncio.to_thread(self._try, [record for record, _ in taken])
            for _, done in taken:
                if done.done():  # whoever waited has left
                    continue
                if error is None:
                    done.set_result(None)
                else:
                    done.set_exception(error)

    def _try(self, added: Sequence[bytes]) -> OSError | None:
        try:
            self._journal.append(added)
        except OSError as error:
            return error
        return None

    async def close(self) -> None:
        """Close the file, after what is under way."""
        if self._writer is not None:
            await self._writer
        self._journal.close()


def _sync_folder(folder: Path) -> None:
    """A file is only there for good when its folder knows of it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
