"""Answering a search from Elasticsearch.

Three requests at most when the first list is long enough: the set with its facets and the first 100
by stage; what follows behind them, on late pages; the texts of what is shown. Each has the audience
in its query, the last one too: what was taken from a viewer in between is not shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from elasticsearch import BadRequestError

from search import elastic_query, relaxing
from search.answer import End, Request, Showing, best, ranked_ends, sorted_ends
from search.cursor import Cursor, StageKey, decode
from search.elastic_bodies import TEXTS, Body, Found, Reading, id_of, stage_key
from search.elastic_client import Client
from search.elastic_query import Clause, all_of, audience
from search.index import FEW_HITS, BadCursor, Hit, Page, Relaxation, Relaxed, Sort
from search.query import Word
from search.ranking import RANKED

Scored = list[tuple[int, float]]


@dataclass
class _Second:
    """The second list before its texts are read."""

    reason: Relaxation
    scored: Scored


@dataclass
class _Texts:
    """The texts of hits: those that came with them, and those still to be read."""

    known: dict[int, tuple[str, str]] = field(default_factory=dict)

    def take(self, hits: Iterable[dict[str, Any]]) -> None:
        for hit in hits:
            if "_source" in hit:
                self.known[id_of(hit)] = hit["_source"]["title"], hit["_source"]["text"]


class Search:
    """One search under way."""

    def __init__(self, client: Client, index: str, request: Request) -> None:
        self._client = client
        self._index = index
        self._request = request
        self._reading = Reading(request)
        self._texts = _Texts()

    async def page(self) -> Page:
        """Raises `BadCursor`, `NotFoundError` when the index is not there, `IndexUnavailable`."""
        request = self._request
        at = decode(request.cursor, request.order) if request.cursor else Cursor(request.order)
        try:
            first, counts, visible = await self._ask(
                self._reading.first(at), self._reading.counts(), self._visible()
            )
        except BadRequestError as error:
            if request.cursor:
                raise BadCursor from error  # a key that is none, such as a number beyond all
            raise
        found, total = first["hits"]["hits"], first["hits"]["total"]["value"]
        self._texts.take(found)
        ends = await self._ends(at, found)
        shown = ends[: request.hits]
        second = await self._second(total)
        await self._read_texts([end.id for end in shown], second)
        hits, relaxed = await asyncio.to_thread(self._marked, shown, second)
        return Page(
            hits=hits,
            total=total,
            visible=visible["hits"]["total"]["value"],
            facets=elastic_query.read_counts(counts["aggregations"]),
            chips=request.query.chips,
            relaxed=relaxed,
            cursor=shown[-1].cursor.encode() if len(ends) > len(shown) else None,
        )

    async def _ask(self, *bodies: Body) -> list[dict[str, Any]]:
        return await self._client.search(self._index, bodies)

    def _visible(self) -> Body:
        """Elasticsearch remembers what has no hits, until something comes in."""
        return {"query": audience(self._request.tokens), "size": 0, "track_total_hits": True}

    async def _ends(self, at: Cursor, found: Found) -> list[End]:
        order, most = self._request.order, self._request.hits + 1
        if order is not Sort.RELEVANCE:
            return sorted_ends(order, [(hit["sort"][0], id_of(hit)) for hit in found])
        if at.stage:
            return ranked_ends({}, [stage_key(hit) for hit in found], at, at.fence, most)
        ranked, fence = await self._ranked(at.fence, found)
        scores = await asyncio.to_thread(self._reading.scores, ranked)
        ends = ranked_ends(scores, (), at, fence, most)
        if fence and len(ends) < most:
            tail = await self._behind(fence)
            ends = ranked_ends(scores, tail, at, fence, most)
        return ends

    async def _ranked(self, fence: StageKey | None, found: Found) -> tuple[Found, StageKey | None]:
        """What is to be ranked, and the fence behind it if anything is."""
        if fence is None:
            if len(found) <= RANKED:
                return found, None
            return found[:RANKED], stage_key(found[RANKED - 1])
        batch = found
        while len(batch) == RANKED + 1 and stage_key(batch[-1]) > fence:
            (answer,) = await self._ask(self._reading.more_to_rank(stage_key(batch[-1])))
            batch = answer["hits"]["hits"]
            found = found + batch
        return [hit for hit in found if stage_key(hit) >= fence], fence

    async def _behind(self, fence: StageKey) -> list[StageKey]:
        (answer,) = await self._ask(self._reading.behind(fence))
        hits = answer["hits"]["hits"]
        self._texts.take(hits)
        return [stage_key(hit) for hit in hits]

    async def _second(self, total: int) -> _Second | None:
        """A second list for a query that found few, on its first page."""
        query = self._request.query
        if not query.words or self._request.cursor or total >= FEW_HITS:
            return None
        clauses = await self._relaxations()
        answers = await self._ask(*(self._reading.relaxed(clause) for _, clause in clauses))
        for (reason, _), answer in zip(clauses, answers, strict=True):
            if hits := answer["hits"]["hits"]:
                score = (
                    self._reading.scores
                    if reason is Relaxation.SOME_WORDS
                    else self._reading.closeness
                )
                return _Second(reason, best(await asyncio.to_thread(score, hits)))
        return None

    async def _relaxations(self) -> list[tuple[Relaxation, Clause]]:
        words = self._request.query.words
        clauses: list[tuple[Relaxation, Clause]] = []
        if letters := relaxing.letters_of(words):
            sounded = all_of(map(elastic_query.of_letters, letters))
            clauses.append((Relaxation.PINYIN, sounded))
        elif rare := await self._rare():
            clauses.append((Relaxation.HOMOPHONES, elastic_query.sounding_like(words, rare)))
        clauses += [
            (Relaxation.SOME_WORDS, elastic_query.of_parts(some))
            for some in relaxing.some_of(words)
        ]
        return clauses or [(Relaxation.SOME_WORDS, elastic_query.NOTHING)]

    async def _rare(self) -> list[Word]:
        """The words that few visible documents have."""
        words = self._request.query.words
        seen = audience(self._request.tokens)
        answers = await self._ask(
            *(
                {
                    "query": all_of([seen, *elastic_query.of_words([word])]),
                    "size": 0,
                    "track_total_hits": FEW_HITS,
                }
                for word in words
            )
        )
        return [
            word
            for word, answer in zip(words, answers, strict=True)
            if answer["hits"]["total"]["value"] < FEW_HITS
        ]

    async def _read_texts(self, ids: list[int], second: _Second | None) -> None:
        if second:
            ids = ids + [id for id, _ in second.scored]
        missing = [id for id in ids if id not in self._texts.known]
        if not missing:
            return
        body: Body = {
            "query": all_of([audience(self._request.tokens), {"terms": {"id": missing}}]),
            "sort": [{"id": "asc"}],
            "size": len(missing),
            "track_total_hits": False,
            **TEXTS,
        }
        (answer,) = await self._ask(body)
        self._texts.take(answer["hits"]["hits"])

    def _marked(
        self, shown: Sequence[End], second: _Second | None
    ) -> tuple[tuple[Hit, ...], Relaxed | None]:
        showing = Showing(self._request.query)
        texts = self._texts.known
        hits = showing.hits([(end.id, end.score) for end in shown], texts)
        relaxed = showing.relaxed(second.reason, second.scored, texts) if second else None
        return hits, relaxed
