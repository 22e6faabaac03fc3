"""What any adapter of the objects port must do, whatever keeps the bytes.

An adapter's test module subclasses this suite and `append.AppendableSuite`, and gives the fixture
`store`; `other_store` is a second adapter on the same place, as another process would have.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conformance.bodies import BINARY, Gate, LineLost, Store, content, keys, put_all, sent
from tongke.storage.objects.errors import (
    BadKey,
    ObjectMissing,
)


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
        assert await keys(store) == []
