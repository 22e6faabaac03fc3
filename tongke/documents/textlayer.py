"""The text of a PDF page with the place of each character: for selecting, marking and finding.

PDFium knows characters, not lines. It puts a generated line break where the writing jumps, which
is where a line ends here. Places are asked in ten-thousandths of the page, through PDFium's own
conversion, so that rotation and crop box are taken care of (0.02 mm on A4 is finer than a pixel).
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from typing import Any

import pypdfium2.raw as pdfium_c

from tongke.documents.limits import MAX_PAGE_CHARACTERS

UNITS = 10_000
# Characters of one line whose tops are further apart than this share of their height are two
# lines, even where PDFium gives no break (columns, tables).
_SAME_LINE = 0.6
# A gap wider than this many of the widest character of the line parts two columns; a justified
# line of English has spaces of one.
_COLUMN_GAP = 2.0
# So many characters back tell the size of the type; a whole page in one line stays cheap.
_NEARBY = 40


@dataclass(frozen=True)
class Glyph:
    """A character with its box, in ten-thousandths of the page, from the top left."""

    character: str
    left: int
    top: int
    right: int
    bottom: int

    @property
    def is_ink(self) -> bool:
        return not self.character.isspace()


@dataclass
class Line:
    glyphs: list[Glyph] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(glyph.character for glyph in self.glyphs)

    @property
    def height(self) -> int:
        return max(glyph.bottom for glyph in self.glyphs) - min(glyph.top for glyph in self.glyphs)

    @property
    def left(self) -> int:
        return min(glyph.left for glyph in self.glyphs)

    @property
    def right(self) -> int:
        return max(glyph.right for glyph in self.glyphs)

    def to_json(self) -> dict[str, Any]:
        """`box`, `text`, `edges`: see `result.Page`."""
        top = min(glyph.top for glyph in self.glyphs)
        edges = [*(glyph.left for glyph in self.glyphs), self.glyphs[-1].right]
        return {
            "box": [self.left, top, self.right - self.left, self.height],
            "text": self.text,
            "edges": edges,
        }


def lines_of(page: Any, text_page: Any) -> tuple[list[Line], bool]:
    """The lines of a pypdfium2 page, and whether its text was cut to MAX_PAGE_CHARACTERS."""
    count = text_page.count_chars()
    glyphs = [_glyph(page, text_page, index) for index in range(min(count, MAX_PAGE_CHARACTERS))]
    return into_lines(glyphs), count > MAX_PAGE_CHARACTERS


def into_lines(glyphs: list[Glyph | None]) -> list[Line]:
    """Lines from glyphs in the order of writing; None is a line break."""
    lines: list[Line] = []
    current = Line()
    for glyph in glyphs:
        if glyph is None or _parted(current, glyph):
            lines.append(current)
            current = Line()
        if glyph is not None:
            current.glyphs.append(glyph)
    lines.append(current)
    return [stripped for line in lines if (stripped := _stripped(line)).glyphs]


def _parted(line: Line, after: Glyph) -> bool:
    before = next((glyph for glyph in reversed(line.glyphs) if glyph.is_ink), None)
    if before is None or not after.is_ink:
        return False
    height = max(before.bottom - before.top, after.bottom - after.top, 1)
    nearby = (*line.glyphs[-_NEARBY:], after)
    widest = max(glyph.right - glyph.left for glyph in nearby if glyph.is_ink)
    return (
        abs(after.bottom - before.bottom) > height * _SAME_LINE
        or after.left - before.right > widest * _COLUMN_GAP
    )


def _stripped(line: Line) -> Line:
    glyphs = line.glyphs
    while glyphs and not glyphs[-1].is_ink:
        glyphs = glyphs[:-1]
    start = 0
    while start < len(glyphs) and not glyphs[start].is_ink:
        start += 1
    return Line(glyphs[start:])


def _glyph(page: Any, text_page: Any, index: int) -> Glyph | None:
    code = pdfium_c.FPDFText_GetUnicode(text_page, index)
    if code in (0, 0x0A, 0x0D) or code > 0x10FFFF or 0xD800 <= code < 0xE000:
        return None
    box = pdfium_c.FS_RECTF()
    pdfium_c.FPDFText_GetLooseCharBox(text_page, index, box)
    x0, y0 = _place(page, box.left, box.top)
    x1, y1 = _place(page, box.right, box.bottom)
    return Glyph(chr(code), min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _place(page: Any, x: float, y: float) -> tuple[int, int]:
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDF_PageToDevice(page, 0, 0, UNITS, UNITS, 0, x, y, across, down)
    return (_clamped(across.value), _clamped(down.value))


def _clamped(value: int) -> int:
    return min(max(value, 0), UNITS)
