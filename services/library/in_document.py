"""Searching within one document: where the words stand, and the words marked in its HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from html import escape, unescape
from typing import Any

from search import query as query_language
from search import text as analysis
from search.snippet import mark, snippet
from services.library.recognition import VOCABULARY
from services.web import views

_TAG = re.compile(r"(<[^>]*>)")
# What a line of context is taken from.
_AROUND = 200
# No paragraph that somebody wrote to be read is as long; marking takes a list of its characters.
_LONGEST_MARKED = 100_000


def words_of(query: str) -> tuple[query_language.Word, ...]:
    """What is looked for, each word as it was typed: a reader who knows the words expects a find
    as in an editor, and no pieces of them elsewhere."""
    found = query_language.parse(query, VOCABULARY, literal=True).words
    return tuple(replace(word, quoted=True) for word in found)


def find_in_sections(sections: Iterable[dict[str, Any]], query: str) -> Iterator[views.Found]:
    """The sections that have a searched word, each with the line around it.

    `sections` as `tongke.documents.result.Section` is kept: anchor, heading, text, page.
    """
    words = words_of(query)
    if not words:
        return
    for section in sections:
        text = f"{section['heading']} {section['text']}".strip()
        at = _first(text, words)
        if at is not None:
            yield views.Found(
                tuple(snippet(text[max(0, at - _AROUND) : at + _AROUND], words)),
                section["anchor"],
                section["page"],
                _hits(section["text"], words),
            )


def mark_html(html: str, query: str) -> str:
    """Clean HTML with the searched words marked; tags and entities stay whole."""
    words = words_of(query)
    if not words:
        return html
    pieces = _TAG.split(html)
    return "".join(
        piece if piece.startswith("<") or len(piece) > _LONGEST_MARKED else _marked(piece, words)
        for piece in pieces
        if piece
    )


def _first(text: str, words: Iterable[query_language.Word]) -> int | None:
    """Where the first of the words stands."""
    folded = analysis.fold(text)
    found = [match.start() for word in words if (match := word.whole.search(folded))]
    return analysis.fold_with_offsets(text)[1][min(found)] if found else None


def _hits(text: str, words: Iterable[query_language.Word]) -> int:
    """How often the words stand in a section. A heading that has them is one place by itself, and
    the text under it may say it again, so of a heading alone the section is the one place."""
    folded = analysis.fold(text)
    return max(1, sum(1 for word in words for _ in word.whole.finditer(folded)))


def _marked(text: str, words: tuple[query_language.Word, ...]) -> str:
    return "".join(
        f"<mark>{escape(run.text)}</mark>" if run.marked else escape(run.text)
        for run in mark(unescape(text), words)
    )
