"""What any engine behind `search.index` must do.

An engine's test module subclasses `SearchIndexSuite` and gives the fixture `index`: an empty one.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search import sounds
from search import text as analysis
from search.index import (
    FACETS,
    MOST_FACET_VALUES,
    BadCursor,
    Document,
    Page,
    RebuildTakenOver,
    Run,
    SearchIndex,
    Sort,
    Suggestion,
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
_drafts = st.lists(
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
_viewers = st.frozensets(st.sampled_from(TOKENS), max_size=3)
_words = st.text(alphabet="有理数学加法", min_size=1, max_size=3)
_filters = st.fixed_dictionaries(
    {},
    optional={
        name: st.lists(st.sampled_from(values), min_size=1, max_size=2)
        for name, values in _VALUES.items()
    },
)
_versions = itertools.count(1)

_random = settings(
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
    version = next(_versions)
    await index.delete({id: version async for id, _ in index.versions()})
    made = [
        document(id, **{**draft, "version": next(_versions)})  # type: ignore[arg-type]  # as above
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


class SearchIndexSuite:
    # What is found

    async def test_finds_every_chinese_substring_and_nothing_else(self, index: SearchIndex) -> None:
        await index.upsert(
            [
                document(1, "有理数的加法"),
                document(2, "", "其中有理，数轴"),
                document(3, "整数", "合理"),
            ]
        )
        assert await found(index, '"理数的"') == [1]
        assert await found(index, '"理数"') == [1]
        assert set(await found(index, "理")) == {1, 2, 3}
        assert set(await found(index, "有理")) == {1, 2}

    async def test_other_spellings_find_the_same(self, index: SearchIndex) -> None:
        await index.upsert([document(1, "國際單位制", "２０２４年 第５.３節")])
        for typed in ("国际单位", "國際單位", "2024", "２０２４年", "5.3", "5.3节", "５．３"):
            assert await found(index, typed) == [1], typed

    async def test_numbers_and_latin_words_are_whole(self, index: SearchIndex) -> None:
        await index.upsert([document(1, "Unit 3 Photosynthesis 120245"), document(2, "5.30 unit3")])
        assert await found(index, "photosynthesis") == [1]
        assert set(await found(index, "unit3")) == {1, 2}
        for typed in ("2024", "5.3", '"synthesis"'):
            assert await found(index, typed) == [], typed

    async def test_finds_names_and_units(self, index: SearchIndex) -> None:
        named = document(
            1, "一", author="周敏之", school="橘洲路中学", facets={"unit": ("第五章 一元一次方程",)}
        )
        await index.upsert([named, document(2, "周敏之老师说")])
        assert await found(index, "一元一次") == [1]
        assert await found(index, "作者:周敏之") == [1]
        assert await found(index, "title:周敏之") == [2]
        assert set(await found(index, "周敏之")) == {1, 2}

    async def test_exclusion_takes_away_what_has_it_word_for_word(self, index: SearchIndex) -> None:
        await index.upsert(
            [document(1, "数轴练习"), document(2, "数轴"), document(3, "数轴练，习")]
        )
        assert set(await found(index, "数轴 -练习")) == {2, 3}
        assert set(await found(index, "-练习")) == {2, 3}

    async def test_what_was_recognised_lifts_but_does_not_filter(self, index: SearchIndex) -> None:
        seventh = {"grade": ("7",), "subject": ("math",)}
        await index.upsert(
            [document(1, "有理数", facets=seventh), document(2, "有理数"), document(3, "整式")]
        )
        page = await index.search(parse("七年级数学有理数", VOCABULARY), EVERYONE)
        assert [chip.value for chip in page.chips] == ["7", "math"]
        assert [hit.id for hit in page.hits] == [1, 2]

    async def test_chips_alone_ask_for_the_facet_or_the_words(self, index: SearchIndex) -> None:
        await index.upsert(
            [
                document(1, "课件", facets={"subject": ("math",)}),
                document(2, "数学之美"),
                document(3, "历史"),
            ]
        )
        assert set(await found(index, "数学")) == {1, 2}

    async def test_filters_in_the_query_and_beside_it_are_both_met(
        self, index: SearchIndex
    ) -> None:
        for id, (grade, year) in enumerate(itertools.product("78", ("2024", "2025")), 1):
            facets = {"grade": (grade,), "year": (year,)}
            await index.upsert([document(id, "方程", facets=facets)])
        query = parse("方程 年级:初一", VOCABULARY)
        page = await index.search(query, EVERYONE, filters={"year": ["2025"]})
        assert [hit.id for hit in page.hits] == [2]
        assert page.facets["grade"] == {"7": 1, "8": 1}
        assert page.facets["year"] == {"2024": 1, "2025": 1}
        none = await index.search(query, EVERYONE, filters={"grade": ["8"]})
        assert none.total == 0

    async def test_of_many_values_the_most_frequent_are_counted_and_those_asked_for(
        self, index: SearchIndex
    ) -> None:
        """Of schools named 000 to 059 the first half has two documents each."""
        names = [f"{number:03}" for number in range(MOST_FACET_VALUES + 10)]
        had = [*names, *names[: len(names) // 2]]
        await index.upsert(
            document(id, "方程", facets={"school": (name,), "year": ("2025",)})
            for id, name in enumerate(had, 1)
        )
        page = await index.search(parse("方程"), EVERYONE)
        assert list(page.facets["school"]) == names[:MOST_FACET_VALUES]
        chosen = await index.search(
            parse(""), EVERYONE, filters={"school": [names[-1], "none"], "year": ["2025"]}
        )
        assert list(chosen.facets["school"]) == [*names[:MOST_FACET_VALUES], names[-1]]
        assert chosen.facets["school"][names[-1]] == 1
        only = {"school": [names[-1], names[0], "none"], "year": []}
        counted = await index.search(parse("方程"), EVERYONE, counted=only)
        assert list(counted.facets["school"].items()) == [(names[0], 2), (names[-1], 1)]
        assert counted.facets["year"] == {}

    async def test_single_characters_side_by_side_are_those_of_the_text(
        self, index: SearchIndex
    ) -> None:
        await index.upsert([document(1, "夏，春"), document(2, "春，夏"), document(3, "A 夏")])
        assert await found(index, '"夏，春"') == [1]
        assert await found(index, '"春，夏"') == [2]
        assert await found(index, '"A 夏"') == [3]

    async def test_the_title_comes_first_and_the_exact_one_before_all(
        self, index: SearchIndex
    ) -> None:
        await index.upsert(
            [
                document(3, "整式的加减", "也讲勾股定理"),
                document(1, "勾股定理"),
                document(2, "勾股定理的应用"),
            ]
        )
        assert await found(index, "勾股定理") == [1, 2, 3]

    # What is shown

    async def test_marks_are_data_and_leave_the_text_as_it_was_written(
        self, index: SearchIndex
    ) -> None:
        text = "课前准备。" * 40 + "每個燈籠配<四>條燈穗。" + "课后小结。" * 40
        await index.upsert([document(1, "燈籠問題", text)])
        (hit,) = (await index.search(parse("灯笼"), EVERYONE)).hits
        assert plain(hit.title) == "燈籠問題"
        assert marked(hit.title) == ["燈籠"]
        assert marked(hit.snippet) == ["燈籠"]
        assert "每個燈籠配<四>條燈穗" in plain(hit.snippet)

    # Who may see it

    @_random
    @given(drafts=_drafts, tokens=_viewers, word=_words, quoted=st.booleans(), filters=_filters)
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

    @_random
    @given(drafts=_drafts, tokens=_viewers, prefix=_words)
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

    @_random
    @given(
        drafts=_drafts,
        tokens=_viewers,
        typed=st.one_of(
            _words, st.sampled_from(("youli", "yl", "sx", "由里", "有理 -数", "理数学法"))
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
        await index.delete({id: next(_versions) for id in hidden})
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

    @_random
    @given(drafts=_drafts, tokens=_viewers, limit=st.integers(1, 5))
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

    # Versions

    @_random
    @given(st.permutations([("put", 1), ("put", 2), ("delete", 3), ("put", 4), ("put", 2)]))
    async def test_changes_that_overtake_each_other_end_the_same(
        self, index: SearchIndex, changes: list[tuple[str, int]]
    ) -> None:
        await remake(index, [])
        base = next(_versions) * 10
        for _ in range(10):
            next(_versions)
        for change, version in changes:
            if change == "put":
                await index.upsert([document(1, f"第{version}版", version=base + version)])
            else:
                await index.delete({1: base + version})
        assert [pair async for pair in index.versions()] == [(1, base + 4)]
        page = await index.search(parse(""), EVERYONE)
        assert [plain(hit.title) for hit in page.hits] == ["第4版"]
        await index.delete({1: base + 5})
        for _ in range(50 * 10):
            next(_versions)

    async def test_a_deletion_outlasts_what_is_not_newer(self, index: SearchIndex) -> None:
        await index.delete({1: 5})
        for version in (4, 5):
            await index.upsert([document(1, "有理数", version=version)])
        assert await found(index, "") == []
        await index.delete({1: 5, 99: 1})
        await index.upsert([document(1, "有理数", version=6)])
        assert await found(index, "") == [1]

    async def test_nothing_of_an_old_text_is_left(self, index: SearchIndex) -> None:
        await index.upsert([document(1, "有理数", "旧文")])
        await index.upsert([document(1, "整式", "新文", version=2)])
        assert await found(index, "有理") == []
        assert await found(index, "旧") == []
        assert not await index.suggest("有理", EVERYONE)
        assert await found(index, "整式 新文") == [1]

    # Rebuilding

    async def test_a_rebuild_answers_throughout_and_keeps_what_comes_meanwhile(
        self, index: SearchIndex
    ) -> None:
        await index.upsert([document(id, f"旧{id}") for id in range(1, 6)])

        async def documents() -> AsyncIterator[Document]:
            for id in range(1, 4):
                yield document(id, f"新{id}")
            assert set(await found(index, "旧")) == {1, 2, 3, 4, 5}
            await index.upsert([document(2, "改2", version=2), document(9, "来9")])
            await index.delete({3: 2})
            assert set(await found(index, "")) == {1, 2, 4, 5, 9}
            yield document(3, "新3")
            yield document(2, "新2")

        await index.rebuild(documents())
        page = await index.search(parse(""), EVERYONE, sort=Sort.TITLE)
        assert {plain(hit.title) for hit in page.hits} == {"新1", "改2", "来9"}
        assert [pair async for pair in index.versions()] == [(1, 1), (2, 2), (9, 1)]

    async def test_a_rebuild_that_broke_off_leaves_the_old_index_and_can_be_done_again(
        self, index: SearchIndex
    ) -> None:
        await index.upsert([document(1, "旧")])

        async def broken() -> AsyncIterator[Document]:
            yield document(2, "半")
            raise ConnectionError

        with pytest.raises(ConnectionError):
            await index.rebuild(broken())
        assert await found(index, "") == [1]
        await index.upsert([document(3, "其间")])
        await index.rebuild(stream([document(1, "新"), document(3, "其间")]))
        assert set(await found(index, "")) == {1, 3}

    async def test_the_later_of_two_rebuilds_wins(self, index: SearchIndex) -> None:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def slow() -> AsyncIterator[Document]:
            begun.set()
            await go_on.wait()
            yield document(1, "慢")

        first = asyncio.create_task(index.rebuild(slow()))
        await begun.wait()
        await index.rebuild(stream([document(2, "快")]))
        go_on.set()
        with pytest.raises(RebuildTakenOver):
            await first
        assert await found(index, "") == [2]

    async def test_it_says_how_it_is(self, index: SearchIndex) -> None:
        await index.upsert([document(1, "一"), document(2, "二")])
        await index.delete({1: 2})
        health = await index.health()
        assert (health.whole, health.documents) == (True, 1)
        assert health.engine.split()[1][0].isdigit()

    async def test_many_calls_at_once(self, index: SearchIndex) -> None:
        async def put(id: int) -> None:
            await index.upsert([document(id, "方程")])
            assert id in await found(index, "方程")

        await asyncio.gather(*(put(id) for id in range(1, 20)))
        assert [id async for id, _ in index.versions()] == list(range(1, 20))
