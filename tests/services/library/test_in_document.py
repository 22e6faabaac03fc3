"""Searching within one document: places are counted, not the sections that hold them."""

from __future__ import annotations

from typing import Any

from services.library.in_document import find_in_sections

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


def test_nothing_is_found_of_nothing() -> None:
    assert list(find_in_sections(SECTIONS, "")) == []
    assert list(find_in_sections(SECTIONS, "放学")) == []
