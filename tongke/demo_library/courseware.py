"""The courseware (.pptx) of a lesson: the slides of its recording, with the teacher's notes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from tongke.demo_library.recording import Lesson
from tongke.demo_library.slides import BOARD, PAPER, Look, Slide, Table

_WIDTH, _HEIGHT = Inches(13.333), Inches(7.5)
_LEFT, _TEXT_WIDTH = Inches(0.9), Inches(11.4)
# Every Windows of the last twenty years has it.
_FACE = "微软雅黑"
_TITLE_ONLY = 5


def write(lesson: Lesson, target: Path) -> None:
    deck = Presentation()
    deck.slide_width, deck.slide_height = _WIDTH, _HEIGHT
    for slide in lesson.slides:
        _add(deck, slide)
    deck.core_properties.title = lesson.slides[0].title
    deck.core_properties.author = lesson.foot
    deck.save(str(target))


def _add(deck: Any, slide: Slide) -> None:
    page = deck.slides.add_slide(deck.slide_layouts[_TITLE_ONLY])
    look = BOARD if slide.board or slide.cover else PAPER
    page.background.fill.solid()
    page.background.fill.fore_color.rgb = _colour(look.ground)
    _set_title(page.shapes.title, slide, look)
    top: int = Inches(4.2) if slide.cover else Inches(1.8)
    if slide.table:
        _add_table(page, slide.table, top)
        top += Inches(0.8 * len(slide.table) + 0.3)
    _add_lines(page, slide, look, top)
    if slide.notes:
        page.notes_slide.notes_text_frame.text = slide.notes


def _set_title(title: Any, slide: Slide, look: Look) -> None:
    title.left, title.top = _LEFT, Inches(2.6 if slide.cover else 0.5)
    title.width, title.height = _TEXT_WIDTH, Inches(1.1)
    title.text_frame.text = slide.title
    _set(title.text_frame.paragraphs[0].runs[0], 44 if slide.cover else 34, look.ink, bold=True)
    title.text_frame.paragraphs[0].alignment = 1


def _add_lines(page: Any, slide: Slide, look: Look, top: int) -> None:
    if not slide.lines:
        return
    frame = page.shapes.add_textbox(_LEFT, top, _TEXT_WIDTH, _HEIGHT - top).text_frame
    frame.word_wrap = True
    for number, line in enumerate(slide.lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.space_after = Pt(14)
        for at, part in enumerate(line.split("*")):
            run = paragraph.add_run()
            run.text = part
            _set(run, 26, look.accent if at % 2 else look.ink, bold=at % 2 == 1)


def _add_table(page: Any, rows: Table, top: int) -> None:
    shape = page.shapes.add_table(
        len(rows), len(rows[0]), _LEFT, top, Inches(8), Inches(0.8 * len(rows))
    )
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            run = shape.table.cell(number, column).text_frame.paragraphs[0].add_run()
            run.text = text.replace("*", "")
            _set(run, 22, "#FFFFFF" if number == 0 else PAPER.ink, bold=number == 0)


def _set(run: Any, size_pt: int, colour: str, *, bold: bool) -> None:
    run.font.size, run.font.bold, run.font.name = Pt(size_pt), bold, _FACE
    run.font.color.rgb = _colour(colour)
    # PowerPoint keeps the face of Chinese characters apart from that of Latin ones.
    east_asian = run._r.get_or_add_rPr().makeelement(qn("a:ea"), {"typeface": _FACE})
    run._r.get_or_add_rPr().append(east_asian)


def _colour(value: str) -> RGBColor:
    red, green, blue = bytes.fromhex(value.removeprefix("#"))
    return RGBColor(red, green, blue)  # type: ignore[no-untyped-call]  # unannotated in python-pptx
