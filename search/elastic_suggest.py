"""Suggestions from Elasticsearch, in one request."""

from __future__ import annotations

from search import elastic_query, sounds, suggest
from search import text as analysis
from search.elastic_bodies import DOC_VALUES_ONLY, Body
from search.elastic_client import Client
from search.elastic_mapping import read_card
from search.elastic_query import Clause, audience
from search.index import Sort, Suggestion
from search.suggest import Prefix


async def complete(client: Client, index: str, prefix: Prefix) -> tuple[Suggestion, ...]:
    """Raises `NotFoundError` when the index is not there, `IndexUnavailable`."""
    if not prefix.typed.strip():
        return ()
    term, letters = analysis.phrase(prefix.typed), sounds.typed_letters(prefix.typed)
    sets = elastic_query.title_sets(term, letters)
    bodies = [_titles(prefix, clause, sets[:at]) for at, clause in enumerate(sets)]
    held, *found = await client.search(index, [_held_values(prefix), *bodies])
    values = {
        facet: [bucket["key"] for bucket in counted["buckets"]]
        for facet, counted in held["aggregations"].items()
    }
    titles = [
        read_card(hit["fields"]["card"][0]).title
        for answer in found
        for hit in answer["hits"]["hits"]
    ]
    return suggest.shared_out(
        suggest.fitting_values(prefix.typed, values, prefix.vocabulary),
        suggest.titles(titles, prefix.typed),
        prefix.limit,
    )


def _held_values(prefix: Prefix) -> Body:
    """The values of facets that some visible document has. Remembered until something comes in."""
    return {
        "query": audience(prefix.tokens),
        "size": 0,
        "track_total_hits": False,
        "aggs": {name: elastic_query.values_of(name) for name in suggest.SUGGESTED_FACETS},
    }


def _titles(prefix: Prefix, clause: Clause, before: list[Clause]) -> Body:
    """Visible titles of a set that are in none of those before it; most viewed first."""
    return {
        "query": {"bool": {"filter": [audience(prefix.tokens), clause], "must_not": before}},
        "sort": elastic_query.SORTS[Sort.VIEWS],
        "size": prefix.limit * suggest.TITLES_LOOKED_AT,
        "track_total_hits": False,
        **DOC_VALUES_ONLY,
        "docvalue_fields": ["card"],
    }
