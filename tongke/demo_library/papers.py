"""The papers of the library: each written from a text beside this file, in the form it came in.

A text has its title in the first line, who issued it in the next ones, then an empty line and the
body. A line in bars is a row of a table. Chapters, articles and items are known by their words,
as in the papers of schools.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import docx
import fpdf
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph

from tongke.demo_library.typeset import FONT_PATH, SIMPLIFIED, wrap
from tongke.documents import structure
from tongke.documents.structure import Part

Rows = list[list[str]]

_TEXTS = Path(__file__).parent / "texts"

# GB/T 9704: margins of 37, 35, 28 and 26 mm, 28 pt between lines, two characters of indent.
_TOP_CM, _BOTTOM_CM, _LEFT_CM, _RIGHT_CM = 3.7, 3.5, 2.8, 2.6
_LINE_PT = 28
_BODY_PT = 15
# Small enough that the longest title keeps to one line.
_TITLE_PT = 20
_BODY_FACE, _HEAD_FACE, _TITLE_FACE = "仿宋", "黑体", "宋体"

# The PDF is set closer, as its programs do: millimetres and points on A4.
_PDF_MARGIN_MM = 27.0
_PDF_LINE_MM = 8.4
_PDF_BODY_PT = 12
_PDF_CELL_MM = 9.0


@dataclass(frozen=True)
class Paper:
    title: str
    heads: list[str]
    body: list[str]

    def blocks(self) -> Iterator[str | Rows]:
        """The body: lines, and tables as their rows."""
        for is_table, lines in groupby(self.body, key=lambda line: line.startswith("|")):
            if is_table:
                yield [line.strip("\n")[1:-1].split("|") for line in lines]
            else:
                yield from lines


def read(name: str) -> Paper:
    """The text `name`.txt beside this file."""
    text = (_TEXTS / f"{name}.txt").read_text(encoding="utf-8")
    head, _, body = text.partition("\n\n")
    title, *heads = head.splitlines()
    return Paper(title, heads, [line for line in body.splitlines() if line])


def write_txt(paper: Paper, target: Path) -> None:
    """As Notepad of a Chinese Windows writes it: GB 18030, CR LF, tables parted by blanks."""
    lines = [paper.title, *paper.heads, ""]
    for block in paper.blocks():
        if isinstance(block, str):
            lines.append(block if structure.mark(block) else f"　　{block}")
        else:
            lines += ["　　".join(cells).rstrip() for cells in block if any(cells)]
    target.write_bytes("\r\n".join(lines).encode("gb18030"))


def write_docx(paper: Paper, target: Path) -> None:
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(_TOP_CM), Cm(_BOTTOM_CM)
    section.left_margin, section.right_margin = Cm(_LEFT_CM), Cm(_RIGHT_CM)
    _set_title(document.add_paragraph(), paper.title)
    for line in paper.heads:
        _set_line(document.add_paragraph(), line, centred=True)
    for block in paper.blocks():
        if isinstance(block, str):
            _set_block(document.add_paragraph(), block)
        else:
            _add_table(document, block)
    document.core_properties.author = "教务处"
    document.core_properties.title = paper.title
    document.save(str(target))


def _set_title(paragraph: Paragraph, title: str) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_after = Pt(12)
    _add_run(paragraph, title, _TITLE_FACE, _TITLE_PT, bold=True)


def _set_block(paragraph: Paragraph, line: str) -> None:
    found = structure.mark(line)
    if found and found.part in (Part.CHAPTER, Part.ANNEX):
        paragraph.paragraph_format.space_before = Pt(14)
        paragraph.paragraph_format.page_break_before = found.number == "附件 1"
        centred = found.part is Part.CHAPTER
        _set_line(paragraph, line, centred=centred, face=_HEAD_FACE)
    elif found and found.part is Part.ARTICLE:
        _indent(paragraph)
        _add_run(paragraph, found.number, _HEAD_FACE, _BODY_PT, bold=True)
        _add_run(paragraph, f"　{found.rest}", _BODY_FACE, _BODY_PT)
    elif found:
        _indent(paragraph)
        _add_run(paragraph, line, _HEAD_FACE, _BODY_PT)
    else:
        _indent(paragraph)
        _add_run(paragraph, line, _BODY_FACE, _BODY_PT)


def _set_line(paragraph: Paragraph, line: str, *, centred: bool, face: str = _BODY_FACE) -> None:
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.line_spacing = Pt(_LINE_PT)
    _add_run(paragraph, line, face, _BODY_PT)


def _indent(paragraph: Paragraph) -> None:
    paragraph.paragraph_format.first_line_indent = Pt(_BODY_PT * 2)
    paragraph.paragraph_format.line_spacing = Pt(_LINE_PT)
    paragraph.paragraph_format.space_after = Pt(0)


def _add_run(
    paragraph: Paragraph, text: str, face: str, size_pt: int, *, bold: bool = False
) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(size_pt), bold
    run.font.name = face
    # Word keeps the face of Chinese characters apart from that of Latin ones.
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)


def _add_table(document: docx.document.Document, rows: Rows) -> None:
    table = document.add_table(len(rows), len(rows[0]), style="Table Grid")
    for row, cells in zip(table.rows, rows, strict=True):
        row.height = Cm(1.0)
        for cell, text in zip(row.cells, cells, strict=True):
            _add_run(cell.paragraphs[0], text, _BODY_FACE, 12)


def write_pdf(paper: Paper, target: Path) -> None:
    """A text PDF, as a word processor exports it."""
    pdf = _Sheet(format="A4")
    pdf.set_margin(_PDF_MARGIN_MM)
    pdf.set_auto_page_break(True, margin=_PDF_MARGIN_MM)
    pdf.add_font("noto", fname=FONT_PATH, collection_font_number=SIMPLIFIED)
    pdf.set_title(paper.title)
    pdf.set_author("教务处")
    pdf.add_page()
    pdf.set_centred(paper.title, _TITLE_PT, 14.0)
    for line in paper.heads:
        pdf.set_centred(line, _PDF_BODY_PT, _PDF_LINE_MM)
    pdf.ln(5)
    for block in paper.blocks():
        if isinstance(block, str):
            pdf.set_block(block)
        else:
            pdf.set_table(block)
    pdf.output(str(target))


class _Sheet(fpdf.FPDF):
    """A4 with the page number at its foot."""

    def footer(self) -> None:
        self.set_y(-18)
        self.set_font("noto", size=10)
        self.cell(0, 8, f"— {self.page_no()} —", align="C")

    def set_centred(self, text: str, size_pt: int, height_mm: float) -> None:
        self.set_font("noto", size=size_pt)
        self.cell(0, height_mm, text, align="C", new_x="LMARGIN", new_y="NEXT")

    def set_block(self, line: str) -> None:
        found = structure.mark(line)
        is_head = found is not None and found.part is Part.ITEM
        self.set_font("noto", size=14 if is_head else _PDF_BODY_PT)
        if is_head:
            self.ln(2)
            self._keep_with_next()
        # The space at the right is for marks that hang, so that the edge stays even.
        for text in wrap(line, self.epw - 1, self.get_string_width, indent="　　"):
            self.cell(0, _PDF_LINE_MM, text, new_x="LMARGIN", new_y="NEXT")

    def _keep_with_next(self) -> None:
        """No heading alone at the foot of a page."""
        if self.will_page_break(_PDF_LINE_MM * 3):
            self.add_page()

    def set_table(self, rows: Rows) -> None:
        self.ln(2)
        self.set_font("noto", size=10.5)
        if self.will_page_break(_PDF_CELL_MM * len(rows)):
            self.add_page()
        widths = self._column_widths(rows)
        for row in rows:
            for width, text in zip(widths, row, strict=True):
                self.cell(width, _PDF_CELL_MM, text, border=1, align="C")
            self.ln(_PDF_CELL_MM)
        self.ln(2)

    def _column_widths(self, rows: Rows) -> list[float]:
        """As wide as what stands in them, stretched to the whole width."""
        wanted = [
            max(self.get_string_width(row[at]) for row in rows) + 6 for at in range(len(rows[0]))
        ]
        return [width * self.epw / sum(wanted) for width in wanted]
