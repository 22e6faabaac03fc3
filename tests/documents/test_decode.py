"""Plain texts, in every encoding that a Chinese school's computers have written."""

from __future__ import annotations

import codecs
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.documents.decode import decode
from tongke.documents.errors import UnrecognisedDocument

# The first level of GB 2312, that is, the characters that ordinary texts are written in.
_COMMON = [
    bytes((lead, trail)).decode("gb2312")
    for lead in range(0xB0, 0xD7)
    for trail in range(0xA1, 0xFF)
]
_SIGNS = list("，。；：？！“”《》（）、…—")
_ASCII = list("0123456789 abcXYZ.,%()-")
chinese = st.text(st.sampled_from(_COMMON + _SIGNS + _ASCII), min_size=1).filter(str.strip)


def is_chinese(text: str) -> bool:
    """A character of Chinese in a screen of ASCII cannot be told from an accent in English."""
    return sum(not character.isascii() for character in text) >= len(text) / 2


lines = st.lists(chinese, min_size=1, max_size=20).map("\n".join).filter(is_chinese)


@given(lines)
def test_gb18030_without_a_mark(text: str) -> None:
    assert decode(text.encode("gb18030")) == text


@given(lines)
def test_utf8_without_a_mark(text: str) -> None:
    assert decode(text.encode("utf-8")) == text


@given(lines, st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]))
def test_a_mark_settles_it(text: str, encoding: str) -> None:
    marks = {
        "utf-8": codecs.BOM_UTF8,
        "utf-16-le": codecs.BOM_UTF16_LE,
        "utf-16-be": codecs.BOM_UTF16_BE,
    }
    assert decode(marks[encoding] + text.encode(encoding)) == text


@given(lines.filter(lambda text: "\n" in text), st.sampled_from(["utf-16-le", "utf-16-be"]))
def test_utf16_without_a_mark_is_known_by_its_line_ends(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@given(st.binary())
def test_any_bytes_give_a_text_or_a_refusal(data: bytes) -> None:
    with contextlib.suppress(UnrecognisedDocument):
        assert "\0" not in decode(data)


@pytest.mark.parametrize(
    "text", ["联通", "牛", "违", "路", "一、目的\n为增强体质", "体育节\n冬季长跑"]
)
def test_short_texts_that_fooled_notepad(text: str) -> None:
    assert decode(text.encode("gbk")) == text


@pytest.mark.parametrize(
    "text",
    [
        "The café on the corner sells tea for £5 a pot.",
        "Привет, это урок русского языка.",
        "mā má mǎ mà, wǒ ài Zhōngguó",
        "Bush hid the facts",
    ],
)
def test_other_languages_in_utf8_stay_what_they_are(text: str) -> None:
    assert decode(text.encode("utf-8")) == text


def test_traditional_text_in_big5() -> None:
    text = "為增強學生體質，豐富校園文化生活，特制定本方案。"
    assert decode(text.encode("big5")) == text


def test_line_ends_become_one() -> None:
    assert decode("甲\r\n乙\r丙".encode()) == "甲\n乙\n丙"


def test_a_picture_is_no_text() -> None:
    with pytest.raises(UnrecognisedDocument):
        decode(bytes.fromhex("89504E470D0A1A0A0000000D49484452") + bytes(range(256)))
