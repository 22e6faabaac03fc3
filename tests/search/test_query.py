"""What a person types is always read, and read as she meant it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.query import FIELDS, Chip, Query, Vocabulary, parse

VOCABULARY = Vocabulary(
    {
        "grade": {"一年级": "1", "七年级": "7", "初一": "7", "7年级": "7"},
        "subject": {"数学": "math", "语文": "chinese"},
        "kind": {"课件": "courseware", "文": "text"},
        "year": {"2024": "2024", "2024年": "2024"},
    }
)


def read(text: str) -> tuple[list[str], list[str]]:
    """The words, and the values of the chips."""
    query = parse(text, VOCABULARY)
    return [word.typed for word in query.words], [chip.value for chip in query.chips]


@given(st.text(), st.booleans())
def test_reads_anything(text: str, literal: bool) -> None:
    query = parse(text, VOCABULARY, literal=literal)
    assert query.text == text
    assert all(word.terms and word.whole for word in (*query.words, *query.excluded))


@given(
    st.lists(
        st.sampled_from(['"', "“", "”", "-", "：", ":", " ", "数学", "有理", *FIELDS]), max_size=12
    )
)
def test_reads_any_mixture_of_its_own_signs(parts: list[str]) -> None:
    query = parse("".join(parts), VOCABULARY)
    assert all(word.terms for word in (*query.words, *query.excluded))


@pytest.mark.parametrize(
    ("typed", "words", "chips"),
    [
        ("七年级数学 有理数", ["有理数"], ["7", "math"]),
        ("七年级数学有理数课件", ["有理数"], ["7", "math", "courseware"]),
        ("初一語文", [], ["7", "chinese"]),
        ("７年级", [], ["7"]),
        ("2024年七年级", [], ["2024", "7"]),
        ("20245", ["20245"], []),
        ("十一年级", ["十一年级"], []),  # what is left would be 十
        ("数学课", ["数学课"], []),
        ("作文", ["作文"], []),  # a spelling of one character recognises nothing
        ('"七年级" 数学', ["七年级"], ["math"]),
    ],
)
def test_recognises_whole_names_at_both_ends(
    typed: str, words: list[str], chips: list[str]
) -> None:
    assert read(typed) == (words, chips)


def test_literal_recognises_nothing() -> None:
    query = parse("七年级数学", VOCABULARY, literal=True)
    assert [word.typed for word in query.words] == ["七年级数学"]
    assert query.chips == ()


def test_a_chip_knows_how_it_was_spelled() -> None:
    assert parse("初一", VOCABULARY).chips == (Chip("grade", "7", "初一"),)


@pytest.mark.parametrize(
    "typed", ['"有理数 加法"', "“有理数 加法”", "「有理数 加法」", '"有理数 加法']
)
def test_quotes_of_all_kinds_make_a_phrase(typed: str) -> None:
    (word,) = parse(typed).words
    assert (word.typed, word.quoted) == ("有理数 加法", True)
    assert len(word.terms) == 1


@pytest.mark.parametrize("typed", ["-练习", "－练习", '-"练习"'])
def test_a_minus_excludes(typed: str) -> None:
    query = parse(f"数轴 {typed}")
    assert [word.typed for word in query.words] == ["数轴"]
    assert [word.typed for word in query.excluded] == ["练习"]


def test_a_hyphen_inside_a_word_is_part_of_it() -> None:
    assert [word.typed for word in parse("2024-2025 - x").words] == ["2024-2025", "x"]


@pytest.mark.parametrize("typed", ["学科:数学", "subject:数学", "Subject：数学", '学科 ："数学"'])
def test_a_field_filters_by_the_value_it_names(typed: str) -> None:
    query = parse(typed, VOCABULARY)
    assert query.filters == {"subject": {"math"}}
    assert not query.words
    assert not query.chips


def test_values_of_one_field_are_alternatives_and_unknown_ones_stand_for_themselves() -> None:
    query = parse("年级:初一 年级:一年级 学校:云台溪中学 -kind:课件", VOCABULARY)
    assert query.filters == {"grade": {"7", "1"}, "school": {"云台溪中学"}}
    assert query.excluded_filters == {"kind": {"courseware"}}


def test_author_and_title_are_searched_in_their_own_text() -> None:
    words = parse("作者:周敏之 标题:数学", VOCABULARY).words
    assert [(word.field, word.typed) for word in words] == [("author", "周敏之"), ("title", "数学")]


@pytest.mark.parametrize("typed", ["http://a.b", "5:3", "kind:", "无此:数轴"])
def test_what_is_no_field_is_words(typed: str) -> None:
    query = parse(typed)
    assert query.words
    assert not query.filters


@pytest.mark.parametrize("typed", ["", "  ", "！？", '""', "-", "-！"])
def test_nothing_to_look_for_is_browsing(typed: str) -> None:
    assert parse(typed).is_browsing
    assert Query().is_browsing
