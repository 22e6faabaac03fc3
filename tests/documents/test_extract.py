"""The text that the index gets."""

from __future__ import annotations

import pytest

from tongke.documents.extract import clean, language_of, reflow, sections_of, title_of
from tongke.documents.result import Section


def test_a_word_broken_over_two_printed_lines_is_whole_again() -> None:
    lines = [
        ("学生请假半日以内由班", 100.0),
        ("主任批准。", 50.0),
        ("第二条　一日以上由年级组批准，并", 100.0),
        ("第三条　三日以上由校长批准。", 90.0),
        ("— 3 —", 55.0),
    ]
    assert reflow(lines).splitlines() == [
        "学生请假半日以内由班主任批准。",
        "第二条 一日以上由年级组批准，并",
        "第三条 三日以上由校长批准。",
    ]


def test_english_lines_are_joined_by_a_space() -> None:
    assert reflow([("A lesson shared by", 100.0), ("two schools", 60.0)]) == (
        "A lesson shared by two schools"
    )


def test_a_number_in_the_middle_of_a_page_is_a_cell_not_a_page_number() -> None:
    assert "25" in reflow([("人数", 20.0), ("25", 20.0), ("合计", 20.0), ("第 1 页 共 3 页", 60.0)])
    assert "共" not in reflow([("人数", 20.0), ("第 1 页 共 3 页", 60.0)])


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
