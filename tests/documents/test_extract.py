"""The text that the index gets."""

from __future__ import annotations

import pytest

from tongke.documents.extract import (
    Printed,
    clean,
    join,
    language_of,
    paragraphs,
    sections_of,
    title_of,
)
from tongke.documents.result import Section


def lines(*printed: tuple[str, float, float]) -> list[Printed]:
    return [Printed(*line) for line in printed]


def test_a_word_broken_over_two_printed_lines_is_whole_again() -> None:
    printed = lines(
        ("学生请假半日以内由班", 10, 100),
        ("主任批准。", 0, 50),
        ("第二条　作业每天不超过六十分钟，七、", 10, 100),
        ("八、九年级不超过九十分钟，不得超出。", 0, 99),
        ("第三条　三日以上由校长批准。", 10, 90),
        ("— 3 —", 45, 55),
    )
    assert paragraphs(printed) == [
        "学生请假半日以内由班主任批准。",
        "第二条 作业每天不超过六十分钟，七、八、九年级不超过九十分钟，不得超出。",
        "第三条 三日以上由校长批准。",
    ]


def test_english_lines_are_joined_by_a_space() -> None:
    printed = lines(("A lesson shared by", 0, 100), ("two schools", 0, 60))
    assert paragraphs(printed) == ["A lesson shared by two schools"]


def test_the_last_cell_of_a_row_does_not_run_into_the_next_row() -> None:
    printed = lines(("备课", 0, 10), ("备课组", 90, 100), ("（一）等级的确定", 10, 40))
    assert paragraphs(printed) == ["备课", "备课组", "（一）等级的确定"]


def test_a_number_in_the_middle_of_a_page_is_a_cell_not_a_page_number() -> None:
    printed = lines(("人数", 0, 20), ("25", 0, 8), ("合计", 0, 20), ("第 1 页 共 3 页", 40, 100))
    assert "25" in "".join(paragraphs(printed))
    assert "共" not in "".join(paragraphs(printed))


def test_a_sentence_over_the_end_of_a_page_is_whole() -> None:
    pages = [
        Section("page-1", "", "讲解一般不超过二十五分", 1),
        Section("page-2", "", "钟。\n二、检查方式", 2),
        Section("page-3", "", "三、评价", 3),
    ]
    assert join(pages) == ("讲解一般不超过二十五分钟。\n二、检查方式\n三、评价", False)


def test_radicals_and_invisible_signs_do_not_hide_a_word() -> None:
    assert clean("⽬的：\u200b考\ufeff勤\u00a0\u00a0表\n\n　　附则") == "目的：考勤 表\n附则"


def test_sections_are_cut_at_headings() -> None:
    html = (
        "<p>文号</p><h1 id='a'>办法</h1><p>为规范<br>考勤</p>"
        "<h2 id='b'>第一章</h2><table><tr><td>甲</td><td>乙</td></tr></table>"
    )
    assert sections_of(html) == (
        Section("", "", "文号"),
        Section("a", "办法", "为规范\n考勤"),
        Section("b", "第一章", "甲 乙"),
    )


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("学生应在 7:40 前到校，班主任于早读前清点人数，在 APP 登记。", "zh"),
        ("Unit 3: My school calendar. Listen and say 你好.", "en"),
        ("3x + 5 = 20", None),
    ],
)
def test_language(text: str, language: str | None) -> None:
    assert language_of(text) == language


def test_a_title_is_never_what_a_program_wrote() -> None:
    bad = [None, "", "PowerPoint 演示文稿", "Microsoft Word - 新建 1.doc", "x" * 80]
    assert title_of([*bad, "请假制度"], "a.docx") == "请假制度"
    assert title_of(bad, "请假制度（定稿）.docx") == "请假制度（定稿）"
