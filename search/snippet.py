"""Marks in titles, and the line of a text that shows why it was found.

Marks are data (`Run`), never markup: the page that shows them escapes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, takewhile

from search import text as analysis
from search.index import Run
from search.query import Word

# One line on the library page (look.md), in characters.
SNIPPET_CHARACTERS = 72
# What stands before the first mark, so that it can be understood.
LEAD_CHARACTERS = 14
# How far into a text a match is looked for: a lesson's transcript is about half of it.
SCANNED_CHARACTERS = 30_000
# A word in every line needs no complete list.
MOST_MATCHES = 50

_ELLIPSIS = "……"
_SPACES = re.compile(r"\s+")

Span = tuple[int, int]


def _occurrences(word: Word, folded: str) -> Iterator[Span]:
    """Where a word stands, as typed if it does, else in its pieces."""
    found = False
    for match in word.whole.finditer(folded):
        found = True
        yield match.span()
    if found or word.quoted:
        return
    for term in word.terms:
        pattern = analysis.pattern(" ".join(term.tokens))
        if pattern:
            yield from (match.span() for match in pattern.finditer(folded))


def _spans(words: Sequence[Word], folded: str) -> list[tuple[Span, int]]:
    """Spans in a folded text, each with the number of its word, in their order."""
    found: list[tuple[Span, int]] = []
    for number, word in enumerate(words):
        for count, span in enumerate(_occurrences(word, folded)):
            if count == MOST_MATCHES:
                break
            found.append((span, number))
    return sorted(found)


def _merged(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _runs(text: str, spans: Sequence[Span]) -> Iterator[Run]:
    at = 0
    for start, end in spans:
        if start > at:
            yield Run(text[at:start])
        if end > start:
            yield Run(text[start:end], marked=True)
        at = end
    if at < len(text):
        yield Run(text[at:])


def mark(text: str, words: Sequence[Word]) -> tuple[Run, ...]:
    """A whole text with what was found in it marked."""
    folded, offsets = analysis.fold_with_offsets(text)
    spans = _merged([span for span, _ in _spans(words, folded)])
    return tuple(_runs(text, [(offsets[start], offsets[end]) for start, end in spans]))


def _best_start(spans: Sequence[tuple[Span, int]]) -> int:
    """Where the window begins that shows the most of the words, the first such one."""

    def worth(first: int) -> int:
        limit = spans[first][0][0] + SNIPPET_CHARACTERS - LEAD_CHARACTERS
        near = takewhile(lambda found: found[0][0] < limit, islice(spans, first, None))
        return len({number for (_, end), number in near if end <= limit})

    best = max(range(len(spans)), key=worth)
    return spans[best][0][0]


def snippet(text: str, words: Sequence[Word]) -> tuple[Run, ...]:
    """The line of a text around what was found in it, or its beginning."""
    scanned = text[:SCANNED_CHARACTERS]
    folded, offsets = analysis.fold_with_offsets(scanned)
    spans = _spans([word for word in words if word.field is None], folded)
    start = offsets[max(0, _best_start(spans) - LEAD_CHARACTERS)] if spans else 0
    cut = _SPACES.sub(" ", scanned[start : start + SNIPPET_CHARACTERS]).strip()
    runs = mark(cut, words) if spans else tuple(_runs(cut, ()))
    before = (Run(_ELLIPSIS),) if start else ()
    after = (Run(_ELLIPSIS),) if start + SNIPPET_CHARACTERS < len(text) else ()
    return (*before, *runs, *after)
