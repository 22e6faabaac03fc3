"""Plain text as HTML: one paragraph a line, its structure taken from its words."""

from __future__ import annotations

from html import escape

from tongke.documents import structure
from tongke.documents.structure import Mark, Part

# A title stands within the first lines, above it at most the school's name and the 文号.
_TITLE_WITHIN_LINES = 4
_MAX_TITLE_CHARACTERS = 40
_SENTENCE_SIGNS = "。；;，,：:、！!？?"
# 发文字号, such as 橘中发〔2026〕14 号.
_DOCUMENT_NUMBER = ("〔", "[", "【")


def to_html(text: str) -> str:
    """Unsanitised HTML of a decoded text."""
    lines = [line.strip() for line in text.splitlines()]
    title = _title_index(lines)
    return "".join(
        f"<h1>{escape(structure.close_up(line))}</h1>" if index == title else block(line)
        for index, line in enumerate(lines)
        if line
    )


def block(line: str) -> str:
    """One line as a heading, an article or a paragraph."""
    found = structure.mark(line)
    if found is None:
        return f"<p>{escape(line)}</p>"
    if found.part is Part.ARTICLE:
        return f'<p class="article"><b>{escape(found.number)}</b>　{escape(found.rest)}</p>'
    return heading(found)


def heading(found: Mark) -> str:
    tag = structure.HEADING_TAGS[found.part]
    css = ' class="chapter"' if tag == "h2" else ""
    return f"<{tag}{css}>{escape(structure.heading_text(found))}</{tag}>"


def _title_index(lines: list[str]) -> int | None:
    """The line that is the title: the longest of the short lines before the text begins."""
    candidates: list[int] = []
    for index, line in enumerate(lines):
        if not line:
            continue
        if not _may_be_title(line) or len(candidates) == _TITLE_WITHIN_LINES:
            break
        candidates.append(index)
    named = [i for i in candidates if not any(sign in lines[i] for sign in _DOCUMENT_NUMBER)]
    return max(named, key=lambda index: len(lines[index]), default=None)


def _may_be_title(line: str) -> bool:
    short = len(line) <= _MAX_TITLE_CHARACTERS
    return short and not line.endswith(tuple(_SENTENCE_SIGNS)) and structure.mark(line) is None
