"""What reading a document gives: plain values that cross a pipe as JSON and are stored as they are.

Files are named relative to the output folder, so that the caller may put them anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydantic import TypeAdapter


class DocumentKind(StrEnum):
    """What a file is by its content; a file converted from an old format keeps the old one."""

    PDF = "pdf"
    WORD = "docx"
    SLIDES = "pptx"
    PLAIN = "txt"
    OLD_WORD = "doc"
    OLD_SLIDES = "ppt"


class Caveat(StrEnum):
    """What was left out or is doubtful; the face has the words."""

    NO_TEXT = "no-text"  # pages of pictures only: found by title, not by its words
    TEXT_CUT = "text-cut"
    IMAGES_LEFT_OUT = "images-left-out"
    NOT_DRAWN = "not-drawn"  # slides that LibreOffice could not draw: their text is shown


@dataclass(frozen=True)
class OutlineEntry:
    """A line of the contents list. `level` counts from 1; `anchor` is an id in the HTML, or
    `page-3` for page images."""

    level: int
    text: str
    anchor: str
    page: int | None = None


@dataclass(frozen=True)
class Section:
    """A run of text under one heading, slide or page: what a search hit can lead to."""

    anchor: str
    heading: str
    text: str
    page: int | None = None


@dataclass(frozen=True)
class PageImage:
    """A picture of a page in one of its widths (pixels)."""

    name: str
    width: int
    height: int


@dataclass(frozen=True)
class Page:
    """One page as pictures, smallest first, and the name of its text layer. The third picture is of
    a page that is wider than it is high.

    The text layer is JSON: `{"lines": [{"box": [x, y, width, height], "text": str, "edges":
    [int, …]}]}`. All numbers are ten-thousandths: of the page's width for x, width and edges, of
    its height for y and height, from the top left. `edges` has the left edge of each character
    of `text`, then the right edge of the last. Characters are code points.
    """

    number: int
    images: tuple[PageImage, ...]
    text_layer: str


@dataclass(frozen=True)
class DocumentResult:
    """A document, read.

    kind: by content. title: a guess, never empty. language: `zh`, `en` or None. pages: pages or
    slides, 0 for a flowing text. text: everything, cleaned for the index. html: name of the
    sanitised HTML, or None where `page_images` show the document. media: names of the
    pictures the HTML refers to as `media/…`. poster: the first page for a list, where there are
    pages. clean_copy: the document to take along, without the names of people in its properties.
    """

    kind: DocumentKind
    title: str
    language: str | None
    pages: int
    text: str
    sections: tuple[Section, ...]
    outline: tuple[OutlineEntry, ...]
    clean_copy: str
    html: str | None = None
    media: tuple[str, ...] = ()
    page_images: tuple[Page, ...] = ()
    poster: PageImage | None = None
    warnings: tuple[Caveat, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """The names of all files made, for whoever stores them."""
        pages = [
            name
            for page in self.page_images
            for name in (*(image.name for image in page.images), page.text_layer)
        ]
        html = [self.html] if self.html else []
        poster = [self.poster.name] if self.poster else []
        return (self.clean_copy, *html, *self.media, *pages, *poster)

    def to_json(self) -> bytes:
        return _ADAPTER.dump_json(self)

    @staticmethod
    def from_json(data: bytes) -> DocumentResult:
        return _ADAPTER.validate_json(data)


_ADAPTER = TypeAdapter(DocumentResult)
