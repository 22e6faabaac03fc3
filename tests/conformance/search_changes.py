"""What changes while it is searched: versions, and an index that is made anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.index import (
    Document,
    RebuildTakenOver,
    SearchIndex,
    Sort,
)
from search.query import parse
from tests.conformance.search_world import (
    EVERYONE,
    document,
    found,
    plain,
    randomly,
    remake,
    stream,
    versions,
)
from tongke import clock


class ChangesSuite:
    # Versions

    @randomly
    @given(st.permutations([("put", 1), ("put", 2), ("delete", 3), ("put", 4), ("put", 2)]))
    async def test_changes_that_overtake_each_other_end_the_same(
        self, index: SearchIndex, changes: list[tuple[str, int]]
    ) -> None:
        await remake(index, [])
        base = next(versions) * 10
        for _ in range(10):
            next(versions)
        for change, version in changes:
            if change == "put":
                await index.upsert([document(1, f"第{version}版", version=base + version)])
            else:
                await index.delete({1: base + version})
        assert [pair async for pair in index.versions()] == [(1, base + 4)]
        page = await index.search(parse(""), EVERYONE)
        assert [plain(hit.title) for hit in page.hits] == ["第4版"]
        await index.delete({1: base + 5})
        for _ in range(50 * 10):
            next(versions)

    async def test_a_deletion_outlasts_what_is_not_newer(self, index: SearchIndex) -> None:
        await index.delete({1: 5})
        for version in (4, 5):
            await index.upsert([document(1, "有理数", version=version)])
        assert await found(index, "") == []
        await index.delete({1: 5, 99: 1})
        await index.upsert([document(1, "有理数", version=6)])
        assert await found(index, "") == [1]

    async def test_nothing_of_an_old_text_is_left(self, index: SearchIndex) -> None:
        await index.upsert([document(1, "有理数", "旧文")])
        await index.upsert([document(1, "整式", "新文", version=2)])
        assert await found(index, "有理") == []
        assert await found(index, "旧") == []
        assert not await index.suggest("有理", EVERYONE)
        assert await found(index, "整式 新文") == [1]

    # Rebuilding

    async def test_a_rebuild_answers_throughout_and_keeps_what_comes_meanwhile(
        self, index: SearchIndex
    ) -> None:
        await index.upsert([document(id, f"旧{id}") for id in range(1, 6)])

        async def documents() -> AsyncIterator[Document]:
            for id in range(1, 4):
                yield document(id, f"新{id}")
            assert set(await found(index, "旧")) == {1, 2, 3, 4, 5}
            await index.upsert([document(2, "改2", version=2), document(9, "来9")])
            await index.delete({3: 2})
            assert set(await found(index, "")) == {1, 2, 4, 5, 9}
            yield document(3, "新3")
            yield document(2, "新2")

        await index.rebuild(documents())
        page = await index.search(parse(""), EVERYONE, sort=Sort.TITLE)
        assert {plain(hit.title) for hit in page.hits} == {"新1", "改2", "来9"}
        assert [pair async for pair in index.versions()] == [(1, 1), (2, 2), (9, 1)]

    async def test_a_rebuild_that_broke_off_leaves_the_old_index_and_can_be_done_again(
        self, index: SearchIndex
    ) -> None:
        await index.upsert([document(1, "旧")])

        async def broken() -> AsyncIterator[Document]:
            yield document(2, "半")
            raise ConnectionError

        began = clock.now()
        with pytest.raises(ConnectionError):
            await index.rebuild(broken())
        assert await found(index, "") == [1]
        since = (await index.health()).building_since
        assert since is not None
        assert abs(since - began) < timedelta(minutes=1)
        await index.upsert([document(3, "其间")])
        await index.rebuild(stream([document(1, "新"), document(3, "其间")]))
        assert set(await found(index, "")) == {1, 3}
        assert (await index.health()).building_since is None

    async def test_the_later_of_two_rebuilds_wins(self, index: SearchIndex) -> None:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def slow() -> AsyncIterator[Document]:
            begun.set()
            await go_on.wait()
            yield document(1, "慢")

        first = asyncio.create_task(index.rebuild(slow()))
        await begun.wait()
        await index.rebuild(stream([document(2, "快")]))
        go_on.set()
        with pytest.raises(RebuildTakenOver):
            await first
        assert await found(index, "") == [2]

    async def test_it_says_how_it_is(self, index: SearchIndex) -> None:
        await index.upsert([document(1, "一")])
        health = await index.health()
        assert (health.whole, health.writable, health.lacking) == (True, True, ())
        assert health.building_since is None
        assert health.engine.split()[1][0].isdigit()

    async def test_many_calls_at_once(self, index: SearchIndex) -> None:
        async def put(id: int) -> None:
            await index.upsert([document(id, "方程")])
            assert id in await found(index, "方程")

        await asyncio.gather(*(put(id) for id in range(1, 20)))
        assert [id async for id, _ in index.versions()] == list(range(1, 20))
