"""The order of hits, the same for every engine.

An engine finds the set and its first 100, in `stage` order, and this ranks them. A score depends
on the query and the document alone. There is deliberately no inverse document frequency in it:

- documents that a viewer may not see would move her results, and so show;
- two engines, or two shards of one, count differently and would disagree;
- a document that comes in would move the others under a cursor.

In a set where every document has every word, it says little anyway. What is left of BM25 is the
saturation of term frequency, with the title weighted above the text, as one would with its fields.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from search import text as analysis
from search.query import Query, Word

# How many of a set are ranked. The rest follow in stage order: few turn to page six. With 200 the
# known item stood no higher (bench.search), and a search took a third longer on either engine.
RANKED = 100

# How much of a text takes part, in characters: its opening says what it is about, and reading
# 100 whole texts would cost more than finding them.
OPENING_CHARACTERS = 2000

# A word in the title says what a document is; in a name or in the text, what it mentions.
_TITLE, _NAMES, _TEXT = 3.0, 1.0, 1.0
# The title is the query: somebody looks for this very one.
_EXACT = 2.0
# Among titles that have the words, those that have little else.
_COVERAGE = 1.5
# A chip lifts a document over one with a better text, not over one with a better title.
_CHIP = 1.0
# A word in pieces counts half of the word as typed.
_PIECES = 0.5
# BM25's k1: the third mention says less than the first.
_SATURATION = 1.2
# A tie-break: ten years weigh as much as one mention in the text.
_PER_YEAR = 0.05
_SECONDS_PER_YEAR = 365.25 * 24 * 3600


class Candidate(NamedTuple):
    """A document to be ranked. Texts are folded; `published` is in seconds since 1970."""

    id: int
    title: str
    names: str
    opening: str
    chips: int
    published: int


def stage(in_title: bool, chips: int) -> int:
    """The coarse order in which a set is cut to the first 100; newest first within a stage."""
    return int(_TITLE) * in_title + int(_CHIP) * chips


class Ranking:
    """How well documents answer one query: what is the same for all of them is made once."""

    def __init__(self, query: Query) -> None:
        words = query.words or tuple(Word(chip.spelling) for chip in query.chips)
        self._words = [_Asked(word) for word in words]

    def score(self, candidate: Candidate) -> float:
        """Rounded, so that all machines agree on ties."""
        found = sum(word.score(candidate) for word in self._words) / max(1, len(self._words))
        found += self._title_score(candidate.title)
        found += _CHIP * candidate.chips
        return round(found + _PER_YEAR * candidate.published / _SECONDS_PER_YEAR, 6)

    def _title_score(self, title: str) -> float:
        matched = sum(word.whole.length_in(title) for word in self._words)
        if not matched:
            return 0.0
        length = sum(map(str.isalnum, title))
        if not length:
            return 0.0
        return _EXACT * (matched >= length) + _COVERAGE * min(1.0, matched / length)


class _Literal:
    """A piece of Chinese, looked for as it stands: three times as fast as by a pattern."""

    def __init__(self, text: str) -> None:
        self._text = text

    def is_in(self, text: str) -> bool:
        return self._text in text

    def count(self, text: str) -> int:
        return text.count(self._text)

    def length_in(self, text: str) -> int:
        """How many characters of a text it is; 0 where it is not in it."""
        return len(self._text) if self._text in text else 0


class _Pattern:
    """What has letters, digits or marks in it."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern

    def is_in(self, text: str) -> bool:
        return self._pattern.search(text) is not None

    def count(self, text: str) -> int:
        return len(self._pattern.findall(text))

    def length_in(self, text: str) -> int:
        found = self._pattern.search(text)
        return found.end() - found.start() if found else 0


def _ready(text: str, pattern: re.Pattern[str]) -> _Literal | _Pattern:
    literal = analysis.literal(text)
    return _Pattern(pattern) if literal is None else _Literal(literal)


class _Asked:
    """A word of a query, ready to be looked for in many texts."""

    def __init__(self, word: Word) -> None:
        self.whole = _ready(word.typed, word.whole)
        pieces = [" ".join(term.tokens) for term in word.terms]
        self._pieces = [
            _ready(piece, found) for piece in pieces if (found := analysis.pattern(piece))
        ]

    def score(self, candidate: Candidate) -> float:
        score = _TITLE * self._share(candidate.title)
        score += _NAMES * self._share(candidate.names)
        return score + _TEXT * self._mentions(candidate.opening)

    def _share(self, text: str) -> float:
        """How much of the word a text has, from 0 to 1."""
        return 1.0 if self.whole.is_in(text) else self._share_in_pieces(text)

    def _share_in_pieces(self, text: str) -> float:
        pieces = self._pieces
        if len(pieces) < 2:
            return 0.0
        return _PIECES * sum([piece.is_in(text) for piece in pieces]) / len(pieces)

    def _mentions(self, text: str) -> float:
        times = self.whole.count(text)
        if not times:
            return self._share_in_pieces(text) / (1 + _SATURATION)
        return times / (times + _SATURATION)
