"""Queries as Elasticsearch writes them. Pure: words in, JSON out.

Everything is a filter: the set is what `search.text` says it is, and nothing that Elasticsearch
counts about a corpus (which holds what a viewer may not see) takes part in an order. The only score
is the stage, a sum of whole numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from search import ranking, relaxing, sounds
from search.answer import Request
from search.elastic_mapping import START
from search.index import FACETS, MOST_FACET_VALUES, Sort
from search.query import Query, Word
from search.relaxing import Part
from search.text import Term

Clause = dict[str, Any]

NOTHING: Clause = {"match_none": {}}

# More than there are two-character tokens that start with one character.
_MOST_COMPLETIONS = 100_000
# Buckets that an answer may have are 65,536; a province has some thousand schools and units.
_MOST_VALUES = 10_000

# What has the facets that nothing is filtered by, and the values that were filtered by.
_FREE, _CHOSEN = "free", " chosen"

_TITLE, _AUTHOR = "title_tokens", "author"
_FIELDS = {None: "anywhere", "title": _TITLE, "author": _AUTHOR}
_CHARACTERS = {None: "characters", "title": "title_characters"}

SORTS: Mapping[Sort, list[dict[str, str]]] = {
    Sort.RELEVANCE: [{"_score": "desc"}, {"published": "desc"}, {"id": "desc"}],
    Sort.NEWEST: [{"published": "desc"}, {"id": "desc"}],
    Sort.VIEWS: [{"views": "desc"}, {"id": "desc"}],
    Sort.TITLE: [{"collation": "asc"}, {"id": "asc"}],
}


def all_of(clauses: Iterable[Clause]) -> Clause:
    return {"bool": {"filter": list(clauses)}}


def any_of(clauses: Iterable[Clause]) -> Clause:
    return {"bool": {"should": list(clauses), "minimum_should_match": 1}}


def audience(tokens: Collection[str]) -> Clause:
    """What a viewer with these tokens may see. No tokens, nothing."""
    return {"terms": {"audience": sorted(tokens)}}


def of_term(term: Term, field: str | None) -> Clause:
    """One term in a field, or anywhere."""
    if term.character and field in _CHARACTERS:
        return {"term": {_CHARACTERS[field]: term.character}}
    return in_order(_FIELDS[field], term.tokens, open_end=term.open_end)


def in_order(field: str, tokens: Sequence[str], *, open_end: bool) -> Clause:
    """Tokens side by side; with an open end, the last may go on."""
    if len(tokens) == 1:
        return {"prefix" if open_end else "term": {field: tokens[0]}}
    phrase = " ".join(tokens)
    if open_end:
        completed = {"query": phrase, "max_expansions": _MOST_COMPLETIONS}
        return {"match_phrase_prefix": {field: completed}}
    return {"match_phrase": {field: phrase}}


def of_words(words: Iterable[Word]) -> list[Clause]:
    """Clauses that must all be met: every term of every word, in its own field or anywhere."""
    parts = [(term, word.field) for word in words for term in word.terms]
    return [of_term(term, field) for term, field in dict.fromkeys(parts)]


def of_parts(alternatives: Iterable[Sequence[Part]]) -> Clause:
    """All the parts of any of the alternatives."""
    return any_of(all_of(of_term(term, field) for term, field in parts) for parts in alternatives)


def of_query(query: Query) -> list[Clause]:
    """Clauses that must all be met, before any filter; without words, the chips."""
    if query.words:
        return of_words(query.words)
    return [
        any_of((all_of(of_words([Word(chip.spelling)])), having(chip.facet, [chip.value])))
        for chip in query.chips
    ]


def excluded(query: Query) -> list[Clause]:
    """Clauses of which none may be met."""
    words = [all_of(of_words([word])) for word in query.excluded]
    return words + [having(facet, values) for facet, values in query.excluded_filters.items()]


def having(facet: str, values: Collection[str]) -> Clause:
    """Any of the values of a facet. An unknown facet lets nothing through."""
    if facet not in FACETS:
        return NOTHING
    return {"terms": {f"facets.{facet}": sorted(values)}}


def filter_clauses(query: Query, chosen: Mapping[str, Collection[str]]) -> dict[str, list[Clause]]:
    """For each filtered facet, what must be met."""
    clauses: dict[str, list[Clause]] = {}
    for given in (query.filters, chosen):
        for facet, values in given.items():
            clauses.setdefault(facet, []).append(having(facet, values))
    return clauses


def joined(filters: Mapping[str, Sequence[Clause]], *, but: str | None = None) -> list[Clause]:
    """The clauses of all filters, but for those of one facet."""
    return [clause for facet, clauses in filters.items() if facet != but for clause in clauses]


def stages(query: Query) -> list[Clause]:
    """Clauses whose scores add up to the stage (`search.ranking.stage`) of a document."""
    in_any_text = [word for word in query.words if word.field != "author"]
    scored = [
        _worth(having(chip.facet, [chip.value]), ranking.stage(False, 1)) for chip in query.chips
    ]
    if in_any_text:
        in_title = [Word(word.typed, word.quoted, "title") for word in in_any_text]
        scored.append(_worth(all_of(of_words(in_title)), ranking.stage(True, 0)))
    return scored


def _worth(clause: Clause, score: int) -> Clause:
    return {"constant_score": {"filter": clause, "boost": score}}


def facet_counts(request: Request) -> dict[str, Any]:
    """Aggregations that count every facet under the filters of the others; see `read_counts`."""
    filters = filter_clauses(request.query, request.filters)
    free: dict[str, Any] = {}
    counted: dict[str, Any] = {}
    for name in FACETS:
        values = _counted_values(request, name)
        if name not in filters:
            free |= values
        elif values:
            counted[name] = {"filter": all_of(joined(filters, but=name)), "aggs": values}
    if not filters:
        return free
    return {**counted, _FREE: {"filter": all_of(joined(filters)), "aggs": free}}


def _counted_values(request: Request, facet: str) -> dict[str, Any]:
    """The most frequent values of a facet, and those that were filtered by."""
    only, chosen = request.counted.get(facet), request.filtered_by(facet)
    if only is not None and not only:
        return {}
    within = {} if only is None else {"include": sorted(only)}
    values = {facet: _terms(facet, size=MOST_FACET_VALUES, **within)}
    if chosen:
        values[facet + _CHOSEN] = _terms(facet, size=len(chosen), include=sorted(chosen))
    return values


def values_of(facet: str) -> dict[str, Any]:
    """An aggregation of all values of a facet."""
    return _terms(facet, size=_MOST_VALUES)


def _terms(facet: str, **more: object) -> dict[str, Any]:
    return {"terms": {"field": f"facets.{facet}", **more}}


def read_counts(aggregations: Mapping[str, Any], request: Request) -> dict[str, dict[str, int]]:
    """The counts of facets from what `facet_counts` asked for."""
    free = aggregations.get(_FREE, aggregations)
    counted: dict[str, dict[str, int]] = {}
    for name in FACETS:
        found = free if name in free else aggregations.get(name, {})
        buckets = [
            (bucket["key"], bucket["doc_count"])
            for asked in (name, name + _CHOSEN)
            if asked in found
            for bucket in found[asked]["buckets"]
        ]
        counted[name] = request.shown_counts(name, dict(buckets).items())
    return counted


def of_letters(letters: str) -> Clause:
    """A title whose reading, or its initials, has these letters from a syllable on."""
    initials = {"prefix": {"title_initials": sounds.initials_query(letters)}}
    return any_of((of_reading(letters), initials))


def of_reading(letters: str) -> Clause:
    """A title that sounds like this from a syllable on."""
    return {"prefix": {"title_full": sounds.full_query(letters)}}


def sounding_like(words: Sequence[Word], rare: Collection[Word]) -> Clause:
    """All words, where each of the rare ones may be one that sounds so."""
    clauses = of_words(word for word in words if word not in rare)
    for word in rare:
        spelled = all_of(of_words([word]))
        reading = relaxing.reading_of(word)
        clauses.append(any_of((spelled, of_reading(reading))) if reading else spelled)
    return all_of(clauses)


def title_sets(term: Term | None, letters: str | None) -> list[Clause]:
    """Titles that start with what is being typed, contain it, sound like it: best first."""
    sets: list[Clause] = []
    if term:
        # The last word is still being typed, whatever its script.
        sets.append(in_order(_TITLE, (START, *term.tokens), open_end=True))
        sets.append(in_order(_TITLE, term.tokens, open_end=True))
    if letters:
        sets.append(of_letters(letters))
    return sets
