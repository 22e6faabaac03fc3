"""Answering a search from the embedded engine, in one read transaction.

The numbers are found under a lock, because the columns belong to all threads; the texts of what is
shown are read after it, from the same snapshot.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from search import text as analysis
from search.answer import End, Request, Showing, best, ranked_ends, sorted_ends
from search.columns import Columns, Key
from search.cursor import Cursor, StageKey, decode
from search.fts_find import Finder, SecondList, Snapshot
from search.fts_tables import on_side, transaction
from search.index import FEW_HITS, Page, Relaxation, Relaxed, Sort
from search.query import Query
from search.ranking import Candidate, Ranking


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
        facets={
            facet: request.shown_counts(facet, counts.items())
            for facet, counts in columns.counts(base, filters).items()
        },
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
        self._showing = Showing(request.query)

    def page(self, at: Cursor) -> Page:
        ends = self._ends(at)
        shown = ends[: self._request.hits]
        scored = [(end.id, end.score) for end in shown]
        return Page(
            hits=self._showing.hits(scored, self._texts(scored)),
            total=self._numbers.total,
            visible=self._numbers.visible,
            facets=self._numbers.facets,
            chips=self._query.chips,
            relaxed=self._relaxed(),
            cursor=shown[-1].cursor.encode() if len(ends) > len(shown) else None,
        )

    def _ends(self, at: Cursor) -> list[End]:
        numbers = self._numbers
        if self._request.order is not Sort.RELEVANCE:
            return sorted_ends(self._request.order, numbers.keys)
        scores = self._scores([id for _, _, id in numbers.ranked])
        return ranked_ends(scores, numbers.tail, at, numbers.fence, self._request.hits + 1)

    def _rows(self, statement: str, ids: Sequence[int]) -> sqlite3.Cursor:
        return self._connection.execute(
            on_side(self._numbers.side, statement), (json.dumps(list(ids)),)
        )

    def _scores(self, ids: Sequence[int]) -> dict[int, float]:
        ranking, scores = Ranking(self._query), dict[int, float]()
        for id, title, names, opening, published in self._rows(_CANDIDATES, ids):
            candidate = Candidate(
                id=id,
                title=analysis.fold(title),
                names=analysis.fold(names),
                opening=opening,
                chips=self._numbers.chips[id],
                published=published,
            )
            scores[id] = ranking.score(candidate)
        return scores

    def _texts(self, scored: Sequence[tuple[int, float]]) -> dict[int, tuple[str, str]]:
        rows = self._rows(_SHOWN, [id for id, _ in scored])
        return {id: (title, text) for id, title, text in rows}

    def _relaxed(self) -> Relaxed | None:
        second = self._numbers.second
        if second is None:
            return None
        some_words = second.reason is Relaxation.SOME_WORDS
        scored = best(self._scores(second.ids) if some_words else second.closeness)
        return self._showing.relaxed(second.reason, scored, self._texts(scored))
