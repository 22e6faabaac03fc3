"""A world to search in, small enough that random queries find something and every rule is met by
chance; and what is found in it by brute force.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from search import text as analysis
from search.index import (
    FACETS,
    Document,
    Page,
    Run,
    SearchIndex,
    Sort,
)
from search.query import Query, Vocabulary, parse

EVERYONE = frozenset({"everyone"})
START = datetime(2025, 9, 1, 8, tzinfo=UTC)

VOCABULARY = Vocabulary(
    {"grade": {"七年级": "7", "初一": "7"}, "subject": {"数学": "math", "历史": "history"}}
)


def document(id: int, title: str, text: str = "", **changes: object) -> Document:
    """A document everyone sees, the newer the higher its id."""
    values: dict[str, object] = {
        "version": 1,
        "audience": EVERYONE,
        "author": "",
        "school": "",
        "created_at": START + timedelta(hours=id),
    }
    return Document(id=id, title=title, text=text, **{**values, **changes})  # type: ignore[arg-type]  # a test's shorthand


async def found(index: SearchIndex, text: str, tokens: Collection[str] = EVERYONE) -> list[int]:
    page = await index.search(parse(text, VOCABULARY), tokens)
    return [hit.id for hit in page.hits]


async def walked(
    index: SearchIndex,
    query: Query,
    tokens: Collection[str],
    *,
    limit: int = 3,
    sort: Sort = Sort.RELEVANCE,
    filters: Mapping[str, Collection[str]] | None = None,
) -> list[Page]:
    """All pages of a query."""
    pages = [await index.search(query, tokens, sort=sort, limit=limit, filters=filters)]
    while cursor := pages[-1].cursor:
        pages.append(
            await index.search(
                query, tokens, sort=sort, limit=limit, filters=filters, cursor=cursor
            )
        )
    return pages


def ids(pages: Iterable[Page]) -> list[int]:
    return [hit.id for page in pages for hit in page.hits]


def marked(runs: Iterable[Run]) -> list[str]:
    return [run.text for run in runs if run.marked]


def plain(runs: Iterable[Run]) -> str:
    return "".join(run.text for run in runs)


async def stream(documents: Iterable[Document]) -> AsyncIterator[Document]:
    for each in documents:
        yield each


# A world small enough that random queries find something, and every rule is met by chance.

TOKENS = ("user:7", "school:12", "agreement:3", "region:430100", "everyone")
_VALUES = {
    "kind": ("课件", "课堂实录"),
    "grade": ("7", "8"),
    "unit": ("第一章 有理数", "第二章 数学"),
    "school": ("理数中学",),
    "agreement": ("3", "4"),
}
_texts = st.text(alphabet="有理数学加法，的a5 ", max_size=12)
_facets = st.fixed_dictionaries(
    {},
    optional={
        name: st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)
        for name, values in _VALUES.items()
    },
)
some_drafts = st.lists(
    st.fixed_dictionaries(
        {
            "title": _texts,
            "text": _texts,
            "author": st.sampled_from(("", "法学理", "加数")),
            "school": st.sampled_from(("", "理数中学")),
            "audience": st.frozensets(st.sampled_from(TOKENS), max_size=3),
            "views": st.integers(0, 3),
            "created_at": st.integers(0, 3).map(lambda hours: START + timedelta(hours=hours)),
            "facets": _facets,
        }
    ),
    max_size=14,
)
some_viewers = st.frozensets(st.sampled_from(TOKENS), max_size=3)
some_words = st.text(alphabet="有理数学加法", min_size=1, max_size=3)
some_filters = st.fixed_dictionaries(
    {},
    optional={
        name: st.lists(st.sampled_from(values), min_size=1, max_size=2)
        for name, values in _VALUES.items()
    },
)
versions = itertools.count(1)

randomly = settings(
    max_examples=15,
    deadline=None,
    # The index is emptied at the start of each example.
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        # One suite, two adapters, each with its own fixtures.
        HealthCheck.differing_executors,
    ],
)


async def remake(index: SearchIndex, drafts: Iterable[dict[str, object]]) -> list[Document]:
    """Empty an index and fill it with these; versions go on from where they were."""
    version = next(versions)
    await index.delete({id: version async for id, _ in index.versions()})
    made = [
        document(id, **{**draft, "version": next(versions)})  # type: ignore[arg-type]  # as above
        for id, draft in enumerate(drafts, 1)
    ]
    await index.upsert(made)
    return made


class Oracle:
    """What a viewer must be answered, worked out the slow way."""

    def __init__(self, documents: Iterable[Document], tokens: Collection[str]) -> None:
        self.visible = [each for each in documents if not each.audience.isdisjoint(tokens)]

    @staticmethod
    def has(each: Document, word: str, quoted: bool) -> bool:
        fields = (each.title, each.text, each.author, each.school, *each.facets.get("unit", ()))
        folded = [analysis.fold(field) for field in fields]
        pieces = [word]
        if not quoted and len(word) > 2:
            pieces = ["".join(pair) for pair in itertools.pairwise(word)]
        return all(any(piece in field for field in folded) for piece in pieces)

    @staticmethod
    def passes(each: Document, filters: Mapping[str, Collection[str]]) -> bool:
        return all(set(each.facets.get(name, ())) & set(wanted) for name, wanted in filters.items())

    def found(self, word: str, quoted: bool, filters: Mapping[str, Collection[str]]) -> set[int]:
        return {
            each.id
            for each in self.visible
            if self.has(each, word, quoted) and self.passes(each, filters)
        }

    def counts(
        self, word: str, quoted: bool, filters: Mapping[str, Collection[str]]
    ) -> dict[str, dict[str, int]]:
        counted: dict[str, dict[str, int]] = {}
        for name in FACETS:
            others = {facet: values for facet, values in filters.items() if facet != name}
            of = self.found(word, quoted, others)
            held = (each.facets.get(name, ()) for each in self.visible if each.id in of)
            counted[name] = dict(Counter(itertools.chain.from_iterable(held)))
        return counted

    def suggestions(self, prefix: str) -> set[tuple[str, str | None]]:
        titles = {(each.title, None) for each in self.visible if prefix in each.title}
        suggested = ("kind", "subject", "grade", "edition", "unit", "school")
        values = {
            (value, name)
            for each in self.visible
            for name in suggested
            for value in each.facets.get(name, ())
            if prefix in value
        }
        return titles | values
