"""What nobody can see in a name or an answer is not kept."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.legible import legible


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " \t\u3000",
        "\u202e",
        "\u200b\u200d\ufeff",
        "\u0301\u0301",
        "\u3164",
        "\u2800 \u115f",
        "\U000e0041",
        "\u202e\u0301 \x07",
    ],
)
def test_what_cannot_be_seen_is_nothing(typed: str) -> None:
    assert legible(typed) == ""


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" 14 ", "14"),
        ("1\t4\n号", "1 4 号"),
        ("\u202e李\u200b雷", "李雷"),
        ("x\u0304 =  3", "x\u0304 = 3"),
        ("👍", "👍"),
        ("\U00020bb7野", "\U00020bb7野"),
        ("−5℃", "−5℃"),
    ],
)
def test_what_is_seen_stays(typed: str, kept: str) -> None:
    assert legible(typed) == kept


@given(st.text())
def test_it_is_one_form(typed: str) -> None:
    kept = legible(typed)
    assert legible(kept) == kept
    assert not {unicodedata.category(each) for each in kept} & {"Cc", "Cf"}
