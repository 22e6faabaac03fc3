"""Answering a search from Elasticsearch.

Three requests at most when the first list is long enough: the set with its facets and the first 100
by stage; what follows behind them, on late pages; the texts of what is shown. Each has the audience
in its query, the last one too: what was taken from a viewer in between is not shown.

Ranking and marking are done between them, not on a thread: they take two milliseconds and hold
Python's lock, and to go to a thread and back cost as much again (bench.search).
"""

from __future__ import annotations

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
Answer = dict[str, Any]


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
            *answers, visible = await self._ask(*self._reading.first(at), self._visible())
        except BadRequestError as error:
            if request.cursor:
                raise BadCursor from error  # a key that is none, such as a number beyond all
            raise
        found, total = answers[0]["hits"]["hits"], answers[0]["hits"]["total"]["value"]
        self._texts.take(found)
        ends = await self._ends(at, found)
        shown = ends[: request.hits]
        second = await self._second(total)
        await self._read_texts([end.id for end in shown], second)
        hits, relaxed = self._marked(shown, second)
        return Page(
            hits=hits,
            total=total,
            visible=visible["hits"]["total"]["value"],
            facets=self._reading.facets_in(answers),
            chips=request.query.chips,
            relaxed=relaxed,
            cursor=shown[-1].cursor.encode() if len(ends) > len(shown) else None,
        )

    async def _ask(self, *bodies: Body) -> list[Answer]:
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
        scores = self._reading.scores(ranked)
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
        letters = relaxing.letters_of(query.words)
        if letters:
            by_sound = all_of(map(elastic_query.of_letters, letters))
            answers = await self._ask(*self._relaxed(Relaxation.PINYIN, [by_sound]), *self._fewer())
            return self._of_first(Relaxation.PINYIN, answers[:1], answers[1:])
        # How rare the words are is asked beside what may be wanted after it.
        answers = await self._ask(*map(self._rareness, query.words), *self._fewer())
        rare = [
            word
            for word, answer in zip(query.words, answers, strict=False)
            if answer["hits"]["total"]["value"] < FEW_HITS
        ]
        sounded: list[Answer] = []
        if rare:
            by_sound = elastic_query.sounding_like(query.words, rare)
            sounded = await self._ask(*self._relaxed(Relaxation.HOMOPHONES, [by_sound]))
        return self._of_first(Relaxation.HOMOPHONES, sounded, answers[len(query.words) :])

    def _fewer(self) -> list[Body]:
        """With some of the words, most of them first."""
        some = map(elastic_query.of_parts, relaxing.some_of(self._request.query.words))
        return self._relaxed(Relaxation.SOME_WORDS, some)

    def _relaxed(self, reason: Relaxation, clauses: Iterable[Clause]) -> list[Body]:
        return [self._reading.relaxed(reason, clause) for clause in clauses]

    def _rareness(self, word: Word) -> Body:
        """Whether few visible documents have a word."""
        return {
            "query": all_of([audience(self._request.tokens), *elastic_query.of_words([word])]),
            "size": 0,
            "track_total_hits": FEW_HITS,
        }

    def _of_first(
        self, by: Relaxation, sounded: Sequence[Answer], fewer: Sequence[Answer]
    ) -> _Second | None:
        """Of the first answer that has any hits: those that sound like the query, then the rest."""
        reasons = [by] * len(sounded) + [Relaxation.SOME_WORDS] * len(fewer)
        for reason, answer in zip(reasons, (*sounded, *fewer), strict=True):
            if hits := answer["hits"]["hits"]:
                of_words = reason is Relaxation.SOME_WORDS
                score = self._reading.scores if of_words else self._reading.closeness
                return _Second(reason, best(score(hits)))
        return None

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
