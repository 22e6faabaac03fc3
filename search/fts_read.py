"""Answering a search from the embedded engine, in one read transaction.

The numbers are found under a lock, because the columns belong to all threads; the texts of what is
shown are read after it, from the same snapshot.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from search import text as analysis
from search.columns import Columns, Key
from search.cursor import Cursor, StageKey, decode
from search.fts_find import Finder, SecondList, Snapshot
from search.fts_tables import on_side, transaction
from search.index import (
    FEW_HITS,
    MOST_HITS_PER_PAGE,
    Hit,
    Page,
    Relaxation,
    Relaxed,
    Sort,
)
from search.query import Query, Word
from search.ranking import Candidate, score
from search.snippet import mark, snippet

# The second list is a hint beside the first, not another library.
RELAXED_HITS = 10


@dataclass(frozen=True)
class Request:
    """One call of `SearchIndex.search`."""

    query: Query
    tokens: Collection[str]
    filters: Mapping[str, Collection[str]] = field(default_factory=dict)
    sort: Sort = Sort.RELEVANCE
    limit: int = 20
    cursor: str | None = None

    @property
    def order(self) -> Sort:
        """The sort that applies: what has no words is as relevant as it is new."""
        if self.sort is Sort.RELEVANCE and self.query.is_browsing:
            return Sort.NEWEST
        return self.sort

    @property
    def hits(self) -> int:
        return max(1, min(self.limit, MOST_HITS_PER_PAGE))


@dataclass
class _Numbers:
    """What is known of an answer before any text was read."""

    side: str
    total: int
    visible: int
    facets: dict[str, dict[str, int]]
    second: SecondList | None = None
    chips: dict[int, int] = field(default_factory=dict)
    keys: list[Key] = field(default_factory=list)
    ranked: list[StageKey] = field(default_factory=list)
    tail: list[StageKey] = field(default_factory=list)
    fence: StageKey | None = None


def search(
    connection: sqlite3.Connection, snapshot: Snapshot, lock: threading.Lock, request: Request
) -> Page:
    at = decode(request.cursor, request.order) if request.cursor else Cursor(request.order)
    with transaction(connection, "BEGIN"):
        with lock:
            snapshot.refresh(connection)
            numbers = _find(Finder(connection, snapshot, request.tokens), request, at)
        return _Writer(connection, request, numbers).page(at)


def _find(finder: Finder, request: Request, at: Cursor) -> _Numbers:
    query, columns = request.query, finder.columns
    base = finder.of_query(query)
    filters = finder.filters(query, request.filters)
    within = base
    for bits in filters.values():
        within &= bits
    numbers = _Numbers(
        side=finder.side,
        total=within.bit_count(),
        visible=finder.visible.bit_count(),
        facets=columns.counts(base, filters),
    )
    if request.order is Sort.RELEVANCE:
        _find_ranked(finder, request, at, within, numbers)
    else:
        numbers.keys = columns.first(
            columns.selection(within), request.order, at.after, request.hits + 1
        )
    if query.words and not request.cursor and numbers.total < FEW_HITS:
        numbers.second = finder.relax(query, filters.values(), leaving_out=within)
    _count_chips(columns, query, numbers)
    return numbers


def _find_ranked(
    finder: Finder, request: Request, at: Cursor, within: int, numbers: _Numbers
) -> None:
    order = finder.order(request.query, within)
    numbers.fence = at.fence
    if at.stage is None:
        numbers.ranked, numbers.fence = order.ranked(at.fence)
    if numbers.fence:
        numbers.tail = order.after(at.stage or numbers.fence, request.hits + 1)


def _count_chips(columns: Columns, query: Query, numbers: _Numbers) -> None:
    """How many chips each document that is to be ranked meets."""
    ids = [id for _, _, id in numbers.ranked]
    ids += numbers.second.ids if numbers.second else ()
    for id in ids:
        place = columns.places[id]
        numbers.chips[id] = sum(
            chip.value in columns.facets[chip.facet].values(place) for chip in query.chips
        )


_CANDIDATES = """
SELECT id, title, author || char(10) || school || char(10) || unit, opening, published
FROM documents_@ JOIN texts_@ USING (id)
WHERE id IN (SELECT value FROM json_each(?))
"""
_SHOWN = """
SELECT id, title, text FROM documents_@ JOIN texts_@ USING (id)
WHERE id IN (SELECT value FROM json_each(?))
"""


class _Writer:
    """Makes a page of numbers."""

    def __init__(self, connection: sqlite3.Connection, request: Request, numbers: _Numbers) -> None:
        self._connection = connection
        self._request = request
        self._query = request.query
        self._numbers = numbers
        spelled = tuple(Word(chip.spelling) for chip in self._query.chips)
        self._marked = self._query.words or spelled

    def page(self, at: Cursor) -> Page:
        if self._request.order is Sort.RELEVANCE:
            ends = self._ranked_ends(at)
        else:
            ends = [
                (id, 0.0, Cursor(self._request.order, (value, id)))
                for value, id in self._numbers.keys
            ]
        shown = ends[: self._request.hits]
        more = len(ends) > len(shown)
        return Page(
            hits=self._hits([(id, score) for id, score, _ in shown]),
            total=self._numbers.total,
            visible=self._numbers.visible,
            facets=self._numbers.facets,
            chips=self._query.chips,
            relaxed=self._relaxed(),
            cursor=shown[-1][2].encode() if more else None,
        )

    def _ranked_ends(self, at: Cursor) -> list[tuple[int, float, Cursor]]:
        """Ids and scores in order, each with the cursor that goes on behind it."""
        fence = self._numbers.fence
        scores = self._scores([id for _, _, id in self._numbers.ranked])
        ranked = sorted(((value, id) for id, value in scores.items()), reverse=True)
        ends = [
            (id, value, Cursor(Sort.RELEVANCE, (value, id), fence))
            for value, id in ranked
            if at.after is None or (value, id) < at.after
        ]
        ends += [
            (key[2], 0.0, Cursor(Sort.RELEVANCE, None, fence, key)) for key in self._numbers.tail
        ]
        return ends

    def _rows(self, statement: str, ids: Sequence[int]) -> sqlite3.Cursor:
        return self._connection.execute(
            on_side(self._numbers.side, statement), (json.dumps(list(ids)),)
        )

    def _scores(self, ids: Sequence[int]) -> dict[int, float]:
        scores: dict[int, float] = {}
        for id, title, names, opening, published in self._rows(_CANDIDATES, ids):
            candidate = Candidate(
                id=id,
                title=analysis.fold(title),
                names=analysis.fold(names),
                opening=opening,
                chips=self._numbers.chips[id],
                published=published,
            )
            scores[id] = score(self._query, candidate)
        return scores

    def _hits(self, scored: Sequence[tuple[int, float]]) -> tuple[Hit, ...]:
        rows = self._rows(_SHOWN, [id for id, _ in scored])
        texts = {id: (title, text) for id, title, text in rows}
        in_title = [word for word in self._marked if word.field in (None, "title")]
        in_text = [word for word in self._marked if word.field is None]
        return tuple(
            Hit(id, value, mark(texts[id][0], in_title), snippet(texts[id][1], in_text))
            for id, value in scored
        )

    def _relaxed(self) -> Relaxed | None:
        second = self._numbers.second
        if second is None:
            return None
        scores = self._scores(second.ids)
        if second.reason is not Relaxation.SOME_WORDS:
            scores = {id: round(second.closeness[id], 6) for id in scores}
        best = sorted(((value, id) for id, value in scores.items()), reverse=True)[:RELAXED_HITS]
        return Relaxed(second.reason, self._hits([(id, value) for value, id in best]))
