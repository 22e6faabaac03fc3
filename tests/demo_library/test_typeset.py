"""Chinese lines break where Chinese lines may."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tongke.demo_library.typeset import wrap

texts = st.text("一元方程灯笼配套，。；：？！）”（《“x=15 ", min_size=1).filter(str.strip)


def fits(text: str) -> list[str]:
    return wrap(text, 12, len)


@given(texts)
def test_nothing_is_lost(text: str) -> None:
    assert "".join(fits(text)).replace(" ", "") == text.replace(" ", "")


@given(st.text("一元方程灯笼，。（）", min_size=1).filter(lambda text: "，，" not in text))
def test_lines_keep_to_the_width(text: str) -> None:
    assert all(len(line) <= 13 for line in fits(text))


def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one() -> None:
    assert wrap("灯架不剩灯穗也不剩，刚好配套", 9, len) == ["灯架不剩灯穗也不", "剩，刚好配套"]
    assert wrap("灯架不剩灯穗也（不剩）", 8, len) == ["灯架不剩灯穗也", "（不剩）"]


def test_a_number_or_an_expression_stays_whole() -> None:
    assert wrap("平行于 BC，相等", 6, len) == ["平行于", "BC，相等"]
