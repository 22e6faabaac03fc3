"""How objects lie in a folder: the blocking half of the files adapter.

    kept/<key>      an object, under its own key: an operator finds a lesson by looking
    types/<key>     its content type, only where the key's suffix does not tell it
    growing/<key>   an unfinished upload
    scratch/        files being written, and links handed out; swept when their maker died

All are on one file system, so that an object appears by a rename. A file under `kept` is never
changed in place, so a hard link is as good as a copy. Deleting is not synced: what a power cut
brings back is an orphan, and the sweeper finds those.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from tongke.storage.objects.disk import (
    DurableFile,
    prune,
    replace,
    store_errors,
    sync_file,
)
from tongke.storage.objects.errors import ObjectMissing
from tongke.storage.objects.port import ObjectInfo, check_key

# The suffixes of what we make by the thousand. A type that its suffix tells needs no second
# file, and so no second sync, beside each segment.
TYPE_OF_SUFFIX = {
    ".html": "text/html",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".txt": "text/plain",
    ".vtt": "text/vtt",
    ".webp": "image/webp",
}
UNKNOWN_TYPE = "application/octet-stream"


class FileTree:
    """Objects in the folder `root`. Every method blocks; see `FileObjects` for what they mean."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.kept = root / "kept"
        self.types = root / "types"
        self.growing = root / "growing"
        self.scratch = root / "scratch"

    def new_file(self) -> DurableFile:
        return DurableFile(self.scratch / secrets.token_hex(16))

    def growing_file(self, key: str) -> DurableFile:
        return DurableFile(self.growing / check_key(key))

    # Objects

    def info(self, key: str) -> ObjectInfo:
        with store_errors(key):
            return self._describe(key, self.kept / check_key(key))

    def open(self, key: str, start: int, base: Path | None = None) -> int:
        """A descriptor for reading, standing at `start`; the caller closes it."""
        with store_errors(key):
            handle = os.open((base or self.kept) / check_key(key), os.O_RDONLY)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise ObjectMissing(key=key)
        os.lseek(handle, start, os.SEEK_SET)
        return handle

    def keep(self, source: Path, key: str, content_type: str) -> ObjectInfo:
        """Make a synced file on this file system the object `key`; it is gone from `source`."""
        with store_errors(key):
            self._keep_type(key, content_type)
            replace(source, self.kept / key)
        return self.info(key)

    def keep_file(self, path: Path, key: str, content_type: str, *, move: bool) -> ObjectInfo:
        """Keep a file from anywhere: renamed when it may be and can be, otherwise copied."""
        check_key(key)
        if move and path.stat().st_dev == self._device():
            sync_file(path)
            return self.keep(path, key, content_type)
        info = self._keep_copy(path, key, content_type)
        if move:
            path.unlink(missing_ok=True)
        return info

    def link(self, source: str, target: str) -> ObjectInfo:
        check_key(target)
        info = self.info(source)
        if source == target:
            return info
        second = self._scratch_name()
        with store_errors(source):
            second.hardlink_to(self.kept / source)
        return self.keep(second, target, info.content_type)

    def rename(self, source: str, target: str) -> ObjectInfo:
        check_key(target)
        try:
            info = self.info(source)
        except ObjectMissing:
            return self.info(target)
        if source == target:
            return info
        moved = self.keep(self.kept / source, target, info.content_type)
        self.delete(source)
        return moved

    def delete(self, key: str) -> None:
        check_key(key)
        for base in (self.kept, self.types):
            with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
                (base / key).unlink()
                prune((base / key).parent, base)

    def walk(self, prefix: str, base: Path | None = None) -> Iterator[ObjectInfo]:
        """The objects under `base` whose keys begin with `prefix`, in the byte order of keys."""
        folder = prefix[: prefix.rfind("/") + 1]
        return self._walk(base or self.kept, folder, prefix)

    # What is handed out and what grows

    def lend(self, key: str) -> Path:
        """A link to the object, alone in a folder of its own; give it back with `take_back`."""
        self.info(key)
        folder = self._scratch_name()
        folder.mkdir(parents=True)
        lent = folder / "source"
        try:
            with store_errors(key):
                lent.hardlink_to(self.kept / check_key(key))
        except BaseException:
            folder.rmdir()
            raise
        return lent

    def take_back(self, lent: Path) -> None:
        shutil.rmtree(lent.parent, ignore_errors=True)

    def create(self, key: str) -> None:
        fresh = self.growing_file(key)
        with store_errors(key):
            try:
                fresh.open()
            except FileExistsError:
                return
            try:
                fresh.sync()
            finally:
                fresh.close()

    def open_growing(self, file: DurableFile, key: str, offset: int | None = None) -> None:
        with store_errors(key):
            file.open_to_append(offset)

    def growing_size(self, key: str) -> int:
        with store_errors(key):
            return sync_file(self.growing / check_key(key))

    def seal(
        self, key: str, final_key: str, content_type: str, size: int | None = None
    ) -> ObjectInfo:
        growing = self.growing_file(key)
        try:
            self.open_growing(growing, key, size)
            growing.sync()
            info = self.keep(growing.path, check_key(final_key), content_type)
        except ObjectMissing:
            return self.info(final_key)
        finally:
            growing.close()
        prune(growing.path.parent, self.growing)
        return info

    def abort(self, key: str) -> None:
        growing = self.growing_file(key)
        try:
            self.open_growing(growing, key)
            growing.path.unlink()
        except ObjectMissing:
            return
        finally:
            growing.close()
        prune(growing.path.parent, self.growing)

    # Space

    def sweep(self, before: datetime) -> int:
        """Remove what stands in scratch since before then; how many entries."""
        swept = 0
        for path in self.scratch.glob("*"):
            with suppress(FileNotFoundError):
                if _modified_at(path.stat()) < before:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
                    swept += 1
        return swept

    def free_bytes(self) -> int:
        self.root.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.root).free

    # How

    def _describe(self, key: str, path: Path) -> ObjectInfo:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ObjectMissing(key=key)
        # The inode tells two files apart that were written within one tick of the clock.
        etag = f"{status.st_ino:x}-{status.st_size:x}-{status.st_mtime_ns:x}"
        return ObjectInfo(key, status.st_size, etag, _modified_at(status), self._type(key))

    def _type(self, key: str) -> str:
        try:
            return (self.types / key).read_text("ascii")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return _type_by_suffix(key)

    def _keep_type(self, key: str, content_type: str) -> None:
        """Before the object itself, so that no object is ever seen without its type."""
        if content_type == _type_by_suffix(key):
            with suppress(NotADirectoryError):
                (self.types / key).unlink(missing_ok=True)
            return
        self.scratch.mkdir(parents=True, exist_ok=True)
        written = self._scratch_name()
        written.write_text(content_type, "ascii")
        sync_file(written)
        replace(written, self.types / key)

    def _keep_copy(self, path: Path, key: str, content_type: str) -> ObjectInfo:
        self.scratch.mkdir(parents=True, exist_ok=True)
        second = self._scratch_name()
        try:
            with store_errors(key):
                shutil.copyfile(path, second)
                sync_file(second)
            return self.keep(second, key, content_type)
        finally:
            second.unlink(missing_ok=True)

    def _scratch_name(self) -> Path:
        return self.scratch / secrets.token_hex(16)

    def _device(self) -> int:
        self.root.mkdir(parents=True, exist_ok=True)
        return self.root.stat().st_dev

    def _walk(self, base: Path, folder: str, prefix: str) -> Iterator[ObjectInfo]:
        for name in _names(base / folder):
            key = folder + name
            if name.endswith("/") and (key.startswith(prefix) or prefix.startswith(key)):
                yield from self._walk(base, key, prefix)
            elif not name.endswith("/") and key.startswith(prefix):
                with suppress(FileNotFoundError):
                    yield self._describe(key, base / key)


def _names(folder: Path) -> list[str]:
    """What stands in a folder, folders with their slash, in the order S3 gives keys in."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name + "/" * entry.is_dir() for entry in entries)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _type_by_suffix(key: str) -> str:
    return TYPE_OF_SUFFIX.get(PurePosixPath(key).suffix, UNKNOWN_TYPE)


def _modified_at(status: os.stat_result) -> datetime:
    return datetime.fromtimestamp(status.st_mtime, UTC)
