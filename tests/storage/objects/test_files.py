"""The files adapter: the port's suite, and what only a disk can do wrong."""

from __future__ import annotations

import asyncio
import fcntl
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from tests.conformance.append import AppendableSuite
from tests.conformance.bodies import BINARY, content, keys, sent
from tests.conformance.objects import ObjectStoreSuite
from tests.waiting import LIMIT_S
from tongke.storage.objects.errors import ObjectBusy, ObjectMissing, ObjectsUnavailable, StoreFull
from tongke.storage.objects.files import FileObjects


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[FileObjects]:
    found = FileObjects(tmp_path / "objects")
    yield found
    await found.close()


@pytest.fixture
async def other_store(tmp_path: Path) -> AsyncIterator[FileObjects]:
    found = FileObjects(tmp_path / "objects")
    yield found
    await found.close()


class TestFileObjects(ObjectStoreSuite):
    async def test_an_object_lies_under_its_own_key(
        self, store: FileObjects, tmp_path: Path
    ) -> None:
        await store.put("lessons/1/poster.jpg", sent(b"x"), "image/jpeg")
        files = [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]
        assert files == [tmp_path / "objects/kept/lessons/1/poster.jpg"]

    async def test_a_file_of_the_same_disk_is_taken_without_copying(
        self, store: FileObjects, tmp_path: Path
    ) -> None:
        source = tmp_path / "made"
        source.write_bytes(b"x")
        inode = source.stat().st_ino
        await store.put_file("k", source, BINARY, move=True)
        assert (tmp_path / "objects/kept/k").stat().st_ino == inode

    @pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second file system")
    async def test_a_file_of_another_disk_is_copied_and_taken(self, store: FileObjects) -> None:
        source = Path("/dev/shm") / f"tongke-test-{os.getpid()}"
        source.write_bytes(b"x")
        try:
            await store.put_file("k", source, BINARY, move=True)
            assert await content(store, "k") == b"x"
            assert not source.exists()
        finally:
            source.unlink(missing_ok=True)

    async def test_a_key_cannot_be_anothers_folder(self, store: FileObjects) -> None:
        await store.put("a", sent(b"x"), "text/odd")
        await store.put("b/c", sent(b"x"), "text/odd")
        for key in ("a/b", "b"):
            for content_type in (BINARY, "text/odd"):
                with pytest.raises(Exception, match="bad-key"):
                    await store.put(key, sent(b"y"), content_type)
        assert await keys(store) == ["a", "b/c"]

    async def test_a_folder_that_cannot_be_made_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"in the way")
        store = FileObjects(tmp_path / "file" / "objects")
        with pytest.raises(ObjectsUnavailable, match="File exists"):
            await store.check()


class TestAppendableFiles(AppendableSuite):
    async def test_the_lock_and_the_bytes_outlive_a_killed_writer(
        self, store: FileObjects, tmp_path: Path
    ) -> None:
        await store.create("up")
        ours, theirs = multiprocessing.Pipe()
        writer = multiprocessing.get_context("spawn").Process(
            target=_append_and_hang, args=(tmp_path / "objects", theirs)
        )
        writer.start()
        try:
            assert await asyncio.to_thread(ours.poll, LIMIT_S), "the writer never began"
            with pytest.raises(ObjectBusy):
                await store.append("up", 0, sent(b"x"))
        finally:
            assert writer.pid is not None
            os.kill(writer.pid, signal.SIGKILL)
            writer.join()
        offset = await store.size("up")
        assert offset == 3 * 2**20
        assert await store.append("up", offset, sent(b"x")) == offset + 1

    async def test_who_is_cancelled_in_a_slow_sync_holds_the_file_until_it_is_over(
        self, store: FileObjects, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await store.create("up")
        syncing, go_on = threading.Event(), threading.Event()
        fsync = os.fsync

        def slow_fsync(handle: int) -> None:
            syncing.set()
            assert go_on.wait(LIMIT_S)
            fsync(handle)

        monkeypatch.setattr(os, "fsync", slow_fsync)
        appending = asyncio.create_task(store.append("up", 0, sent(b"abc")))
        assert await asyncio.to_thread(syncing.wait, LIMIT_S)
        for _ in range(2):  # whoever cancels may be impatient
            appending.cancel()
            with pytest.raises(ObjectBusy):
                await store.append("up", 3, sent(b"x"))
        assert not appending.done()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await appending
        assert await store.append("up", 3, sent(b"d")) == 4

    async def test_who_opened_before_a_seal_and_locks_after_it_writes_nothing(
        self, store: FileObjects, other_store: FileObjects, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await store.create("up")
        await store.append("up", 0, sent(b"abc"))
        opened, sealed = threading.Event(), threading.Event()
        flock = fcntl.flock

        def late_flock(handle: int, operation: int) -> None:
            if not opened.is_set():
                opened.set()
                assert sealed.wait(LIMIT_S)
            flock(handle, operation)

        monkeypatch.setattr(fcntl, "flock", late_flock)
        late = asyncio.create_task(store.append("up", 3, sent(b"x")))
        assert await asyncio.to_thread(opened.wait, LIMIT_S)
        await other_store.seal("up", "final", BINARY)
        sealed.set()
        with pytest.raises(ObjectMissing):
            await late
        assert await content(store, "final") == b"abc"


class TestFullDisk:
    """A limit on the size of files stands for a full disk: the kernel refuses alike."""

    LIMIT = 2**21

    @pytest.fixture(autouse=True)
    def small_files(self) -> Iterator[None]:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.LIMIT, before[1]))
        yield
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, heard)

    async def test_a_put_says_so_and_leaves_nothing(
        self, store: FileObjects, tmp_path: Path
    ) -> None:
        with pytest.raises(StoreFull):
            await store.put("k", sent(b"x" * 2**20, b"y" * 2**20, b"z"), BINARY)
        assert [path for path in (tmp_path / "objects").rglob("*") if path.is_file()] == []

    async def test_an_append_keeps_what_fitted(self, store: FileObjects) -> None:
        await store.create("up")
        with pytest.raises(StoreFull):
            await store.append("up", 0, sent(b"x" * 3 * 2**20))
        assert await store.size("up") == self.LIMIT


def _append_and_hang(root: Path, begun: Connection) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"a" * 2**20
        yield b"b" * 2**20
        yield b"c" * 2**20
        begun.send(True)
        await asyncio.Event().wait()

    asyncio.run(FileObjects(root).append("up", 0, body()))
