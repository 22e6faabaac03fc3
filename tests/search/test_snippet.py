"""Marks and snippets: what was found is shown, in the words of its author."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.index import Run
from search.query import Word, parse
from search.snippet import SNIPPET_CHARACTERS, mark, snippet

texts = st.text(alphabet="有理数數，ﬁ5 ㎡\n<", max_size=200)
words = st.text(alphabet="有理数", min_size=1, max_size=3).map(lambda typed: (Word(typed),))


@given(texts, words)
def test_marking_changes_no_character(text: str, found: tuple[Word, ...]) -> None:
    assert "".join(run.text for run in mark(text, found)) == text


@given(texts, words)
def test_a_snippet_is_a_piece_of_the_text(text: str, found: tuple[Word, ...]) -> None:
    shown = "".join(run.text for run in snippet(text, found)).strip("…")
    assert shown.strip() in " ".join(text.split())
    assert len(shown) <= SNIPPET_CHARACTERS


@pytest.mark.parametrize(
    ("typed", "marked"),
    [
        ("灯笼", ["燈籠"]),
        ("配套灯笼", ["燈籠"]),  # as a whole it is not there, so its pieces are marked
        ("5.3", ["５．３"]),
        ("灯笼 条", ["燈籠", "條"]),
        ('"灯笼条"', []),
    ],
)
def test_marks_what_was_found(typed: str, marked: list[str]) -> None:
    runs = mark("燈籠５．３節，四條", parse(typed).words)
    assert [run.text for run in runs if run.marked] == marked


def test_shows_the_place_that_has_most_of_the_words() -> None:
    text = "灯笼。" + "先" * 100 + "灯笼配四条灯穗" + "后" * 100
    runs = snippet(text, parse("灯笼 灯穗").words)
    assert [run.text for run in runs if run.marked] == ["灯笼", "灯穗"]
    assert runs[0] == runs[-1] == Run("……")


def test_without_a_match_the_text_begins() -> None:
    assert snippet("先\n\n  后", parse("灯笼").words) == (Run("先 后"),)
