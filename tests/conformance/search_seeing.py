"""Who may see what of it; browsing, pages and suggestions."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import sounds
from search.index import (
    BadCursor,
    Page,
    SearchIndex,
    Sort,
    Suggestion,
)
from search.query import Query, parse
from tests.conformance.search_world import (
    EVERYONE,
    START,
    VOCABULARY,
    Oracle,
    document,
    found,
    ids,
    marked,
    randomly,
    remake,
    some_drafts,
    some_filters,
    some_viewers,
    some_words,
    versions,
    walked,
)


class SeeingSuite:
    # Who may see it

    @randomly
    @given(
        drafts=some_drafts,
        tokens=some_viewers,
        word=some_words,
        quoted=st.booleans(),
        filters=some_filters,
    )
    async def test_hits_counts_and_facets_are_those_of_brute_force(
        self,
        index: SearchIndex,
        drafts: list[dict[str, object]],
        tokens: frozenset[str],
        word: str,
        quoted: bool,
        filters: dict[str, list[str]],
    ) -> None:
        oracle = Oracle(await remake(index, drafts), tokens)
        query = parse(f'"{word}"' if quoted else word, literal=True)
        pages = await walked(index, query, tokens, filters=filters)
        wanted = oracle.found(word, quoted, filters)
        assert sorted(ids(pages)) == sorted(wanted)
        for page in pages:
            assert page.total == len(wanted)
            assert page.visible == len(oracle.visible)
            assert page.facets == oracle.counts(word, quoted, filters)

    @randomly
    @given(drafts=some_drafts, tokens=some_viewers, prefix=some_words)
    async def test_suggestions_are_those_of_brute_force(
        self,
        index: SearchIndex,
        drafts: list[dict[str, object]],
        tokens: frozenset[str],
        prefix: str,
    ) -> None:
        oracle = Oracle(await remake(index, drafts), tokens)
        suggested = await index.suggest(prefix, tokens, limit=60)
        assert {(each.text, each.facet) for each in suggested} == oracle.suggestions(prefix)
        assert len(suggested) == len(set(suggested))

    @randomly
    @given(
        drafts=some_drafts,
        tokens=some_viewers,
        typed=st.one_of(
            some_words, st.sampled_from(("youli", "yl", "sx", "由里", "有理 -数", "理数学法"))
        ),
        sort=st.sampled_from(Sort),
    )
    async def test_what_may_not_be_seen_moves_nothing(
        self,
        index: SearchIndex,
        drafts: list[dict[str, object]],
        tokens: frozenset[str],
        typed: str,
        sort: Sort,
    ) -> None:
        """Scores, order, snippets, second list, cursors: all as if the others did not exist."""

        async def answers() -> tuple[list[Page], tuple[Suggestion, ...]]:
            pages = await walked(index, parse(typed, VOCABULARY), tokens, sort=sort)
            return pages, await index.suggest(typed, tokens)

        made = await remake(index, drafts)
        before = await answers()
        hidden = [each.id for each in made if each.audience.isdisjoint(tokens)]
        await index.delete({id: next(versions) for id in hidden})
        assert await answers() == before

    async def test_a_viewer_without_tokens_sees_nothing(self, index: SearchIndex) -> None:
        await index.upsert([document(1, "有理数", audience=frozenset()), document(2, "有理数")])
        page = await index.search(parse(""), frozenset())
        assert (page.total, page.hits) == (0, ())
        assert not any(page.facets.values())

    async def test_a_changed_audience_holds_at_once(self, index: SearchIndex) -> None:
        await index.upsert([document(1, "有理数")])
        await index.upsert([document(1, "有理数", version=2, audience=frozenset({"user:7"}))])
        assert await found(index, "有理数") == []
        assert await found(index, "有理数", {"user:7"}) == [1]

    # Browsing and pages

    @randomly
    @given(drafts=some_drafts, tokens=some_viewers, limit=st.integers(1, 5))
    async def test_browsing_is_sorted_and_paged(
        self,
        index: SearchIndex,
        drafts: list[dict[str, object]],
        tokens: frozenset[str],
        limit: int,
    ) -> None:
        seen = Oracle(await remake(index, drafts), tokens).visible
        wanted = {
            Sort.NEWEST: sorted(seen, key=lambda each: (each.created_at, each.id), reverse=True),
            Sort.VIEWS: sorted(seen, key=lambda each: (each.views, each.id), reverse=True),
            Sort.TITLE: sorted(seen, key=lambda each: (sounds.collation(each.title), each.id)),
        }
        wanted[Sort.RELEVANCE] = wanted[Sort.NEWEST]
        for sort, documents in wanted.items():
            pages = await walked(index, Query(), tokens, sort=sort, limit=limit)
            assert ids(pages) == [each.id for each in documents], sort

    @pytest.mark.parametrize("sort", Sort)
    async def test_what_comes_in_between_neither_repeats_nor_loses_a_hit(
        self, index: SearchIndex, sort: Sort
    ) -> None:
        """More than are ranked, so that the boundary of the ranked part is crossed as well."""
        await index.upsert(
            [document(id, f"方程{id % 7}", "方程" * (id % 5)) for id in range(1, 261)]
        )
        query, seen, cursor, fresh = parse("方程"), list[int](), None, itertools.count(1000)
        while True:
            page = await index.search(query, EVERYONE, sort=sort, limit=50, cursor=cursor)
            seen += [hit.id for hit in page.hits if hit.id < 1000]
            await index.upsert([document(next(fresh), "方程", "方程" * at) for at in range(9)])
            cursor = page.cursor
            if cursor is None:
                break
        assert sorted(seen) == list(range(1, 261))

    async def test_published_is_what_newest_means(self, index: SearchIndex) -> None:
        late = START + timedelta(days=9)
        await index.upsert([document(1, "一", published_at=late), document(2, "二")])
        assert await found(index, "") == [1, 2]

    @pytest.mark.parametrize("cursor", ["", "x", "AAAA", "W10", "bnVsbA", "数", "eyJhIjoxfQ=="])
    async def test_refuses_a_cursor_it_did_not_make(self, index: SearchIndex, cursor: str) -> None:
        if not cursor:
            assert (await index.search(parse(""), EVERYONE, cursor=cursor)).total == 0
            return
        with pytest.raises(BadCursor):
            await index.search(parse(""), EVERYONE, cursor=cursor)

    async def test_refuses_a_cursor_of_another_sort(self, index: SearchIndex) -> None:
        await index.upsert([document(1, "一"), document(2, "二")])
        page = await index.search(parse(""), EVERYONE, sort=Sort.VIEWS, limit=1)
        with pytest.raises(BadCursor):
            await index.search(parse(""), EVERYONE, sort=Sort.TITLE, cursor=page.cursor)

    # Suggestions

    async def test_suggests_values_by_their_spellings(self, index: SearchIndex) -> None:
        await index.upsert([document(1, "一", facets={"grade": ("7",), "subject": ("math",)})])
        suggested = await index.suggest("初", EVERYONE, vocabulary=VOCABULARY)
        assert [(each.text, each.facet, each.value) for each in suggested] == [
            ("初一", "grade", "7")
        ]
        assert marked(suggested[0].runs) == ["初"]
        assert not await index.suggest("历", EVERYONE, vocabulary=VOCABULARY)

    async def test_suggests_titles_that_start_with_it_before_those_that_contain_it(
        self, index: SearchIndex
    ) -> None:
        await index.upsert(
            [
                document(1, "整式与方程", views=9),
                document(2, "方程", views=1),
                document(3, "方程组", views=5),
                document(4, "方程组", views=2),
            ]
        )
        suggested = await index.suggest("方", EVERYONE)
        assert [each.text for each in suggested] == ["方程组", "方程", "整式与方程"]
