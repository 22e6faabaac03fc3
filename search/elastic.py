"""The engine of a city or a province: Elasticsearch 8. An adapter of `search.index`.

Elasticsearch matches, filters and counts; the tokens it matches, the order of the first 100 and the
marks are made in Python, by the code of the embedded engine. So both find and order the same, and
any Elasticsearch will do, without plug-ins or scripts.

Every node of the service may read and write. What an index is and who knows of a rebuild is kept in
Elasticsearch alone (`search.elastic_indices`).
"""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Mapping,
)
from itertools import islice
from typing import Any, TypeVar

from elasticsearch import NotFoundError

from search import elastic_mapping, elastic_suggest, elastic_write
from search import elastic_rights as rights
from search.answer import Request
from search.elastic_client import Client
from search.elastic_indices import Build, Indices
from search.elastic_mapping import Change
from search.elastic_read import Search
from search.index import (
    Document,
    IndexHealth,
    IndexUnavailable,
    Page,
    RebuildTakenOver,
    Sort,
    Suggestion,
)
from search.query import Query, Vocabulary
from search.suggest import Prefix

# Documents analysed at once, on a thread: some tenths of a second.
BATCH = 200

VERSIONS_READ_AT_ONCE = 5000

Result = TypeVar("Result")


class ElasticIndex:
    """`SearchIndex` on the Elasticsearch at `url`; `name` begins the names of its indexes."""

    def __init__(self, url: str, name: str, api_key: str | None = None) -> None:
        self.name = name
        self._client = Client(url, api_key)
        self._indices = Indices(self._client, name)

    async def health(self) -> IndexHealth:
        """Red is a part of our documents that cannot be reached; yellow only lacks copies. On a
        disk that fills up (the flood stage) an index is made read-only.

        Raises `IndexUnavailable`.
        """
        nodes = await self._client.ask(
            lambda client: client.nodes.info(filter_path="nodes.*.version")
        )
        versions = sorted({node["version"] for node in nodes["nodes"].values()})
        engine = f"Elasticsearch {', '.join(versions)}"
        if lacking := await rights.lacking(self._client, self._indices.alias):
            return IndexHealth(engine, lacking=lacking)
        return IndexHealth(
            engine,
            whole=await self._answered(self._is_whole),
            writable=await self._answered(self._is_writable),
            building_since=await self._indices.building_since(),
        )

    async def upsert(self, documents: Iterable[Document]) -> None:
        waiting = iter(documents)
        while batch := list(islice(waiting, BATCH)):
            await self._write(await _analysed(batch))

    async def delete(self, versions: Mapping[int, int]) -> None:
        await self._write([elastic_mapping.deletion(*gone) for gone in versions.items()])

    async def search(
        self,
        query: Query,
        tokens: Collection[str],
        *,
        filters: Mapping[str, Collection[str]] | None = None,
        counted: Mapping[str, Collection[str]] | None = None,
        sort: Sort = Sort.RELEVANCE,
        limit: int = 20,
        cursor: str | None = None,
    ) -> Page:
        request = Request(query, tokens, filters or {}, counted or {}, sort, limit, cursor)
        return await self._answered(
            lambda: Search(self._client, self._indices.alias, request).page()
        )

    async def suggest(
        self,
        prefix: str,
        tokens: Collection[str],
        *,
        limit: int = 8,
        vocabulary: Vocabulary | None = None,
    ) -> tuple[Suggestion, ...]:
        typed = Prefix(prefix, tokens, limit, vocabulary or Vocabulary())
        return await self._answered(
            lambda: elastic_suggest.complete(self._client, self._indices.alias, typed)
        )

    async def versions(self) -> AsyncIterator[tuple[int, int]]:
        after: list[int] | None = None
        while True:
            hits = await self._answered(lambda after=after: self._versions_after(after))  # type: ignore[misc]  # the default binds it
            for hit in hits:
                yield hit["sort"][0], hit["fields"]["version"][0]
            if len(hits) < VERSIONS_READ_AT_ONCE:
                return
            after = hits[-1]["sort"]

    async def rebuild(self, documents: AsyncIterable[Document]) -> None:
        build = await self._indices.begin()
        async for batch in _batches(documents):
            await self._add(build, batch)
        await self._indices.finish(build)

    async def close(self) -> None:
        await self._client.close()

    async def _write(self, changes: list[Change]) -> None:
        """To the index that answers and the one that is being built.

        Asked before writing, whether there is one. A build that begins after that reads what the
        database holds, which had these changes before they came here.
        """
        if not changes:
            return

        async def send() -> None:
            beside = self._indices.building_alias if await self._indices.is_building() else None
            await elastic_write.write(self._client, changes, self._indices.alias, beside=beside)

        await self._answered(send)

    async def _add(self, build: Build, documents: list[Document]) -> None:
        try:
            changes = await _analysed(documents)
            await elastic_write.write(self._client, changes, build.alias, refresh=False)
        except elastic_write.Missing as error:
            raise RebuildTakenOver from error

    async def _answered(self, call: Callable[[], Awaitable[Result]]) -> Result:
        """A call on an index that is there: looked for first, and once more when it went away
        under the call, as it does when a rebuild swaps."""
        await self._indices.ready()
        try:
            return await call()
        except (NotFoundError, elastic_write.Missing):
            self._indices.look_again()
        await self._indices.ready()
        try:
            return await call()
        except (NotFoundError, elastic_write.Missing) as error:
            raise IndexUnavailable from error

    async def _is_whole(self) -> bool:
        answer = await self._client.ask(
            lambda client: client.cluster.health(index=self._indices.alias)
        )
        return bool(answer["status"] != "red")

    async def _is_writable(self) -> bool:
        answer = await self._client.ask(
            lambda client: client.indices.get_settings(
                index=self._indices.alias, name="index.blocks.*", flat_settings=True
            )
        )
        return all(
            value != "true"
            for index in answer.body.values()
            for value in index["settings"].values()
        )

    async def _versions_after(self, after: list[int] | None) -> list[dict[str, Any]]:
        answer = await self._client.work(
            lambda client: client.search(
                index=self._indices.alias,
                query={"term": {"deleted": False}},
                sort="id:asc",
                search_after=after,
                size=VERSIONS_READ_AT_ONCE,
                docvalue_fields=[{"field": "version"}],
                stored_fields="_none_",
                track_total_hits=False,
            )
        )
        return list(answer["hits"]["hits"])


async def _analysed(documents: list[Document]) -> list[Change]:
    return await asyncio.to_thread(lambda: list(map(elastic_mapping.upsertion, documents)))


async def _batches(documents: AsyncIterable[Document]) -> AsyncIterator[list[Document]]:
    batch: list[Document] = []
    async for document in documents:
        batch.append(document)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
