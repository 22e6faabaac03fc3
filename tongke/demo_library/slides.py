"""A slide of a lesson, as its teacher would write it, and how it is drawn.

Warm paper for what is shown, a blackboard for what is worked out. A slide appears line by line,
as it does in class; so each gives several frames. Words between asterisks are set in the accent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image, ImageDraw

from tongke.demo_library.typeset import font, wrap

Box = tuple[float, float, float, float]
# Draws into a box of a picture; the last is the scale (1.0 at 720 lines).
Figure = Callable[[ImageDraw.ImageDraw, Box, float], None]
Table = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Slide:
    """`board`: worked out on the blackboard. `notes` are the teacher's, for the courseware."""

    title: str
    lines: tuple[str, ...] = ()
    table: Table = ()
    figure: Figure | None = None
    board: bool = False
    cover: bool = False
    verse: bool = False
    notes: str = ""


@dataclass(frozen=True)
class Look:
    """The colours of a ground."""

    ground: str
    ink: str
    accent: str
    rule: str
    quiet: str


PAPER = Look("#FBF6E9", "#26302B", "#A83A22", "#E0D5BA", "#7C7663")
BOARD = Look("#24493F", "#F4F3EC", "#F4CE6A", "#3F665A", "#A9C2B6")
_BAR = "#C9573A"
_FRAME = "#9C7A4D"
_WHITE = "#FFFDF6"

# At 720 lines, in pixels.
_MARGIN = 72
_TITLE = 46
# The largest that fits is taken: a slide is read from the last row.
_BODY_SIZES = (54, 50, 46, 42, 38, 34)
_LINE = 1.42
_GAP = 0.42
# A paragraph whose last line has fewer characters than this looks torn.
_ORPHAN = 3
_VERSE = 54
_FOOT = 20


class Canvas:
    """One slide being drawn. Lengths are given for 720 lines and scaled by `k`."""

    def __init__(self, slide: Slide, size: tuple[int, int], foot: str, page: str) -> None:
        self.slide = slide
        self.width, self.height = size
        self.k = min(size) / 720
        self.portrait = self.height > self.width
        self.look = BOARD if slide.board or slide.cover else PAPER
        self.image = Image.new("RGB", size, self.look.ground)
        self.draw = ImageDraw.Draw(self.image)
        self.foot, self.page = foot, page

    def frames(self) -> Iterator[Image.Image]:
        """The slide as it fills up."""
        self._ground()
        if self.slide.cover:
            self._cover()
            yield self.image.copy()
            return
        y = self._title()
        bottom = self._figure(y)
        if self.slide.table:
            y = self._table(y)
            yield self.image.copy()
        size = self._body_size(bottom - y)
        for line in self.slide.lines:
            y = self._verse(line, y) if self.slide.verse else self._line(line, y, size)
            yield self.image.copy()

    def _px(self, length: float) -> int:
        return round(length * self.k)

    def _ground(self) -> None:
        if self.look is BOARD:
            edge = self._px(14)
            box = (edge // 2, edge // 2, self.width - edge // 2, self.height - edge // 2)
            self.draw.rectangle(box, outline=_FRAME, width=edge)
        else:
            self.draw.rectangle((0, 0, self.width, self._px(10)), fill=_BAR)
        y = self.height - self._px(64 if self.look is BOARD else 48)
        face = font(self._px(_FOOT))
        self.draw.text((self._px(_MARGIN), y), self.foot, self.look.quiet, face)
        # At the left, since the picture of the other classroom covers the lower right.
        x = self._px(_MARGIN) + face.getlength(self.foot) + self._px(24)
        self.draw.text((x, y), self.page, self.look.quiet, face)

    def _cover(self) -> None:
        size = self._px(60)
        width = self.width - 2 * self._px(_MARGIN)
        lines = wrap(self.slide.title, width, font(size).getlength)
        y = self.height * 0.36 - (len(lines) - 1) * size * 0.7
        for line in lines:
            self._bold((self._px(_MARGIN), y), line, size, self.look.ink)
            y += size * 1.4
        y += self._px(12)
        self.draw.rectangle(
            (self._px(_MARGIN), y, self._px(_MARGIN + 96), y + self._px(5)), fill=self.look.accent
        )
        y += self._px(32)
        for line in self.slide.lines:
            self.draw.text((self._px(_MARGIN), y), line, self.look.quiet, font(self._px(32)))
            y += self._px(52)

    def _title(self) -> float:
        y = self._px(56 if not self.portrait else 110)
        size = self._px(_TITLE)
        self._bold((self._px(_MARGIN), y), self.slide.title, size, self.look.ink)
        y += round(size * 1.55)
        self.draw.line(
            (self._px(_MARGIN), y, self.width - self._px(_MARGIN), y),
            fill=self.look.rule,
            width=self._px(2),
        )
        return y + self._px(26)

    def _figure(self, y: float) -> float:
        """Draws the figure: at the right on a wide page, below on a tall one. The text's end."""
        end = self.height - self._px(70)
        if self.slide.figure is None:
            return end
        side = self._px(_MARGIN)
        box = (self.width * 0.56, y + self._px(10), self.width - side, end - self._px(30))
        if self.portrait:
            box = (side, self.height * 0.52, self.width - side, end - self._px(40))
            end = round(box[1])
        self.slide.figure(self.draw, box, self.k)
        return end

    def _text_width(self) -> float:
        beside_figure = self.slide.figure is not None and not self.portrait
        right = self.width * 0.53 if beside_figure else self.width - self._px(_MARGIN)
        return right - self._px(_MARGIN)

    def _body_size(self, height: float) -> int:
        """The largest size at which the lines fit into `height`, rather one without orphans.

        ValueError: the slide says too much.
        """
        sizes = [self._px(size) for size in _BODY_SIZES]
        fitting = [size for size in sizes if self._height(size) <= height]
        if not fitting:
            raise ValueError(f"too long for a slide: {self.slide.title}")
        return next((size for size in fitting if not self._has_orphan(size)), fitting[0])

    def _wrapped(self, size: int) -> list[list[str]]:
        measure, width = font(size).getlength, self._text_width()
        return [wrap(line.replace("*", ""), width, measure) for line in self.slide.lines]

    def _height(self, size: int) -> float:
        return sum(size * (len(lines) * _LINE + _GAP) for lines in self._wrapped(size))

    def _has_orphan(self, size: int) -> bool:
        return any(len(lines) > 1 and len(lines[-1]) < _ORPHAN for lines in self._wrapped(size))

    def _line(self, marked: str, y: float, size: int) -> float:
        plain = marked.replace("*", "")
        accents = _accents(marked)
        at = 0
        for line in wrap(plain, self._text_width(), font(size).getlength):
            at = plain.index(line, at)
            self._runs(line, accents[at : at + len(line)], y, size)
            at += len(line)
            y += size * _LINE
        return y + size * _GAP

    def _runs(self, line: str, accents: list[bool], y: float, size: int) -> None:
        x = float(self._px(_MARGIN))
        for start, end in _same(accents):
            run = line[start:end]
            if accents[start]:
                self._bold((x, y), run, size, self.look.accent)
            else:
                self.draw.text((x, y), run, self.look.ink, font(size))
            x += font(size).getlength(run)

    def _verse(self, line: str, y: float) -> float:
        size = self._px(_VERSE)
        x = (self.width - font(size).getlength(line)) / 2
        self.draw.text((x, y + self._px(18)), line, self.look.ink, font(size))
        return y + size * 1.9

    def _table(self, y: float) -> float:
        rows = self.slide.table
        size, left = self._px(30), self._px(_MARGIN)
        row_height = self._px(74)
        width = self._text_width() * (1.0 if self.portrait else 0.8)
        column = width / len(rows[0])
        for row_number, row in enumerate(rows):
            for column_number, cell in enumerate(row):
                x, top = left + column * column_number, y + row_height * row_number
                box = (x, top, x + column, top + row_height)
                self.draw.rectangle(box, fill=_WHITE, outline=self.look.rule, width=self._px(2))
                self._cell(cell, box, size, head=row_number == 0 or column_number == 0)
        return y + row_height * len(rows) + self._px(24)

    def _cell(self, marked: str, box: Box, size: int, *, head: bool) -> None:
        text = marked.replace("*", "")
        colour = self.look.accent if marked != text else self.look.ink
        x = (box[0] + box[2] - font(size).getlength(text)) / 2
        y = (box[1] + box[3]) / 2 - size * 0.72
        if head:
            self._bold((x, y), text, size, colour)
        else:
            self.draw.text((x, y), text, colour, font(size))

    def _bold(self, at: tuple[float, float], text: str, size: int, colour: str) -> None:
        """The wheel has the regular weight alone; a stroke of a fortieth makes it bold."""
        stroke = max(1, round(size / 40))
        self.draw.text(at, text, colour, font(size), stroke_width=stroke, stroke_fill=colour)


def _accents(marked: str) -> list[bool]:
    """For each character without the asterisks, whether it stands between two."""
    accents, inside = [], False
    for character in marked:
        if character == "*":
            inside = not inside
        else:
            accents.append(inside)
    return accents


def _same(values: list[bool]) -> Iterator[tuple[int, int]]:
    """The runs of equal values, as (start, end)."""
    start = 0
    for at in range(1, len(values) + 1):
        if at == len(values) or values[at] != values[start]:
            yield start, at
            start = at
