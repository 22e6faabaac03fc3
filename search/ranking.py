"""The order of hits, the same for every engine.

An engine finds the set and its first 200, in `stage` order, and this ranks them. A score depends
on the query and the document alone. There is deliberately no inverse document frequency in it:

- documents that a viewer may not see would move her results, and so show;
- two engines, or two shards of one, count differently and would disagree;
- a document that comes in would move the others under a cursor.

In a set where every document has every word, it says little anyway. What is left of BM25 is the
saturation of term frequency, with the title weighted above the text, as one would with its fields.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from search import text as analysis
from search.query import Query, Word

# How many of a set are ranked. The rest follow in stage order: nobody turns to page eleven.
RANKED = 200

# How much of a text takes part, in characters: its opening says what it is about, and reading
# 200 whole texts would cost more than finding them.
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


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document to be ranked. Texts are folded; `published` is in seconds since 1970."""

    id: int
    title: str
    names: str
    opening: str
    chips: int
    published: int


def stage(in_title: bool, chips: int) -> int:
    """The coarse order in which a set is cut to the first 200; newest first within a stage."""
    return int(_TITLE) * in_title + int(_CHIP) * chips


@lru_cache(maxsize=1024)
def _pieces(word: Word) -> list[re.Pattern[str]]:
    """A pattern for each term of a word."""
    found = (analysis.pattern(" ".join(term.tokens)) for term in word.terms)
    return [pattern for pattern in found if pattern]


def _share(word: Word, text: str) -> float:
    """How much of a word a text has, from 0 to 1."""
    if word.whole.search(text):
        return 1.0
    pieces = _pieces(word)
    if len(pieces) < 2:
        return 0.0
    return _PIECES * sum(1 for piece in pieces if piece.search(text)) / len(pieces)


def _mentions(word: Word, text: str) -> float:
    times = sum(1 for _ in word.whole.finditer(text))
    if not times:
        return _share(word, text) / (1 + _SATURATION)
    return times / (times + _SATURATION)


def _word_score(word: Word, candidate: Candidate) -> float:
    score = _TITLE * _share(word, candidate.title)
    score += _NAMES * _share(word, candidate.names)
    return score + _TEXT * _mentions(word, candidate.opening)


def _title_score(words: Sequence[Word], title: str) -> float:
    matched = sum(len(found.group()) for word in words if (found := word.whole.search(title)))
    length = sum(1 for character in title if character.isalnum())
    if not matched or not length:
        return 0.0
    return _EXACT * (matched >= length) + _COVERAGE * min(1.0, matched / length)


def score(query: Query, candidate: Candidate) -> float:
    """How well a document answers a query. Rounded, so that all machines agree on ties."""
    words = query.words or tuple(Word(chip.spelling) for chip in query.chips)
    found = sum(_word_score(word, candidate) for word in words) / max(1, len(words))
    found += _title_score(words, candidate.title)
    found += _CHIP * candidate.chips
    return round(found + _PER_YEAR * candidate.published / _SECONDS_PER_YEAR, 6)
