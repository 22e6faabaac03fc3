"""PDF pages as pictures with a text layer, through PDFium.

Pictures and not PDF.js: a classroom PC of 2012 with Chromium 86 shows a picture at once, and a
thin line loads only the pages that are read. WebP at these settings is half of JPEG for a page of
Chinese text; two widths, for a phone and for a screen, and of a slide a third for a classroom's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium_c
from PIL import Image

from tongke.documents import extract, markup, structure, textlayer
from tongke.documents.errors import DamagedDocument, EncryptedDocument, TooManyPages
from tongke.documents.limits import MAX_PAGES
from tongke.documents.result import Caveat, OutlineEntry, Page, PageImage, Section
from tongke.documents.structure import Part
from tongke.documents.textlayer import Line

# The phone's column at twice its density; the reading column of a 1366 px screen at 1.6 times.
WIDTHS_PX = (800, 1600)
# A slide on a classroom's 4K panel has 2844 px there, and on a whole screen of 1920 px those; an
# upright page has less than 1600 on either. A slide of text is 25 kB at 1600 px, 38 at 2560 and 81
# at 3840 (a photograph over all of it 127, 313 and 487), and takes 0.05, 0.09 and 0.2 s to draw and
# to write. 3840 px take more than twice as long to decode as 2560, on a PC that decodes the lesson.
WIDE_PX = 2560
# Of the first page, for a list of resources: a third of the bytes of the phone's page.
POSTER_PX = 400
POSTER = "poster.webp"
# A banner or a long picture is drawn smaller rather than taller than this.
MAX_HEIGHT_PX = 6400
# Chosen by eye on Song type at 800 px: above it only the bytes grow.
QUALITY = 70
# 2 is the knee: half the bytes of 0 in the same time, and 4 takes twice as long for 3 % less.
METHOD = 2
# What a slide is headed is short, and broken over two lines at most.
SLIDE_HEADING_CHARACTERS = 40
SLIDE_HEADING_LINES = 2

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Pages:
    """What was made of a PDF."""

    pages: tuple[Page, ...]
    poster: PageImage
    sections: tuple[Section, ...]
    outline: tuple[OutlineEntry, ...]
    titles: tuple[str, ...]
    caveats: frozenset[Caveat]


def draw(path: Path, folder: Path, on_progress: Progress) -> Pages:
    """Draws every page of the PDF at `path` into `folder`. Raises the refusals of `errors`."""
    with _opened(path) as document:
        total = len(document)
        if total > MAX_PAGES:
            raise TooManyPages(pages=total, limit=MAX_PAGES)
        if total == 0:
            raise DamagedDocument(detail="no pages")
        pages, texts, cut, first = [], [], False, ""
        slides: list[str] = []
        for number in range(1, total + 1):
            page, lines, was_cut = _draw_page(document, number, folder)
            pages.append(page)
            texts.append(_paragraphs(lines))
            first = first or _joined(_largest(lines))
            slides.append(_slide_heading(lines))
            cut = cut or was_cut
            on_progress(number, total)
        outline = _bookmarks(document) or _headings_of_slides(pages, slides) or headings(texts)
        titles = (_metadata_title(document), first)
    caveats = {Caveat.TEXT_CUT} if cut else set()
    if not any(texts):
        caveats.add(Caveat.NO_TEXT)
    poster = _poster(folder / pages[0].images[0].name)
    return Pages(tuple(pages), poster, _sections(texts), outline, titles, frozenset(caveats))


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium_c.FPDF_ERR_PASSWORD:
            raise EncryptedDocument from error
        raise DamagedDocument(detail=str(error)) from error
    try:
        document.init_forms()
        yield document
    except pypdfium2.PdfiumError as error:
        raise DamagedDocument(detail=str(error)) from error
    finally:
        document.close()


def _draw_page(document: Any, number: int, folder: Path) -> tuple[Page, list[Line], bool]:
    page = document[number - 1]
    text_page = page.get_textpage()
    try:
        lines, cut = textlayer.lines_of(page, text_page)
        images = _draw_images(page, number, folder)
    finally:
        text_page.close()
        page.close()
    name = f"page-{number:04d}.json"
    layer = {"lines": [line.to_json() for line in lines]}
    (folder / name).write_text(
        json.dumps(layer, ensure_ascii=False, separators=(",", ":")), encoding="utf-8"
    )
    return Page(number, images, name), lines, cut


def _draw_images(page: Any, number: int, folder: Path) -> tuple[PageImage, ...]:
    """The largest is drawn, the others are made from it: drawing costs, scaling does not."""
    width, height = page.get_size()
    widths = (*WIDTHS_PX, WIDE_PX) if width > height else WIDTHS_PX
    scale = min(widths[-1] / max(width, 1), MAX_HEIGHT_PX / max(height, 1))
    picture = page.render(scale=scale).to_pil().convert("RGB")
    return tuple(_save(picture, each, each / widths[-1], number, folder) for each in widths)


def _save(picture: Image.Image, wanted: int, share: float, number: int, folder: Path) -> PageImage:
    width = max(1, round(picture.width * share))
    height = max(1, round(picture.height * share))
    sized = picture
    if width != picture.width:
        sized = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
    name = f"page-{number:04d}-{wanted}.webp"
    sized.save(folder / name, "WEBP", quality=QUALITY, method=METHOD)
    return PageImage(name, sized.width, sized.height)


def _poster(page: Path) -> PageImage:
    """The page small, beside it."""
    with Image.open(page) as picture:
        width = min(POSTER_PX, picture.width)
        height = max(1, round(picture.height * width / picture.width))
        sized = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
    sized.save(page.with_name(POSTER), "WEBP", quality=QUALITY, method=METHOD)
    return PageImage(POSTER, sized.width, sized.height)


def anchor(number: int) -> str:
    """The anchor of page `number`, counted from 1."""
    return f"page-{number}"


def _paragraphs(lines: list[Line]) -> list[str]:
    return extract.paragraphs(extract.Printed(line.text, line.left, line.right) for line in lines)


def _sections(texts: list[list[str]]) -> tuple[Section, ...]:
    return tuple(
        Section(anchor(number), "", "\n".join(paragraphs), number)
        for number, paragraphs in enumerate(texts, start=1)
        if paragraphs
    )


def _bookmarks(document: Any) -> tuple[OutlineEntry, ...]:
    entries = []
    for bookmark in document.get_toc():
        destination = bookmark.get_dest()
        index = destination.get_index() if destination else None
        title = extract.clean(bookmark.get_title()).replace("\n", " ")
        if index is not None and title:
            entries.append(OutlineEntry(bookmark.level + 1, title, anchor(index + 1), index + 1))
    return tuple(entries)


def headings(texts: list[list[str]]) -> tuple[OutlineEntry, ...]:
    """The outline of a PDF without bookmarks, from the numbered headings in its paragraphs."""
    found: list[tuple[int, str, str]] = []
    for number, paragraphs in enumerate(texts, start=1):
        for marked in filter(None, map(structure.mark, paragraphs)):
            if marked.part is not Part.ARTICLE:
                level = int(structure.HEADING_TAGS[marked.part][1])
                found.append((level, structure.heading_text(marked), anchor(number)))
    return tuple(
        OutlineEntry(entry.level, entry.text, entry.anchor, int(entry.anchor.split("-")[1]))
        for entry in markup.outline(found)
    )


def _headings_of_slides(pages: list[Page], slides: list[str]) -> tuple[OutlineEntry, ...]:
    """The outline of pages that all lie on their side. A paper with a wide table is not meant."""
    if any(page.images[0].width <= page.images[0].height for page in pages):
        return ()
    return tuple(
        OutlineEntry(1, text, anchor(number), number)
        for number, text in enumerate(slides, start=1)
        if text
    )


def _slide_heading(lines: list[Line]) -> str:
    """What stands on a slide in the largest type; empty where that is no heading: all of the page
    is in one type, or that is a number, a formula, a whole text."""
    worded = [line for line in lines if not extract.PAGE_NUMBER.match(line.text)]
    largest = _largest(worded)
    text = extract.clean(_joined(largest)).replace("\n", " ")
    alone = len(largest) == len(worded) > 1
    if alone or len(largest) > SLIDE_HEADING_LINES or len(text) > SLIDE_HEADING_CHARACTERS:
        return ""
    return text if any(map(str.isalpha, text)) else ""


def _metadata_title(document: Any) -> str:
    title: str = document.get_metadata_value("Title")
    return title


def _largest(lines: list[Line]) -> list[Line]:
    """The lines in the largest type of a page, which is how a title is set."""
    size = max((line.height for line in lines), default=0)
    return [line for line in lines if line.height >= size * 0.95]


def _joined(lines: list[Line]) -> str:
    text = ""
    for line in lines:
        text += extract.glue(text, line.text) + line.text
    return text
