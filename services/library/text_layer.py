"""The text layer of a page image: where its lines stand, and where searched words stand in them.

The layer's numbers are ten-thousandths of the page (see `tongke.documents.result.Page`); a page
draws in the pixels of its large picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from search import text as analysis
from services.library.in_document import words_of
from services.web import views

PARTS = 10_000
Size = tuple[int, int]


@dataclass(frozen=True)
class LayerLine:
    """`edges`: the left edge of each character, then the right edge of the last."""

    text: str
    box: tuple[int, int, int, int]
    edges: tuple[int, ...]

    def drawn(self, size: Size) -> views.Line:
        x, y, width, height = self.box
        return views.Line(self.text, _scaled(x, y, width, height, size))

    def part(self, start: int, end: int, size: Size) -> views.Box:
        """The box of some of its characters."""
        left, right = self.edges[start], self.edges[end]
        return _scaled(left, self.box[1], right - left, self.box[3], size)


Layer = list[LayerLine]


def read_lines(layer: dict[str, Any]) -> Layer:
    """The lines of a text layer as it is kept."""
    return [
        LayerLine(line["text"], tuple(line["box"]), tuple(line["edges"])) for line in layer["lines"]
    ]


def marks(layer: Layer, query: str, size: Size) -> Iterator[views.Box]:
    """Where the searched words stand, as far as a line holds them whole."""
    words = words_of(query)
    if not words:
        return
    for line in layer:
        folded, offsets = analysis.fold_with_offsets(line.text)
        for word in words:
            for match in word.whole.finditer(folded):
                start, end = (offsets[at] for at in match.span())
                if start < end < len(line.edges):
                    yield line.part(start, end, size)


def _scaled(x: int, y: int, width: int, height: int, size: Size) -> views.Box:
    across, down = size[0] / PARTS, size[1] / PARTS
    return views.Box(
        round(x * across, 1), round(y * down, 1), round(width * across, 1), round(height * down, 1)
    )
