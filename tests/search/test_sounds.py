"""Sounds: keys that a query is a prefix of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import sounds


@pytest.mark.parametrize("letters", ["youlishu", "younishu", "lishude", "nisu", "shudejia", "jiaf"])
def test_a_reading_may_begin_at_any_syllable(letters: str) -> None:
    query = sounds.full_query(letters)
    assert any(key.startswith(query) for key in sounds.full_keys("有理数的加法"))


@pytest.mark.parametrize(("letters", "there"), [("yls", True), ("sdj", True), ("ysl", False)])
def test_initials(letters: str, there: bool) -> None:
    query = sounds.initials_query(letters)
    assert any(k.startswith(query) for k in sounds.initial_keys("有理数的加法")) == there


def test_a_reading_is_chosen_by_the_word() -> None:
    assert sounds.syllables("重庆 音乐")[:4] == ("chong", "qing", "yin", "yue")


@given(st.text(alphabet="有理数知识长江女儿方案 ab5", min_size=1, max_size=20), st.data())
def test_any_part_of_a_reading_is_found(title: str, data: st.DataObject) -> None:
    read = sounds.syllables(title)
    if not read:
        return
    start = data.draw(st.integers(0, len(read) - 1))
    letters = "".join(read[start:])
    cut = letters[: data.draw(st.integers(1, len(letters)))]
    keys = sounds.full_keys(title)
    assert any(key.startswith(sounds.full_query(cut)) for key in keys)


@pytest.mark.parametrize(
    ("typed", "letters"),
    [("YouLi shu", "youlishu"), ("nǚ'er", "nuer"), ("y", None), ("有li", None), ("5yl", None)],
)
def test_what_may_be_pinyin(typed: str, letters: str | None) -> None:
    assert sounds.typed_letters(typed) == letters


def test_titles_collate_by_their_reading() -> None:
    titles = ["整式", "二次函数", "背影", "八年级"]
    assert sorted(titles, key=sounds.collation) == ["八年级", "背影", "二次函数", "整式"]
