"""What a search asks of Elasticsearch, and what the answers mean. Pure: no call is made here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from search import elastic_query, relaxing
from search.answer import Request
from search.cursor import Cursor, StageKey
from search.elastic_mapping import read_card
from search.elastic_query import Clause, all_of, audience
from search.index import Relaxation, Sort
from search.query import Query
from search.ranking import RANKED, Candidate, Ranking

Body = dict[str, Any]
Found = list[dict[str, Any]]

TEXTS = {"_source": ["title", "text"]}
# Not even the stored id: reading it unpacks the texts beside it. Every order ends with the id.
DOC_VALUES_ONLY = {"stored_fields": "_none_"}


def id_of(hit: dict[str, Any]) -> int:
    return int(hit["sort"][-1])


def stage_key(hit: dict[str, Any]) -> StageKey:
    stage, published, id = hit["sort"]
    return int(stage), published, id


@dataclass(frozen=True)
class Reading:
    """The pure side of one search: bodies to ask, and what the answers mean."""

    request: Request

    @property
    def query(self) -> Query:
        return self.request.query

    def of_set(self) -> Clause:
        """The set before its filters."""
        matched = [audience(self.request.tokens), *elastic_query.of_query(self.query)]
        return {"bool": {"filter": matched, "must_not": elastic_query.excluded(self.query)}}

    def in_order(self) -> Clause:
        """The set within its filters, scored by stage when that is its order."""
        clause = self.of_set()
        clause["bool"]["filter"] += elastic_query.joined(self.filters())
        return self._scored(clause)

    def _scored(self, clause: Clause) -> Clause:
        if self.request.order is Sort.RELEVANCE:
            clause["bool"]["should"] = elastic_query.stages(self.query)
        return clause

    def filters(self) -> dict[str, list[Clause]]:
        return elastic_query.filter_clauses(self.query, self.request.filters)

    def first(self, at: Cursor) -> list[Body]:
        """How many there are, the hits that come first, and the facets; `facets_in` has these.

        Facets are asked apart from the hits where nobody typed anything: Elasticsearch remembers
        what has no hits until something comes in, and a whole school opens the library with the
        same question. What somebody typed is seldom asked again, and is better matched once.
        """
        order: Body = {"track_total_hits": True, **self._first_hits(at)}
        if not self._is_typed:
            return [{"query": self.in_order(), **order}, self._counts()]
        within = elastic_query.joined(self.filters())
        # Facets are counted before this filter.
        kept = {"post_filter": all_of(within)} if within else {}
        return [{"query": self._scored(self.of_set()), **kept, **self._facets(), **order}]

    def facets_in(self, answers: Sequence[dict[str, Any]]) -> dict[str, dict[str, int]]:
        """The counts, from what `first` was answered."""
        found = answers[0 if self._is_typed else 1]["aggregations"]
        return elastic_query.read_counts(found, self.request)

    @property
    def _is_typed(self) -> bool:
        return bool(self.query.words or self.query.chips)

    def _first_hits(self, at: Cursor) -> Body:
        if self.request.order is not Sort.RELEVANCE:
            return self._shown(at.after)
        return self._shown(at.stage) if at.stage else self.to_rank()

    def _counts(self) -> Body:
        return {
            "query": self.of_set(),
            **self._facets(),
            "size": 0,
            "track_total_hits": False,
        }

    def _facets(self) -> Body:
        return {"aggs": elastic_query.facet_counts(self.request)}

    def _shown(self, after: Sequence[object] | None) -> Body:
        body: Body = {
            "sort": elastic_query.SORTS[self.request.order],
            "size": self.request.hits + 1,
            **TEXTS,
        }
        return body | ({"search_after": list(after)} if after else {})

    def behind(self, key: StageKey) -> Body:
        """What follows a key in stage order, to be shown."""
        return self._untold() | self._shown(key)

    def more_to_rank(self, key: StageKey) -> Body:
        return self._untold() | self.to_rank() | {"search_after": list(key)}

    def _untold(self) -> Body:
        return {"query": self.in_order(), "track_total_hits": False}

    def to_rank(self) -> Body:
        """One more than are ranked, to know whether anything follows."""
        return {
            "sort": elastic_query.SORTS[Sort.RELEVANCE],
            "size": RANKED + 1,
            **DOC_VALUES_ONLY,
            "docvalue_fields": ["card", *self._chip_fields()],
        }

    def _chip_fields(self) -> list[str]:
        return sorted({f"facets.{chip.facet}" for chip in self.query.chips})

    def relaxed(self, reason: Relaxation, clause: Clause) -> Body:
        """Hits of a relaxed query, newest first: none of the first list, under the same filters."""
        read = ("card", *self._chip_fields()) if reason is Relaxation.SOME_WORDS else ("collation",)
        filters = elastic_query.joined(self.filters())
        kept = [audience(self.request.tokens), *filters, clause]
        left_out = [*elastic_query.excluded(self.query), all_of(elastic_query.of_query(self.query))]
        return {
            "query": {"bool": {"filter": kept, "must_not": left_out}},
            "sort": elastic_query.SORTS[Sort.NEWEST],
            "size": RANKED,
            "track_total_hits": False,
            **DOC_VALUES_ONLY,
            "docvalue_fields": list(read),
        }

    def scores(self, hits: Found) -> dict[int, float]:
        ranking = Ranking(self.query)
        return {id_of(hit): ranking.score(self._candidate(hit)) for hit in hits}

    def _candidate(self, hit: dict[str, Any]) -> Candidate:
        fields = hit["fields"]
        card = read_card(fields["card"][0])
        return Candidate(
            id=id_of(hit),
            title=card.folded,
            names=card.names,
            opening=card.opening,
            chips=sum(
                chip.value in fields.get(f"facets.{chip.facet}", ()) for chip in self.query.chips
            ),
            published=int(hit["sort"][-2]),
        )

    def closeness(self, hits: Found) -> dict[int, float]:
        return {
            id_of(hit): relaxing.closeness(self.query.words, hit["fields"]["collation"][0])
            for hit in hits
        }
