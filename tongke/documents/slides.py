"""Courseware (.pptx) as HTML: a section a slide, with its title, text, tables, pictures and notes.

What is drawn (shapes, animation, the exact place of things) needs a renderer and is left to
LibreOffice, where it is there; what is said is here in any case.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.exc import InvalidXmlError

from tongke.documents.errors import TooManyPages
from tongke.documents.images import Gallery
from tongke.documents.limits import MAX_PAGES

# python-pptx has no types; every shape of a slide is one of these.
Shape = Any

# Groups within groups, deeper than anyone draws.
_MAX_DEPTH = 8
# The line of text that stands for a missing title.
_MAX_TITLE_CHARACTERS = 40


def to_html(path: Path, gallery: Gallery) -> tuple[str, list[str]]:
    """Unsanitised HTML, and the title of each slide."""
    slides = list(Presentation(str(path)).slides)
    if len(slides) > MAX_PAGES:
        raise TooManyPages(pages=len(slides), limit=MAX_PAGES)
    titles = [_title(slide, number) for number, slide in enumerate(slides, start=1)]
    html = "".join(
        _slide(slide, number, title, gallery)
        for number, (slide, title) in enumerate(zip(slides, titles, strict=True), start=1)
    )
    return html, titles


def anchor(number: int) -> str:
    """The anchor of slide `number`, counted from 1."""
    return f"slide-{number}"


def _slide(slide: Any, number: int, title: str, gallery: Gallery) -> str:
    heading = slide.shapes.title
    shapes = [
        shape
        for shape in _in_reading_order(slide.shapes, _MAX_DEPTH)
        if heading is None or shape.shape_id != heading.shape_id
    ]
    body = "".join(_shape(shape, gallery) for shape in shapes)
    return (
        f'<section class="slide" id="{anchor(number)}"><h2>{escape(title)}</h2>'
        f"{body}{_notes(slide)}</section>"
    )


def _title(slide: Any, number: int) -> str:
    heading = slide.shapes.title
    if heading is not None and (text := heading.text_frame.text.strip()):
        return " ".join(text.split())
    texts = (
        line
        for shape in _in_reading_order(slide.shapes, _MAX_DEPTH)
        if shape.has_text_frame
        for line in shape.text_frame.text.splitlines()
        if line.strip()
    )
    return next(texts, f"第 {number} 页").strip()[:_MAX_TITLE_CHARACTERS]


def _in_reading_order(shapes: Any, depth: int) -> Iterator[Shape]:
    """Top to bottom, then left to right; groups are entered."""
    placed = sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0))
    for shape in placed:
        if shape.shape_type == MSO_SHAPE_TYPE.GROUP and depth:
            yield from _in_reading_order(shape.shapes, depth - 1)
        else:
            yield shape


def _shape(shape: Shape, gallery: Gallery) -> str:
    if getattr(shape, "has_table", False) and shape.has_table:
        return _table(shape.table)
    if shape.has_text_frame:
        return _paragraphs(shape.text_frame)
    if shape.shape_type == MSO_SHAPE_TYPE.PICTURE:
        return _picture(shape, gallery)
    return ""


def _paragraphs(frame: Any) -> str:
    texts = (paragraph.text.replace("\v", "\n").strip() for paragraph in frame.paragraphs)
    return "".join(f"<p>{'<br>'.join(escape(text).splitlines())}</p>" for text in texts if text)


def _table(table: Any) -> str:
    rows = (
        "".join(f"<td>{escape(cell.text)}</td>" for cell in row.cells if not cell.is_spanned)
        for row in table.rows
    )
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _picture(shape: Shape, gallery: Gallery) -> str:
    try:
        data = shape.image.blob
    except (KeyError, ValueError, InvalidXmlError):
        # A linked picture, which is not fetched.
        gallery.left_out += 1
        return ""
    attributes = gallery.add(data)
    if not attributes:
        return ""
    joined = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f'<figure><img {joined} alt="{escape(_alt(shape))}"></figure>'


def _alt(shape: Shape) -> str:
    """The description an author gave, not the name that PowerPoint gives to every picture."""
    found = shape._element.xpath(".//p:cNvPr/@descr")
    return str(found[0]) if found else ""


def _notes(slide: Any) -> str:
    if not slide.has_notes_slide or slide.notes_slide.notes_text_frame is None:
        return ""
    text = _paragraphs(slide.notes_slide.notes_text_frame)
    return f'<aside class="notes">{text}</aside>' if text else ""
