"""Both engines on one library: whatever is asked, they answer the same."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.search_corpus import (
    GRADES,
    PROVINCE_OFFICER,
    SUBJECTS,
    TEACHER,
    TOPICS,
    VOCABULARY,
    World,
    world,
)
from search import sounds
from search import text as analysis
from search.elastic import ElasticIndex
from search.fts import FtsIndex
from search.index import SearchIndex, Sort
from search.query import parse
from tests.conformance.search_world import ids, walked
from tests.servers.elasticsearch import Elasticsearch

DOCUMENTS = 600
SEED = 7
VIEWERS = (TEACHER, PROVINCE_OFFICER, frozenset({"school:3"}), frozenset[str]())


@dataclass(frozen=True)
class Both:
    embedded: SearchIndex
    elastic: SearchIndex
    made: World


@dataclass(frozen=True)
class Filled:
    """A library in both engines, for all tests here: they only read."""

    made: World
    path: Path
    url: str
    name: str

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Both]:
        embedded, elastic = FtsIndex(self.path), ElasticIndex(self.url, self.name)
        yield Both(embedded, elastic, self.made)
        await asyncio.gather(embedded.close(), elastic.close())


@pytest.fixture(scope="module")
def filled(elasticsearch_node: Elasticsearch, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    path = tmp_path_factory.mktemp("agreement") / "search.db"
    filled = Filled(world(DOCUMENTS), path, elasticsearch_node.url, f"test-{uuid.uuid4().hex}")

    async def fill() -> None:
        async with filled.opened() as both:
            await both.embedded.upsert(filled.made.documents)
            await both.elastic.upsert(filled.made.documents)

    asyncio.run(fill())
    return filled


@pytest.fixture
async def both(filled: Filled) -> AsyncIterator[Both]:
    async with filled.opened() as both:
        yield both


def _typed(made: World) -> list[str]:
    """Words, phrases, pieces of text, exclusions, chips, readings, and what finds nothing."""
    chance = random.Random(SEED)
    texts = [analysis.fold(chance.choice(made.documents).text) for _ in range(8)]
    pieces = [text[at : at + 4] for text in texts for at in [chance.randrange(len(text) - 4)]]
    topics = chance.sample(TOPICS, 6)
    return [
        *pieces,
        *(f'"{piece}"' for piece in pieces),
        *topics,
        *(f"{chance.choice(GRADES)}{chance.choice(SUBJECTS)} {topic}" for topic in topics),
        *("".join(sounds.syllables(topic)) for topic in topics[:2]),
        "5.3", "5.3 课", '"第 2 课"', "的", "title:春", "作者:周", "一元一次 -作业", "-课件 方程",
        "学科:数学", "-学科:数学 方程", "七年级数学", "作业的设计方案", "优理数", "yls", "",
    ]  # fmt: skip


async def test_the_same_pages_to_the_last_mark(both: Both) -> None:
    """Hits, scores, marks, totals, facets, chips, second lists and cursors."""
    for number, typed in enumerate(_typed(both.made)):
        query = parse(typed, VOCABULARY)
        tokens = VIEWERS[number % 3 if number % 9 else 3]
        filters = {"grade": ["七年级", "八年级"], "kind": ["课件"]} if number % 4 == 1 else {}
        answers = [
            await index.search(query, tokens, filters=filters)
            for index in (both.embedded, both.elastic)
        ]
        assert answers[0] == answers[1], typed


@pytest.mark.parametrize("sort", Sort)
async def test_the_same_order_to_the_last_page(both: Both, sort: Sort) -> None:
    """Over the ranked part and past it."""
    query = parse("学生")
    embedded = await walked(both.embedded, query, PROVINCE_OFFICER, sort=sort, limit=90)
    elastic = await walked(both.elastic, query, PROVINCE_OFFICER, sort=sort, limit=90)
    assert len(ids(embedded)) > 200
    assert elastic == embedded


async def test_the_same_suggestions(both: Both) -> None:
    for typed in ("有", "分", "5", "5.", "湘教", "课", "pingx", "yy", "第", "《", "数学"):
        for tokens in VIEWERS:
            suggested = [
                await index.suggest(typed, tokens, vocabulary=VOCABULARY)
                for index in (both.embedded, both.elastic)
            ]
            assert suggested[0] == suggested[1], typed
