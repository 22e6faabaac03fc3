"""Analysis: a phrase is a substring, and both sides of a comparison fold alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import text as analysis
from search.text import Term

chinese = st.text(alphabet="有理数學加国國", min_size=1, max_size=6)
mixed = st.text(alphabet="有理数學，。 a5.３Ａ", max_size=20)


def finds(term: Term, text: str) -> bool:
    """Whether a term stands in the stream of a text, as an engine would look for it."""
    tokens = analysis.stream(text).split()
    *head, last = term.tokens
    for at in range(len(tokens) - len(head)):
        there = tokens[at + len(head)]
        if tokens[at : at + len(head)] == head and (
            there.startswith(last) if term.open_end else there == last
        ):
            return True
    return False


@given(st.text(), st.text())
def test_folding_looks_at_no_neighbour(one: str, other: str) -> None:
    assert analysis.fold(one + other) == analysis.fold(one) + analysis.fold(other)


@given(st.text())
def test_offsets_lead_back(text: str) -> None:
    folded, offsets = analysis.fold_with_offsets(text)
    assert folded == analysis.fold(text)
    assert len(offsets) == len(folded) + 1
    assert all(analysis.fold(text[at])[:1] for at in offsets[:-1])
    assert list(offsets) == sorted(offsets)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("２０２４Ａ", "2024a"),
        ("國際單位", "国际单位"),
        ("Café", "cafe"),
        ("ﬁ", "fi"),
        ("乾隆", "干隆"),
    ],
)
def test_spellings_that_are_the_same(written: str, folded: str) -> None:
    assert analysis.fold(written) == folded


@given(chinese, mixed)
def test_a_chinese_phrase_is_a_substring(typed: str, text: str) -> None:
    term = analysis.phrase(typed)
    assert term is not None
    assert finds(term, text) == (analysis.fold(typed) in analysis.fold(text))


@given(mixed, mixed)
def test_the_pattern_finds_what_the_phrase_finds(typed: str, text: str) -> None:
    term, pattern = analysis.phrase(typed), analysis.pattern(typed)
    assert (term is None) == (pattern is None)
    if term and pattern:
        assert finds(term, text) == (pattern.search(analysis.fold(text)) is not None)


@given(st.text(), mixed)
def test_a_phrase_implies_its_terms(typed: str, text: str) -> None:
    term = analysis.phrase(typed)
    if term and finds(term, text):
        assert all(finds(each, text) for each in analysis.terms(typed))


@given(mixed)
def test_a_text_finds_itself(text: str) -> None:
    term = analysis.phrase(text)
    assert term is None or finds(term, text)


@given(st.text(alphabet="有理数5a，", max_size=12), st.sampled_from("有理数"))
def test_characters_are_those_of_the_stream(text: str, character: str) -> None:
    assert (character in analysis.characters(text).split()) == (character in text)


def test_a_word_is_cut_like_in_the_index() -> None:
    long = "x" * 200
    assert analysis.terms(long) == (Term((analysis.stream(long),)),)
