"""From what an engine found to the page that a person is answered: the same for every engine.

An engine finds ids, scores them with `search.ranking` and reads the texts of what is shown; the
order, the cursors behind each hit, the marks and the second list are made here, so that two engines
that find the same answer the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

from search.cursor import Cursor, StageKey
from search.index import MOST_FACET_VALUES, MOST_HITS_PER_PAGE, Hit, Relaxation, Relaxed, Sort
from search.query import Query, Word
from search.snippet import mark, snippet

# The second list is a hint beside the first, not another library.
RELAXED_HITS = 10

# id -> (title, text), as they were written.
Texts = Mapping[int, tuple[str, str]]


@dataclass(frozen=True)
class Request:
    """One call of `SearchIndex.search`."""

    query: Query
    tokens: Collection[str]
    filters: Mapping[str, Collection[str]] = field(default_factory=dict)
    counted: Mapping[str, Collection[str]] = field(default_factory=dict)
    sort: Sort = Sort.RELEVANCE
    limit: int = 20
    cursor: str | None = None

    @property
    def order(self) -> Sort:
        """The sort that applies: what has no words is as relevant as it is new."""
        if self.sort is Sort.RELEVANCE and self.query.is_browsing:
            return Sort.NEWEST
        return self.sort

    def filtered_by(self, facet: str) -> set[str]:
        """The values of a facet that either filter names."""
        return {*self.query.filters.get(facet, ()), *self.filters.get(facet, ())}

    def shown_counts(self, facet: str, counts: Iterable[tuple[str, int]]) -> dict[str, int]:
        """Of the counts of a facet those that `Page.facets` has."""
        only = self.counted.get(facet)
        ordered = by_count(counts if only is None else (pair for pair in counts if pair[0] in only))
        shown, rest = ordered[:MOST_FACET_VALUES], ordered[MOST_FACET_VALUES:]
        chosen = self.filtered_by(facet) if rest else ()
        return dict(shown + [pair for pair in rest if pair[0] in chosen])

    @property
    def hits(self) -> int:
        return max(1, min(self.limit, MOST_HITS_PER_PAGE))


def by_count(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """The values of a facet that have any, largest first, by name where they are equal."""
    # Two sorts in C take half as long as one by a function, and a facet may have thousands.
    return sorted(sorted(pair for pair in counts if pair[1]), key=itemgetter(1), reverse=True)


class End(NamedTuple):
    """A hit by its id and score, with the cursor that goes on behind it."""

    id: int
    score: float
    cursor: Cursor


def sorted_ends(sort: Sort, keys: Sequence[tuple[int | float | str, int]]) -> list[End]:
    """The ends of hits in the order of a sort, from their keys."""
    return [End(id, 0.0, Cursor(sort, (value, id))) for value, id in keys]


def ranked_ends(
    scores: Mapping[int, float],
    tail: Sequence[StageKey],
    at: Cursor,
    fence: StageKey | None,
    most: int,
) -> list[End]:
    """The ranked part by score past the cursor, and what follows behind the fence; the first of
    them."""
    ranked = sorted(((value, id) for id, value in scores.items()), reverse=True)
    ahead = [pair for pair in ranked if at.after is None or pair < at.after]
    ends = [
        End(id, value, Cursor(Sort.RELEVANCE, (value, id), fence)) for value, id in ahead[:most]
    ]
    behind = tail[: most - len(ends)]
    return ends + [End(key[2], 0.0, Cursor(Sort.RELEVANCE, None, fence, key)) for key in behind]


def best(scores: Mapping[int, float]) -> list[tuple[int, float]]:
    """What of a second list is shown."""
    ordered = sorted(((value, id) for id, value in scores.items()), reverse=True)
    return [(id, value) for value, id in ordered[:RELAXED_HITS]]


class Showing:
    """Marks what a query found in the texts of hits."""

    def __init__(self, query: Query) -> None:
        spelled = tuple(Word(chip.spelling) for chip in query.chips)
        marked = query.words or spelled
        self._in_title = [word for word in marked if word.field in (None, "title")]
        self._in_text = [word for word in marked if word.field is None]

    def hits(self, scored: Sequence[tuple[int, float]], texts: Texts) -> tuple[Hit, ...]:
        """Hits in order; what has no texts any more is left out."""
        return tuple(self._hit(id, score, *texts[id]) for id, score in scored if id in texts)

    def _hit(self, id: int, score: float, title: str, text: str) -> Hit:
        return Hit(id, score, mark(title, self._in_title), snippet(text, self._in_text))

    def relaxed(
        self, reason: Relaxation, scored: Sequence[tuple[int, float]], texts: Texts
    ) -> Relaxed:
        return Relaxed(reason, self.hits(scored, texts))
