"""Searching within one document: places are counted, not the sections that hold them."""

from __future__ import annotations

from typing import Any

from services.library.in_document import find_in_sections, mark_html
from services.library.text_layer import LayerLine, marks

SECTIONS: list[dict[str, Any]] = [
    {"anchor": "c1", "heading": "第一章　总则", "text": "全体学生适用。", "page": None},
    {"anchor": "c2", "heading": "迟到与早退", "text": "迟到三次谈话，迟到五次家访。", "page": 2},
    {"anchor": "c3", "heading": "迟到的记录", "text": "由班主任记。", "page": 3},
]


def test_every_place_counts() -> None:
    found = list(find_in_sections(SECTIONS, "迟到"))
    assert [(part.anchor, part.page, part.places) for part in found] == [("c2", 2, 2), ("c3", 3, 1)]


def test_more_places_than_a_snippet_looks_at_count_too() -> None:
    long: dict[str, Any] = {"anchor": "a", "heading": "", "text": "学生守则。" * 80, "page": 1}
    (found,) = find_in_sections([long], "学生")
    assert found.places == 80


def test_the_end_of_a_long_section_is_looked_at_too() -> None:
    long: dict[str, Any] = {"anchor": "a", "heading": "", "text": "学" * 50_000 + "值日", "page": 1}
    (found,) = find_in_sections([long], "值日")
    assert [run.text for run in found.runs if run.marked] == ["值日"]


def test_words_are_marked_in_html_but_not_in_what_nobody_wrote_to_be_read() -> None:
    assert mark_html("<p>值日&amp;值周</p>", "值日") == "<p><mark>值日</mark>&amp;值周</p>"
    endless = f"<p>{'值日' * 100_000}</p><p>值日</p>"
    assert mark_html(endless, "值日").count("<mark>") == 1


def test_a_page_image_is_marked_where_the_list_says_that_it_was_found() -> None:
    """Also words that a search takes for a kind or a subject, and other spellings."""

    def line(text: str) -> LayerLine:
        return LayerLine(text, (0, 0, 100, 10), tuple(range(0, 10 * len(text) + 1, 10)))

    layer = [line("管理制度与數學"), line("ＵＮＩＴ 3")]
    for typed, at in (("管理制度", 0), ("数学", 50), ("unit", 0)):
        (box,) = marks(layer, typed, (10_000, 10_000))
        assert box.x == at, typed


def test_nothing_is_found_of_nothing() -> None:
    assert list(find_in_sections(SECTIONS, "")) == []
    assert list(find_in_sections(SECTIONS, "放学")) == []
