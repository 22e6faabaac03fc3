"""Elasticsearch: the port's suite on a real node, many nodes of the service, and none to answer."""

from __future__ import annotations

import asyncio
import socket
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from elasticsearch import AsyncElasticsearch, TransportError

from search import elastic_client, elastic_indices, elastic_mapping
from search.elastic import ElasticIndex
from search.index import Document, IndexHealth, IndexTooNew, IndexUnavailable, Relaxation
from search.query import parse
from tests.conformance.search_index import SearchIndexSuite
from tests.conformance.search_world import EVERYONE, document, found, stream
from tests.servers import elasticsearch
from tests.servers.elasticsearch import Elasticsearch
from tests.servers.ports import free_port


@pytest.fixture
async def index(elasticsearch_node: Elasticsearch) -> AsyncIterator[ElasticIndex]:
    made = ElasticIndex(elasticsearch_node.url, f"test-{uuid.uuid4().hex}")
    yield made
    await made.close()


@pytest.fixture
async def node(elasticsearch_node: Elasticsearch) -> AsyncIterator[AsyncElasticsearch]:
    async with AsyncElasticsearch(elasticsearch_node.url) as client:
        yield client


class TestElasticIndex(SearchIndexSuite):
    pass


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("younishu", Relaxation.PINYIN),
        ("yls", Relaxation.PINYIN),
        ("优理数 加法", Relaxation.HOMOPHONES),
        ("有理数的乘法口诀", Relaxation.SOME_WORDS),
    ],
)
async def test_what_finds_few_gets_a_second_list(
    index: ElasticIndex, typed: str, reason: Relaxation
) -> None:
    hidden = document(3, "有理数的加法", audience=frozenset({"user:7"}))
    await index.upsert([document(1, "有理数的加法"), document(2, "整式"), hidden])
    page = await index.search(parse(typed), EVERYONE)
    assert page.hits == ()
    assert page.relaxed is not None
    assert page.relaxed.reason is reason
    assert [hit.id for hit in page.relaxed.hits] == [1]


async def test_an_open_end_goes_on_with_any_of_many_characters(index: ElasticIndex) -> None:
    """More continuations than Elasticsearch completes a phrase with when nobody says how many."""
    made = [document(id, f"5 节{chr(0x4E00 + id)}") for id in range(1, 181)]
    await index.upsert(made)
    page = await index.search(parse('"5 节"'), EVERYONE)
    assert page.total == len(made)


async def test_a_long_text_and_a_broken_one_are_found(index: ElasticIndex) -> None:
    long = "有理数的加法，" * 50_000
    await index.upsert([document(1, "长", long), document(2, "有\ud800理", "文\x00字")])
    assert await found(index, '"有理数的加法"') == [1]
    assert await found(index, "文") == [2]


async def test_a_node_of_the_service_knows_of_a_rebuild_that_another_runs(
    index: ElasticIndex, elasticsearch_node: Elasticsearch
) -> None:
    """What it writes meanwhile is in both indexes, and it searches the new one after the swap."""
    other = ElasticIndex(elasticsearch_node.url, index.name)
    await other.upsert([document(1, "旧一"), document(2, "旧二")])

    async def documents() -> AsyncIterator[Document]:
        yield document(1, "旧一")
        yield document(2, "旧二")
        await other.upsert([document(2, "改二", version=2), document(3, "来三")])
        await other.delete({1: 2})
        assert set(await found(other, "")) == {2, 3}

    await index.rebuild(documents())
    for each in (index, other):
        assert set(await found(each, "")) == {2, 3}
        assert await found(each, "改二") == [2]
    await other.close()


async def test_searching_never_fails_while_indexes_are_swapped(index: ElasticIndex) -> None:
    await index.upsert([document(1, "有理数")])
    swapping = asyncio.Event()

    async def search() -> int:
        answers = 0
        while not swapping.is_set():
            assert await found(index, "有理数") == [1]
            answers += 1
        return answers

    searching = [asyncio.create_task(search()) for _ in range(3)]
    for _ in range(3):
        await index.rebuild(stream([document(1, "有理数")]))
    swapping.set()
    assert all(await asyncio.gather(*searching))


async def test_a_rebuild_leaves_one_index_behind(
    index: ElasticIndex, elasticsearch_node: Elasticsearch
) -> None:
    await index.upsert([document(1, "旧")])
    for _ in range(2):
        await index.rebuild(stream([document(1, "新")]))
    client = AsyncElasticsearch(elasticsearch_node.url)
    aliases = await client.indices.get_alias(index=f"{index.name}-*")
    ((name, held),) = aliases.items()
    assert name.startswith(f"{index.name}-{elastic_mapping.FORMAT}-")
    assert set(held["aliases"]) == {index.name}
    await client.close()


async def test_an_index_of_an_older_format_makes_room_and_of_a_later_one_stays(
    index: ElasticIndex, elasticsearch_node: Elasticsearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    await index.upsert([document(1, "有理数")])
    monkeypatch.setattr(elastic_indices, "FORMAT", elastic_mapping.FORMAT + 1)
    later = ElasticIndex(elasticsearch_node.url, index.name)
    assert [pair async for pair in later.versions()] == []
    await later.upsert([document(1, "有理数")])
    monkeypatch.undo()
    earlier = ElasticIndex(elasticsearch_node.url, index.name)
    with pytest.raises(IndexTooNew, match="later version"):
        await found(earlier, "有理")
    assert await found(later, "有理") == [1]
    await later.close()
    await earlier.close()


async def test_a_rebuild_of_a_later_format_lets_the_old_one_answer_until_it_is_done(
    index: ElasticIndex, elasticsearch_node: Elasticsearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    await index.upsert([document(1, "有理数")])
    monkeypatch.setattr(elastic_indices, "FORMAT", elastic_mapping.FORMAT + 1)
    later = ElasticIndex(elasticsearch_node.url, index.name)

    async def documents() -> AsyncIterator[Document]:
        assert await found(index, "有理") == [1]
        yield document(1, "有理数")

    await later.rebuild(documents())
    assert await found(later, "有理") == [1]
    await later.close()


async def test_an_index_that_was_removed_is_made_anew(
    index: ElasticIndex, elasticsearch_node: Elasticsearch
) -> None:
    await index.upsert([document(1, "有理数")])
    client = AsyncElasticsearch(elasticsearch_node.url)
    await client.indices.delete(index=list(await client.indices.get_alias(name=index.name)))
    await client.close()
    assert await found(index, "有理数") == []
    await index.upsert([document(1, "有理数")])
    assert await found(index, "有理数") == [1]


async def test_many_nodes_begin_on_the_same_index(elasticsearch_node: Elasticsearch) -> None:
    name = f"test-{uuid.uuid4().hex}"
    nodes = [ElasticIndex(elasticsearch_node.url, name) for _ in range(6)]
    await asyncio.gather(
        *(node.upsert([document(id, "有理数")]) for id, node in enumerate(nodes, 1))
    )
    for node in nodes:
        assert set(await found(node, "有理数")) == {1, 2, 3, 4, 5, 6}
        await node.close()


async def test_health_tells_the_version(index: ElasticIndex) -> None:
    assert await index.health() == IndexHealth(f"Elasticsearch {elasticsearch.VERSION}")


async def test_health_is_that_of_our_index_and_not_of_a_neighbours(
    index: ElasticIndex, node: AsyncElasticsearch
) -> None:
    nowhere = {"index.routing.allocation.require._name": "nobody"}
    await node.indices.create(index="others", settings=nowhere, wait_for_active_shards=0)
    try:
        assert (await node.cluster.health())["status"] == "red"
        assert (await index.health()).whole
    finally:
        await node.indices.delete(index="others")


@pytest.fixture
async def no_room(node: AsyncElasticsearch) -> AsyncIterator[None]:
    """The cluster has as many shards as it may."""
    most = "cluster.max_shards_per_node"
    await node.indices.create(index="others")
    await node.cluster.put_settings(persistent={most: 1})
    yield
    await node.cluster.put_settings(persistent={most: None})
    await node.indices.delete(index="others")


@pytest.mark.usefixtures("no_room")
async def test_a_cluster_that_has_no_room_for_an_index_leaves_pages_without_search(
    index: ElasticIndex,
) -> None:
    """It answers 400, as to a request that it does not understand."""
    new = [document(1, "有理数")]
    for call in (found(index, "有理"), index.upsert(new), index.rebuild(stream(new))):
        with pytest.raises(IndexUnavailable) as away:
            await call
        assert "maximum normal shards open" in str(away.value.__cause__)


async def test_an_index_of_somebody_under_our_name_is_left_alone(
    index: ElasticIndex, node: AsyncElasticsearch
) -> None:
    await node.indices.create(index=index.name)
    with pytest.raises(IndexUnavailable) as away:
        await found(index, "有理")
    assert "same name" in str(away.value.__cause__)
    assert await node.indices.exists(index=index.name)


async def test_what_a_killed_rebuild_left_is_dropped_by_the_next(
    index: ElasticIndex, node: AsyncElasticsearch
) -> None:
    """Killed while it filled its index, and another after its swap; and what is a neighbour's."""
    await index.upsert([document(1, "有理数")])

    async def killed() -> AsyncIterator[Document]:
        yield document(1, "有理数")
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await index.rebuild(killed())
    left, theirs = f"{index.name}-{elastic_mapping.FORMAT}-{'f' * 32}", f"{index.name}-theirs"
    for name in (left, theirs):
        await node.indices.create(index=name)
    await index.rebuild(stream([document(1, "有理数")]))
    there = await node.indices.get_alias(index=f"{index.name}-*")
    assert len(there) == 2
    assert theirs in there
    assert left not in there
    assert await found(index, "有理数") == [1]


async def test_a_swap_whose_answer_was_lost_is_finished(
    index: ElasticIndex, node: AsyncElasticsearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    await index.upsert([document(1, "旧")])
    move = elastic_indices.Indices._move
    moves = 0

    async def unheard(self: elastic_indices.Indices, *actions: dict[str, dict[str, Any]]) -> None:
        nonlocal moves
        moves += 1
        await move(self, *actions)
        if moves == 2:  # The first begins the build.
            raise IndexUnavailable

    monkeypatch.setattr(elastic_indices.Indices, "_move", unheard)
    await index.rebuild(stream([document(1, "新")]))
    assert await found(index, "新") == [1]
    assert len(await node.indices.get_alias(index=f"{index.name}-*")) == 1


async def test_health_tells_that_a_full_disk_has_made_it_read_only(
    index: ElasticIndex, elasticsearch_node: Elasticsearch
) -> None:
    """At the flood stage Elasticsearch sets `read_only_allow_delete`, which it takes back within
    seconds where there is room, as here: another block stands for it."""
    await index.upsert([document(1, "有理数")])
    assert (await index.health()).writable
    client = AsyncElasticsearch(elasticsearch_node.url)
    for full in (True, None):
        await client.indices.put_settings(index=index.name, settings={"index.blocks.write": full})
        assert (await index.health()).writable is (full is None)
        assert (await index.health()).whole
    await client.close()


async def test_an_elasticsearch_that_is_away_opens_the_circuit() -> None:
    """The first calls say why; then nobody asks it any more."""
    index = ElasticIndex(f"http://127.0.0.1:{free_port()}", "away")
    for call in (found(index, "有理"), index.suggest("有", EVERYONE), index.delete({1: 1})):
        with pytest.raises(IndexUnavailable) as away:
            await call
        assert isinstance(away.value.__cause__, TransportError)
    with pytest.raises(IndexUnavailable) as away:
        await index.upsert([document(1, "有理数")])
    assert away.value.__cause__ is None
    await index.close()


async def test_an_elasticsearch_that_never_answers_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(elastic_client, "SEARCH_LIMIT_S", 0.2)
    monkeypatch.setattr(elastic_client, "WRITE_LIMIT_S", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        index = ElasticIndex(f"http://127.0.0.1:{silent.getsockname()[1]}", "silent")
        with pytest.raises(IndexUnavailable):
            await found(index, "有理")
        await index.close()
