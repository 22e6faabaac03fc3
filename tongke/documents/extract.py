"""What a document says: text cleaned for the index, its sections, its language, its title.

The text is taken from the HTML that the page shows (or from the text layer of its pages), so a
hit of the search is always something that the reader can see. Pure: values in, values out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import PurePath
from typing import NamedTuple

from tongke.documents import structure
from tongke.documents.limits import MAX_TEXT_CHARACTERS
from tongke.documents.result import Section

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | {"p", "li", "tr", "table", "ul", "ol", "section", "aside", "figure", "div"}
# Zero-width signs and soft hyphens break a word in two; U+FFFE and U+0002 are how PDFium shows a
# hyphen at the end of a line.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000e-\u001f\u007f\u00ad\u200b-\u200f\u2060\ufeff\ufffe\uffff]"
)
_BLANKS = re.compile(r"[ \t\u00a0\u3000]+")
# Fonts of PDFs made by Word map common characters to their twins among the Kangxi radicals.
_RADICALS = re.compile("[\u2f00-\u2fd5]")
PAGE_NUMBER = re.compile(r"^[-—–\s]*(第?\s*\d+\s*页?)(\s*[/，,]?\s*共?\s*\d+\s*页?)?[-—–\s]*$")
_HAN = re.compile("[\u3400-\u9fff]")
_LATIN = re.compile("[A-Za-z]")
# A formula with a few letters is no English text.
_LANGUAGE_CHARACTERS = 20
_MAX_TITLE_CHARACTERS = 60
_SENTENCE_ENDS = ("。", "；", "：", "！", "？", "”", "）")
# Justified lines end up to two characters short.
_FULL_LINE = 0.95
# What programs write as the title of a file that has none.
_NO_TITLE = re.compile(
    r"^(untitled|未命名|无标题|新建.*|文档\s?\d*|document\d*|presentation\d*|"
    r"powerpoint (演示文稿|presentation)|microsoft (word|powerpoint) - .*|.*\.\w{2,4})$",
    re.I,
)


def clean(text: str) -> str:
    """Text fit for the index: no invisible signs, single spaces, no blank lines."""
    text = _RADICALS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    text = _INVISIBLE.sub("", text)
    lines = (_BLANKS.sub(" ", line).strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def join(sections: Iterable[Section]) -> tuple[str, bool]:
    """The whole text, and whether it had to be cut to MAX_TEXT_CHARACTERS.

    A sentence that goes on over the end of a page is not broken there.
    """
    whole = ""
    for section in sections:
        text = "\n".join(filter(None, (section.heading, section.text)))
        goes_on = section.page is not None and not section.heading and _is_open(whole, text)
        whole += (glue(whole, text) if goes_on else "\n") + text
    whole = whole.lstrip("\n")
    return whole[:MAX_TEXT_CHARACTERS], len(whole) > MAX_TEXT_CHARACTERS


def _is_open(before: str, after: str) -> bool:
    return not before.endswith(_SENTENCE_ENDS) and structure.mark(after.split("\n", 1)[0]) is None


def sections_of(html: str) -> tuple[Section, ...]:
    """The sections of sanitised HTML, cut at its headings; text before the first has no anchor."""
    reader = _Sections()
    reader.feed(html)
    reader.close()
    return reader.sections()


def language_of(text: str) -> str | None:
    """`zh` or `en`, by the letters; None when there are too few to tell."""
    sample = text[: MAX_TEXT_CHARACTERS // 10]
    han, latin = len(_HAN.findall(sample)), len(_LATIN.findall(sample))
    if han + latin < _LANGUAGE_CHARACTERS:
        return None
    # An English word has five letters, so they count a fifth.
    return "zh" if han >= latin / 5 else "en"


def title_of(candidates: Iterable[str | None], filename: str) -> str:
    """The first candidate that is a title, else the name of the file without its suffix."""
    for candidate in candidates:
        title = clean(candidate or "").replace("\n", "")
        if 0 < len(title) <= _MAX_TITLE_CHARACTERS and not _NO_TITLE.match(title):
            return title
    return PurePath(filename).stem


class Printed(NamedTuple):
    """A printed line with its left and right edge, in any one unit."""

    text: str
    left: float
    right: float


def paragraphs(lines: Iterable[Printed]) -> list[str]:
    """Paragraphs from the printed lines of a page.

    A line that fills its measure goes on in the next, unless that begins a numbered part; a full
    line that begins so in the middle of a sentence does not (七、八年级). Chinese
    is joined without a space, or a word broken over two lines would not be found.
    """
    kept = _without_page_number(list(lines))
    left = min((line.left for line in kept), default=0.0)
    right = max((line.right for line in kept), default=0.0)
    out: list[str] = []
    goes_on = False
    for line in kept:
        full = _is_full(line, left, right)
        ended = not full or (out and out[-1].endswith(_SENTENCE_ENDS))
        if goes_on and not (ended and structure.mark(line.text)):
            out[-1] += glue(out[-1], line.text) + line.text
        else:
            out.append(line.text)
        goes_on = full
    return [paragraph for text in out if (paragraph := clean(text).replace("\n", " "))]


def _is_full(line: Printed, left: float, right: float) -> bool:
    """The last cell of a row reaches the margin too, but is short."""
    reaches = line.right - left >= (right - left) * _FULL_LINE
    return reaches and line.right - line.left >= (right - left) / 2


def _without_page_number(lines: list[Printed]) -> list[Printed]:
    """A number alone is the page's only at its head or foot; elsewhere it is a cell of a table."""
    if lines and PAGE_NUMBER.match(lines[-1].text):
        return lines[:-1]
    return lines[1:] if lines and PAGE_NUMBER.match(lines[0].text) else lines


def glue(before: str, after: str) -> str:
    """A space between two lines of one paragraph, except where either side is Chinese."""
    return " " if before[-1:].isascii() and after[:1].isascii() else ""


class _Sections(HTMLParser):
    """Collects text by heading. The HTML is our own, so nesting is not checked."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._done: list[Section] = []
        self._anchor = ""
        self._heading = ""
        self._text: list[str] = []
        self._in_heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HEADINGS:
            self._close_section()
            self._anchor = dict(attrs).get("id") or ""
            self._in_heading = True
        elif tag in _BLOCKS or tag == "br":
            self._text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HEADINGS:
            self._in_heading = False
        elif tag in ("td", "th"):
            self._text.append(" ")
        elif tag in _BLOCKS:
            self._text.append("\n")

    def handle_data(self, data: str) -> None:
        if self._in_heading:
            self._heading += data
        else:
            self._text.append(data)

    def sections(self) -> tuple[Section, ...]:
        self._close_section()
        return tuple(self._done)

    def _close_section(self) -> None:
        heading, text = clean(self._heading).replace("\n", " "), clean("".join(self._text))
        if heading or text:
            self._done.append(Section(self._anchor, heading, text))
        self._anchor, self._heading, self._text = "", "", []
