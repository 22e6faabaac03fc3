"""What any search engine finds, and how it shows it."""

from __future__ import annotations

import itertools

from search.index import (
    MOST_FACET_VALUES,
    SearchIndex,
)
from search.query import parse
from tests.conformance.search_world import (
    EVERYONE,
    VOCABULARY,
    document,
    found,
    marked,
    plain,
)


class FindingSuite:
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
