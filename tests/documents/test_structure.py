"""What begins with 第…章 is not always a chapter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.documents.numbering import chinese
from tongke.documents.structure import Mark, Part, arabic, heading_text, mark


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("第二章　考　勤", Mark(Part.CHAPTER, "第二章", "考　勤")),
        ("第十二章", Mark(Part.CHAPTER, "第十二章", "")),
        ("  第一节 到校", Mark(Part.SECTION, "第一节", "到校")),
        ("第五条　学生应在 7:40 前到校。", Mark(Part.ARTICLE, "第五条", "学生应在 7:40 前到校。")),
        ("第五条学生应按时到校。", Mark(Part.ARTICLE, "第五条", "学生应按时到校。")),
        ("第三条之一 补充。", Mark(Part.ARTICLE, "第三条之一", "补充。")),
        ("附件 1　学生请假条", Mark(Part.ANNEX, "附件 1", "学生请假条")),
        ("附件：学生请假条", Mark(Part.ANNEX, "附件", "学生请假条")),
        ("一、活动目的", Mark(Part.ITEM, "一", "活动目的")),
        ("（二）比赛办法", Mark(Part.SUBITEM, "（二）", "比赛办法")),
    ],
)
def test_marks(line: str, found: Mark) -> None:
    assert mark(line) == found


@pytest.mark.parametrize(
    "line",
    [
        "第七条规定的情形除外。",
        "第三条、第四条不适用于走读生。",
        "第一章规定了适用范围。",
        "一、凡迟到三次以上的，由班主任与学生谈话，了解原因。",
        "附件所列表格由教务处发放。",
        "一分钟跳绳",
        "",
    ],
)
def test_sentences_are_not_headings(line: str) -> None:
    assert mark(line) is None


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("第二章  考 勤", "第二章　考勤"),
        ("附件1：请假条", "附件1　请假条"),
        ("三、 组织领导", "三、组织领导"),
    ],
)
def test_headings_are_set_alike(line: str, shown: str) -> None:
    found = mark(line)
    assert found is not None
    assert heading_text(found) == shown


@given(st.integers(1, 999))
def test_numerals_there_and_back(number: int) -> None:
    assert arabic(f"第{chinese(number).replace('〇', '零')}条") == str(number)


def test_an_article_between_two() -> None:
    assert arabic("第十三条之二") == "13-2"
