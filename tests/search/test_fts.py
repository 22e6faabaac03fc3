"""The embedded engine: the port's suite, sounds, and many processes on one file."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from search import fts_tables
from search.fts import FtsIndex
from search.index import Document, IndexUnavailable, Relaxation
from search.query import parse
from tests.conformance.search_index import SearchIndexSuite
from tests.conformance.search_world import EVERYONE, document, found

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[FtsIndex]:
    made = FtsIndex(tmp_path / "search.db")
    yield made
    await made.close()


class TestFtsIndex(SearchIndexSuite):
    pass


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("youlishu", Relaxation.PINYIN),
        ("younishu", Relaxation.PINYIN),  # n for l, as it is said in Hunan
        ("lishu", Relaxation.PINYIN),
        ("yls", Relaxation.PINYIN),
        ("有里数", Relaxation.HOMOPHONES),
        ("优理数 加法", Relaxation.HOMOPHONES),
        ("有理数的乘法口诀", Relaxation.SOME_WORDS),
        ("有理数 灯笼", Relaxation.SOME_WORDS),
    ],
)
async def test_what_finds_few_gets_a_second_list(
    index: FtsIndex, typed: str, reason: Relaxation
) -> None:
    await index.upsert(
        [
            document(1, "有理数的加法"),
            document(2, "整式"),
            document(3, "有理数的加法", audience=frozenset({"user:7"})),
        ]
    )
    page = await index.search(parse(typed), EVERYONE)
    assert page.hits == ()
    assert page.relaxed is not None
    assert page.relaxed.reason is reason
    assert [hit.id for hit in page.relaxed.hits] == [1]


async def test_the_second_list_keeps_the_filters_and_what_was_excluded(index: FtsIndex) -> None:
    facets = {"kind": ("课件",)}
    await index.upsert(
        [
            document(1, "有理数的加法", facets=facets),
            document(2, "有理数的减法"),
            document(3, "有理数练习", facets=facets),
        ]
    )
    page = await index.search(parse("youlishu -练习"), EVERYONE, filters={"kind": ["课件"]})
    assert page.relaxed is not None
    assert [hit.id for hit in page.relaxed.hits] == [1]


async def test_two_indexes_on_one_file_see_each_other_at_once(
    index: FtsIndex, tmp_path: Path
) -> None:
    other = FtsIndex(tmp_path / "search.db")
    await index.upsert([document(1, "有理数")])
    assert await found(other, "有理") == [1]
    await other.delete({1: 2})
    assert await found(index, "有理") == []

    async def anew() -> AsyncIterator[Document]:
        yield document(2, "有理数")

    await other.rebuild(anew())
    assert await found(index, "有理") == [2]
    await other.close()


async def test_a_file_of_another_analysis_is_emptied(
    index: FtsIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await index.upsert([document(1, "有理数")])
    monkeypatch.setattr(fts_tables, "FORMAT", fts_tables.FORMAT + 1)
    later = FtsIndex(tmp_path / "search.db")
    assert [pair async for pair in later.versions()] == []
    await later.upsert([document(1, "有理数")])
    assert await found(later, "有理") == [1]
    await later.close()


async def test_says_that_search_is_away_when_the_file_cannot_be_opened(tmp_path: Path) -> None:
    broken = FtsIndex(tmp_path / "missing" / "search.db")
    with pytest.raises(IndexUnavailable):
        await found(broken, "有理")
    await broken.close()


async def test_broken_text_is_stored_without_its_broken_halves(index: FtsIndex) -> None:
    await index.upsert([document(1, "有\ud800理", "文\x00字")])
    assert await found(index, "文") == [1]
    await index.delete({1: 2})
    assert await found(index, "文") == []


async def _hammer(path: Path, *task: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.search.hammer", str(path), *task),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
    )


async def test_four_processes_write_while_two_read(tmp_path: Path) -> None:
    """Nothing written is lost, no reader fails, and FTS5 finds its own tables in order."""
    path = tmp_path / "search.db"
    writers = [await _hammer(path, "write", str(number)) for number in range(4)]
    readers = [await _hammer(path, "read", "0") for _ in range(2)]
    codes = [await asyncio.wait_for(process.wait(), 120) for process in writers]
    for process in readers:
        await asyncio.wait_for(process.communicate(b""), 120)
    assert codes + [process.returncode for process in readers] == [0] * 6

    index = FtsIndex(path)
    expected = [number * 1000 + id for number in range(4) for id in range(100) if id % 10]
    assert [id async for id, _ in index.versions()] == expected
    assert (await index.search(parse("改过"), EVERYONE)).total == len(expected)
    assert (await index.search(parse("原文"), EVERYONE)).total == 0
    await index.close()
    with sqlite3.connect(path) as connection:
        for table in ("words_a", "titles_a"):
            connection.execute(f"INSERT INTO {table}({table}) VALUES ('integrity-check')")


async def test_says_that_search_is_away_when_the_file_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    path.write_bytes(b"not a database" * 1000)
    broken = FtsIndex(path)
    with pytest.raises(IndexUnavailable):
        await found(broken, "有理")
    await broken.close()
