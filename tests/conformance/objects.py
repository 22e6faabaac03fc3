"""What any adapter of the objects port must do, whatever keeps the bytes.

An adapter's test module subclasses both suites and gives the fixture `store`; `other_store` is a
second adapter on the same place, as another process would have.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongke.errors import Invalid
from tongke.storage.objects.errors import (
    AppendInterrupted,
    BadKey,
    ObjectBusy,
    ObjectMissing,
    WrongOffset,
)
from tongke.storage.objects.port import AppendableObjects, ObjectStore

BINARY = "application/octet-stream"


class Store(ObjectStore, AppendableObjects, Protocol):
    """An adapter with both faces."""


class LineLost(Exception):
    """What a dropped connection raises in the middle of a body."""


async def sent(*chunks: bytes, then: BaseException | None = None) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    if then is not None:
        raise then


async def content(store: ObjectStore, key: str, start: int = 0, length: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in store.read(key, start, length)])


async def keys(store: ObjectStore, prefix: str = "") -> list[str]:
    return [info.key async for info in store.list(prefix)]


async def put_all(store: ObjectStore, names: Iterable[str]) -> None:
    for name in names:
        await store.put(name, sent(name.encode()), BINARY)


class Gate:
    """A body that stops after its first chunk until it is let go."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.released = asyncio.Event()

    async def chunks(self) -> AsyncIterator[bytes]:
        # More than any adapter's batch, so that the writer has begun when the test goes on.
        yield b"a" * 3 * 2**20
        self.begun.set()
        await self.released.wait()
        yield b"b"


class ObjectStoreSuite:
    async def test_what_is_put_comes_back(self, store: Store) -> None:
        info = await store.put("lessons/1/notes", sent(b"first ", b"second"), "text/markdown")
        assert await content(store, "lessons/1/notes") == b"first second"
        assert info == await store.info("lessons/1/notes")
        assert (info.key, info.size, info.content_type) == ("lessons/1/notes", 12, "text/markdown")
        assert datetime.now(UTC) - info.modified_at < timedelta(minutes=5)

    async def test_an_empty_object_is_an_object(self, store: Store) -> None:
        assert (await store.put("empty", sent(), BINARY)).size == 0
        assert await content(store, "empty") == b""

    @pytest.mark.parametrize(
        "content_type", ["video/mp4", "application/pdf", "text/plain; charset=gb18030"]
    )
    async def test_the_content_type_is_kept_whatever_the_suffix(
        self, store: Store, content_type: str
    ) -> None:
        await store.put("a.mp4", sent(b"x"), content_type)
        assert (await store.info("a.mp4")).content_type == content_type

    async def test_putting_again_replaces_and_changes_the_etag(self, store: Store) -> None:
        before = await store.put("k.pdf", sent(b"old"), "text/plain")
        after = await store.put("k.pdf", sent(b"new"), "application/pdf")
        assert await content(store, "k.pdf") == b"new"
        assert before.etag != after.etag
        assert after.content_type == "application/pdf"

    async def test_the_etag_stays_while_the_bytes_do(self, store: Store) -> None:
        put = await store.put("k", sent(b"same"), BINARY)
        assert (await store.info("k")).etag == put.etag
        assert '"' not in put.etag

    async def test_a_body_that_breaks_leaves_nothing(self, store: Store) -> None:
        await store.put("k", sent(b"old"), BINARY)
        with pytest.raises(LineLost):
            await store.put("k", sent(b"x" * 3 * 2**20, then=LineLost()), BINARY)
        with pytest.raises(LineLost):
            await store.put("fresh", sent(b"x", then=LineLost()), BINARY)
        assert await content(store, "k") == b"old"
        assert await keys(store) == ["k"]
        assert await store.sweep(datetime.now(UTC) + timedelta(hours=1)) == 0

    async def test_a_put_that_is_cancelled_leaves_nothing(self, store: Store) -> None:
        gate = Gate()
        putting = asyncio.create_task(store.put("k", gate.chunks(), BINARY))
        await gate.begun.wait()
        putting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await putting
        assert await keys(store) == []
        assert await store.sweep(datetime.now(UTC) + timedelta(hours=1)) == 0

    @pytest.mark.parametrize(
        ("start", "length", "expected"),
        [(0, None, b"0123456789"), (3, 4, b"3456"), (8, 10, b"89"), (4, 0, b""), (99, 1, b"")],
    )
    async def test_a_part_can_be_read(
        self, store: Store, start: int, length: int | None, expected: bytes
    ) -> None:
        await store.put("k", sent(b"0123456789"), BINARY)
        assert await content(store, "k", start, length) == expected

    async def test_large_objects_come_in_pieces(self, store: Store) -> None:
        whole = bytes(range(256)) * 4096 * 5
        await store.put(
            "k", sent(*(whole[at : at + 70_001] for at in range(0, len(whole), 70_001))), BINARY
        )
        pieces = [chunk async for chunk in store.read("k")]
        assert b"".join(pieces) == whole
        assert max(map(len, pieces)) <= 2**20

    async def test_a_reader_keeps_what_it_began_with_or_fails(self, store: Store) -> None:
        await store.put("k", sent(b"a" * 3 * 2**20), BINARY)
        reading = store.read("k")
        first = await anext(reading)
        await store.put("k", sent(b"b" * 3 * 2**20), BINARY)
        rest = b"".join([chunk async for chunk in reading])
        assert first + rest == b"a" * 3 * 2**20

    async def test_a_file_is_put_and_stays(self, store: Store, tmp_path: Path) -> None:
        source = tmp_path / "made.vtt"
        source.write_bytes(b"WEBVTT")
        info = await store.put_file("s/made.vtt", source, "text/vtt")
        source.write_bytes(b"changed afterwards")
        assert await content(store, "s/made.vtt") == b"WEBVTT"
        assert (info.size, info.content_type) == (6, "text/vtt")

    async def test_a_file_is_put_and_taken(self, store: Store, tmp_path: Path) -> None:
        source = tmp_path / "made"
        source.write_bytes(b"segment")
        await store.put_file("s/1.m4s", source, "video/iso.segment", move=True)
        assert await content(store, "s/1.m4s") == b"segment"
        assert not source.exists()

    async def test_no_file_is_the_callers_mistake(self, store: Store, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            await store.put_file("k", tmp_path / "none", BINARY, move=True)

    async def test_a_local_copy_is_alone_and_goes_away(self, store: Store) -> None:
        await store.put("lessons/7/original.mp4", sent(b"bytes"), "video/mp4")
        async with store.local_copy("lessons/7/original.mp4") as path:
            assert path.read_bytes() == b"bytes"
            assert [*path.parent.iterdir()] == [path]
            assert "original" not in path.name
        assert not path.parent.exists()
        assert await content(store, "lessons/7/original.mp4") == b"bytes"

    async def test_deleting_can_be_repeated(self, store: Store) -> None:
        await store.put("a/b", sent(b"x"), "text/odd")
        await store.delete("a/b")
        await store.delete("a/b")
        assert await keys(store) == []
        await store.put("a", sent(b"y"), BINARY)  # the folder went with its last object
        assert (await store.info("a")).content_type == BINARY

    async def test_a_prefix_is_deleted_and_nothing_else(self, store: Store) -> None:
        await put_all(store, ["l/1/a", "l/1/b/c", "l/10/a", "l/2/a"])
        assert await store.delete_prefix("l/1/") == 2
        assert await store.delete_prefix("l/1/") == 0
        assert await keys(store) == ["l/10/a", "l/2/a"]

    async def test_everything_is_never_deleted_at_once(self, store: Store) -> None:
        await put_all(store, ["a"])
        with pytest.raises(BadKey):
            await store.delete_prefix("")
        assert await keys(store) == ["a"]

    async def test_keys_are_listed_in_byte_order(self, store: Store) -> None:
        names = ["a/b", "a-b", "a.b", "a0", "B", "a/b.c", "a/B/c", "z/1", "z/10", "z/2", "a=1"]
        await put_all(store, names)
        assert await keys(store) == sorted(names)
        assert await keys(store, "a") == sorted(name for name in names if name.startswith("a"))
        assert await keys(store, "z/1") == ["z/1", "z/10"]
        assert await keys(store, "a/B/") == ["a/B/c"]
        assert await keys(store, "nothing/") == []

    async def test_a_listing_says_what_info_says(self, store: Store) -> None:
        await store.put("a", sent(b"x"), "text/odd")
        assert [info async for info in store.list()] == [await store.info("a")]

    async def test_a_copy_stands_by_itself(self, store: Store) -> None:
        await store.put("a", sent(b"x"), "text/odd")
        for _ in range(2):
            info = await store.copy("a", "b/c")
            assert (info.key, info.size, info.content_type) == ("b/c", 1, "text/odd")
        assert await store.sweep(datetime.now(UTC) + timedelta(hours=1)) == 0
        await store.put("a", sent(b"changed"), BINARY)
        assert await content(store, "b/c") == b"x"
        await store.delete("a")
        assert await keys(store) == ["b/c"]

    async def test_moving_can_be_repeated(self, store: Store) -> None:
        await store.put("a", sent(b"x"), "text/odd")
        moved = [await store.move("a", "b"), await store.move("a", "b")]
        assert moved[0] == moved[1] == await store.info("b")
        assert moved[0].content_type == "text/odd"
        assert await keys(store) == ["b"]

    async def test_moving_onto_a_copy_of_itself_leaves_one(self, store: Store) -> None:
        await store.put("a", sent(b"x"), BINARY)
        await store.copy("a", "b")
        await store.move("a", "b")
        assert await keys(store) == ["b"]
        assert (await store.move("b", "b")).key == "b"
        assert await content(store, "b") == b"x"

    async def test_what_is_missing_says_so(self, store: Store) -> None:
        await put_all(store, ["folder/object"])
        for key in ("none", "folder", "folder/object/below"):
            for call in (
                store.info(key),
                content(store, key),
                store.copy(key, "target"),
                store.move(key, "target"),
                store.local_copy(key).__aenter__(),
            ):
                with pytest.raises(ObjectMissing):
                    await call
        assert await keys(store) == ["folder/object"]

    @pytest.mark.parametrize(
        "key",
        [
            *("", "/", "/etc/passwd", "a//b", "a/", "../a", "a/../b", "a/./b", ".hidden"),
            *("a\\b", "a\0b", "a\nb", "a\n", "课", "a b", "%2e%2e/a", "~a"),
            *("a" * 129, "/".join(["abc"] * 200)),
        ],
    )
    async def test_a_key_outside_the_rule_is_refused(self, store: Store, key: str) -> None:
        for call in (
            store.put(key, sent(b"x"), BINARY),
            store.info(key),
            content(store, key),
            store.delete(key),
            store.copy("a", key),
            store.move(key, "b"),
            store.create(key),
            store.append(key, 0, sent(b"x")),
            store.seal("a", key, BINARY),
        ):
            with pytest.raises(BadKey):
                await call

    async def test_what_the_dead_left_is_swept_and_no_object(self, store: Store) -> None:
        await put_all(store, ["a/b"])
        await store.local_copy("a/b").__aenter__()  # a worker that died holding it
        await store.create("up")
        assert await store.sweep(datetime.now(UTC) - timedelta(hours=1)) == 0
        await store.sweep(datetime.now(UTC) + timedelta(hours=1))
        assert await store.sweep(datetime.now(UTC) + timedelta(hours=1)) == 0
        assert await content(store, "a/b") == b"a/b"
        assert await store.size("up") == 0

    async def test_two_who_put_the_same_key_leave_one_whole(
        self, store: Store, other_store: Store
    ) -> None:
        bodies = [bytes([n]) * 2 * 2**20 for n in range(4)]
        await asyncio.gather(
            *(
                (store, other_store)[n % 2].put("a/k", sent(body[: 2**20], body[2**20 :]), BINARY)
                for n, body in enumerate(bodies)
            )
        )
        assert await content(store, "a/k") in bodies

    async def test_putting_while_the_folder_is_emptied(self, store: Store) -> None:
        async def come_and_go(name: str) -> None:
            for _ in range(20):
                await store.put(f"f/g/{name}", sent(b"x"), BINARY)
                await store.delete(f"f/g/{name}")

        await asyncio.gather(*(come_and_go(name) for name in "abcd"))
        assert await keys(store) == []

    async def test_the_check_leaves_nothing(self, store: Store) -> None:
        health = await store.check()
        assert health.where
        assert health.round_trip_s > 0
        assert health.free_bytes is None or health.free_bytes > 0
        assert await keys(store) == []


class AppendableSuite:
    async def test_an_upload_grows_and_becomes_an_object(self, store: Store) -> None:
        await store.create("up/1")
        assert await store.size("up/1") == 0
        assert await store.append("up/1", 0, sent(b"ab", b"cd")) == 4
        assert await store.append("up/1", 4, sent(b"e")) == await store.size("up/1") == 5
        assert await keys(store) == []
        info = await store.seal("up/1", "lessons/1/original", "video/mp4")
        assert (info.key, info.size, info.content_type) == ("lessons/1/original", 5, "video/mp4")
        assert await content(store, "lessons/1/original") == b"abcde"

    async def test_creating_again_keeps_what_is_there(self, store: Store) -> None:
        await store.create("up")
        await store.append("up", 0, sent(b"abc"))
        await store.create("up")
        assert await store.size("up") == 3

    async def test_an_empty_body_and_an_empty_upload(self, store: Store) -> None:
        await store.create("up")
        assert await store.append("up", 0, sent()) == 0
        assert (await store.seal("up", "empty", BINARY)).size == 0

    @pytest.mark.parametrize("offset", [0, 2, 4, 2**40])
    async def test_another_place_than_the_end_is_refused(self, store: Store, offset: int) -> None:
        await store.create("up")
        await store.append("up", 0, sent(b"abc"))
        with pytest.raises(WrongOffset) as refused:
            await store.append("up", offset, sent(b"xyz"))
        assert refused.value.offset == 3
        assert await store.size("up") == 3
        assert await store.append("up", 3, sent(b"d")) == 4

    async def test_what_came_before_a_break_is_kept(self, store: Store, other_store: Store) -> None:
        await store.create("up")
        broken = LineLost()
        with pytest.raises(AppendInterrupted) as interrupted:
            await store.append("up", 0, sent(b"a" * 2**21, b"bc", then=broken))
        assert interrupted.value.__cause__ is broken
        assert interrupted.value.offset == 2**21 + 2 == await other_store.size("up")
        assert await other_store.append("up", 2**21 + 2, sent(b"d")) == 2**21 + 3

    async def test_an_error_with_words_of_its_own_leaves_as_it_is(self, store: Store) -> None:
        await store.create("up")
        refusal = Invalid()
        with pytest.raises(Invalid) as left:
            await store.append("up", 0, sent(b"abc", then=refusal))
        assert left.value is refusal
        assert await store.size("up") == 3

    async def test_what_came_before_a_cancellation_is_kept(self, store: Store) -> None:
        await store.create("up")
        gate = Gate()
        appending = asyncio.create_task(store.append("up", 0, gate.chunks()))
        await gate.begun.wait()
        appending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await appending
        assert await store.size("up") == 3 * 2**20
        assert await store.append("up", 3 * 2**20, sent(b"!")) == 3 * 2**20 + 1

    async def test_one_writer_at_a_time(self, store: Store, other_store: Store) -> None:
        await store.create("up")
        gate = Gate()
        appending = asyncio.create_task(store.append("up", 0, gate.chunks()))
        await gate.begun.wait()
        for refused in (
            other_store.append("up", 0, sent(b"x")),
            store.append("up", 0, sent(b"x")),
            other_store.seal("up", "final", BINARY),
            other_store.abort("up"),
        ):
            with pytest.raises(ObjectBusy):
                await refused
        gate.released.set()
        assert await appending == 3 * 2**20 + 1
        assert await other_store.append("up", 3 * 2**20 + 1, sent(b"x")) == 3 * 2**20 + 2

    async def test_sealing_can_be_repeated(self, store: Store, other_store: Store) -> None:
        await store.create("up/1")
        await store.append("up/1", 0, sent(b"abc"))
        first = await store.seal("up/1", "l/original", "audio/odd")
        assert await other_store.seal("up/1", "l/original", "audio/odd") == first
        assert await store.info("l/original") == first
        assert [info async for info in store.pending()] == []

    async def test_what_is_not_complete_is_not_sealed(self, store: Store) -> None:
        await store.create("up")
        for at, chunk in ((0, b"abc"), (3, b"def")):
            with pytest.raises(WrongOffset) as caught:
                await store.seal("up", "final", BINARY, size=6)
            assert caught.value.values["offset"] == at
            await store.append("up", at, sent(chunk))
        assert (await store.seal("up", "final", BINARY, size=6)).size == 6
        assert (await store.seal("up", "final", BINARY, size=6)).size == 6
        assert await content(store, "final") == b"abcdef"

    async def test_a_sealed_upload_takes_no_more(self, store: Store) -> None:
        await store.create("up")
        await store.seal("up", "final", BINARY)
        for call in (store.append("up", 0, sent(b"x")), store.size("up")):
            with pytest.raises(ObjectMissing):
                await call

    async def test_aborting_can_be_repeated(self, store: Store) -> None:
        await store.create("up")
        await store.append("up", 0, sent(b"abc"))
        await store.abort("up")
        await store.abort("up")
        for call in (
            store.append("up", 3, sent(b"x")),
            store.size("up"),
            store.seal("up", "final", BINARY),
        ):
            with pytest.raises(ObjectMissing):
                await call
        assert await keys(store) == []

    async def test_the_unfinished_are_listed(self, store: Store) -> None:
        for key, body in (("up/b", b"xy"), ("up/a", b"")):
            await store.create(key)
            await store.append(key, 0, sent(body))
        listed = [(info.key, info.size) async for info in store.pending()]
        assert listed == [("up/a", 0), ("up/b", 2)]

    @settings(
        max_examples=25,
        deadline=None,
        # The store outlives an example; each uses a key of its own. Each adapter runs the suite.
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.differing_executors,
        ],
    )
    @given(data=st.data(), whole=st.binary(max_size=400))
    async def test_any_cut_with_breaks_between_gives_the_same_bytes(
        self, store: Store, data: st.DataObject, whole: bytes
    ) -> None:
        key = f"cut/{secrets.token_hex(8)}"  # not drawn: a key may be used only once
        await store.create(key)
        while (offset := await store.size(key)) < len(whole):
            sending = whole[offset : offset + data.draw(st.integers(1, 200))]
            cut = data.draw(st.integers(0, len(sending)))
            then = data.draw(st.sampled_from([None, LineLost()]))
            if then is None:
                await store.append(key, offset, sent(sending[:cut], sending[cut:]))
            else:
                with pytest.raises(AppendInterrupted):
                    await store.append(key, offset, sent(sending[:cut], then=then))
        await store.seal(key, f"whole/{key}", BINARY)
        assert await content(store, f"whole/{key}") == whole
