"""Lines out of characters: what a reader would call a line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tongke.documents.textlayer import UNITS, Glyph, into_lines


def written(text: str, left: int, top: int, width: int = 200, height: int = 140) -> list[Glyph]:
    return [
        Glyph(character, left + width * at, top, left + width * (at + 1), top + height)
        for at, character in enumerate(text)
    ]


def test_a_break_ends_a_line_and_blanks_at_its_ends_go() -> None:
    lines = into_lines([*written(" 第一条　总则 ", 100, 100), None, *written("正文", 100, 300)])
    assert [line.text for line in lines] == ["第一条　总则", "正文"]


def test_two_columns_are_two_lines() -> None:
    row = [*written("备课", 100, 100), *written(" ", 500, 100, 2000), *written("备课组", 2500, 100)]
    assert [line.text for line in into_lines(list(row))] == ["备课", "备课组"]


def test_a_jump_down_the_page_is_another_line() -> None:
    glyphs = [*written("甲", 100, 100), *written("乙", 300, 400)]
    assert [line.text for line in into_lines(list(glyphs))] == ["甲", "乙"]


def test_a_wide_space_of_justified_english_is_no_column() -> None:
    words = [*written("We", 100, 100, 100), *written(" ", 300, 100, 180)]
    words += written("read", 480, 100, 90)
    assert [line.text for line in into_lines(list(words))] == ["We read"]


glyphs = st.builds(
    lambda character, left, top, width, height: Glyph(
        character, left, top, left + width, top + height
    ),
    st.characters(),
    st.integers(0, UNITS),
    st.integers(0, UNITS),
    st.integers(0, 300),
    st.integers(0, 300),
)


@given(st.lists(st.none() | glyphs, max_size=60))
def test_no_character_is_lost_and_every_edge_is_told(page: list[Glyph | None]) -> None:
    lines = into_lines(page)
    ink = [glyph.character for glyph in page if glyph and glyph.is_ink]
    assert [c for line in lines for c in line.text if not c.isspace()] == ink
    for line in lines:
        assert len(line.to_json()["edges"]) == len(line.text) + 1
        assert line.text == line.text.strip()
