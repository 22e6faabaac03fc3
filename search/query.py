"""The query language: what a person types, read into what is to be found.

- `有理数 加法`: both must occur. A Chinese word asks for its bigrams, so 「有理数加法」 also finds
  a text that has them in pieces; `"有理数的加法"` (any quotes) asks for it word for word.
- `-练习`: must not occur, word for word.
- `学科:数学`, `subject:数学` and so on: only these. See `FIELDS` for the names.
- 「七年级数学有理数」 is read as a grade, a subject and a topic. What was recognised becomes chips:
  they lift what has them, they do not filter. When everything was recognised, each chip must be
  met, by a document's facet or by its words. `literal` (只按原话搜) recognises nothing, and neither
  do quotes: a page takes one chip back by putting its spelling in quotes.

Nothing a person types is an error; what cannot be looked for is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from search import text as analysis

# Facets that a field may filter, and texts that it may search.
_FACET_FIELDS = {
    "kind": ("kind", "种类", "类型"),
    "stage": ("stage", "学段"),
    "grade": ("grade", "年级"),
    "subject": ("subject", "学科", "科目"),
    "edition": ("edition", "教材", "版本"),
    "unit": ("unit", "单元"),
    "school": ("school", "学校"),
    "year": ("year", "年份"),
}
_TEXT_FIELDS = {"author": ("author", "作者"), "title": ("title", "标题", "题目")}

# Name as typed -> name of the facet or text.
FIELDS: Mapping[str, str] = MappingProxyType(
    {
        spelling: name
        for name, spellings in (_FACET_FIELDS | _TEXT_FIELDS).items()
        for spelling in spellings
    }
)

# A pasted page is not a query; an engine's work grows with the words.
LONGEST_QUERY_CHARACTERS = 200
MOST_WORDS = 16

# A chip of one character would take every 「文」 and 「高」 apart.
SHORTEST_SPELLING = 2

_OPENING, _CLOSING = '"“„「『＂', '"”“」』＂'
_PIECE = re.compile(
    rf"""
    (?P<minus>[-－−](?=\S))?
    (?:(?P<field>{"|".join(sorted(FIELDS, key=len, reverse=True))})\s?[:：])?
    (?:[{_OPENING}](?P<quoted>[^{_CLOSING}]*)[{_CLOSING}]?|(?P<bare>[^\s{_OPENING}{_CLOSING}]+))
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Chip:
    """What was recognised in a query: `value` of `facet`, typed as `spelling`."""

    facet: str
    value: str
    spelling: str


@dataclass(frozen=True)
class Word:
    """One thing that must occur. `field` is None for anywhere, or `title` or `author`."""

    typed: str
    quoted: bool = False
    field: str | None = None

    @cached_property
    def terms(self) -> tuple[analysis.Term, ...]:
        if not self.quoted:
            return analysis.terms(self.typed)
        whole = analysis.phrase(self.typed)
        return (whole,) if whole else ()

    @cached_property
    def whole(self) -> re.Pattern[str]:
        """Finds the word in a folded text as it was typed."""
        found = analysis.pattern(self.typed)
        assert found is not None, "parse() drops words that hold nothing to look for"
        return found


@dataclass(frozen=True)
class Query:
    """A query as it was understood. Facet values within a facet are alternatives."""

    text: str = ""
    words: tuple[Word, ...] = ()
    excluded: tuple[Word, ...] = ()
    filters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    excluded_filters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    chips: tuple[Chip, ...] = ()

    @property
    def is_browsing(self) -> bool:
        """Whether there is nothing to rank by."""
        return not self.words and not self.chips


@dataclass(frozen=True)
class Vocabulary:
    """The names of facet values: facet -> {spelling: value}, handed in by the caller.

    A value may have many spellings (七年级, 初一, 7年级). The first facet that has one gets it.
    """

    spellings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @cached_property
    def _known(self) -> dict[str, Chip]:
        known: dict[str, Chip] = {}
        for facet, spellings in self.spellings.items():
            for spelling, value in spellings.items():
                folded = analysis.fold(spelling)
                if len(folded) >= SHORTEST_SPELLING:
                    known.setdefault(folded, Chip(facet, value, folded))
        return known

    @cached_property
    def _lengths(self) -> list[int]:
        return sorted({len(spelling) for spelling in self._known}, reverse=True)

    def names(self, facet: str) -> dict[str, list[str]]:
        """The spellings of each value of a facet."""
        names: dict[str, list[str]] = {}
        for spelling, value in self.spellings.get(facet, {}).items():
            names.setdefault(value, []).append(spelling)
        return names

    def value(self, facet: str, spelling: str) -> str:
        """The value that a spelling means in a facet; an unknown one stands for itself."""
        folded = analysis.fold(spelling)
        for known, value in self.spellings.get(facet, {}).items():
            if analysis.fold(known) == folded:
                return value
        return spelling

    def recognise(self, typed: str) -> tuple[list[Chip], str]:
        """The chips at both ends of a word, and what is left of it between them.

        Only whole names: 「十一年级」 is no 一年级 with a 十, so one character left over means that
        nothing was recognised.
        """
        rest = analysis.fold(typed)
        chips: list[Chip] = []
        while chip := self._at_start(rest):
            chips.append(chip)
            rest = rest[len(chip.spelling) :]
        while chip := self._at_end(rest):
            chips.append(chip)
            rest = rest[: -len(chip.spelling)]
        if not chips or len(rest) == 1:
            return [], typed
        return chips, rest

    def _at_start(self, rest: str) -> Chip | None:
        for length in self._lengths:
            chip = self._known.get(rest[:length])
            if chip and not _splits_a_word(rest, length):
                return chip
        return None

    def _at_end(self, rest: str) -> Chip | None:
        for length in self._lengths:
            chip = self._known.get(rest[-length:])
            if chip and not _splits_a_word(rest, len(rest) - length):
                return chip
        return None


def _splits_a_word(text: str, at: int) -> bool:
    """Whether a cut at `at` would take a number or a Latin word apart (2024 in 20245)."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if analysis.is_cjk(before) or analysis.is_cjk(after):
        return False
    return before.isdigit() == after.isdigit() and before.isalnum() and after.isalnum()


@dataclass
class _Reading:
    """A query while it is read."""

    vocabulary: Vocabulary
    literal: bool
    words: list[Word] = field(default_factory=list)
    excluded: list[Word] = field(default_factory=list)
    filters: dict[str, frozenset[str]] = field(default_factory=dict)
    excluded_filters: dict[str, frozenset[str]] = field(default_factory=dict)
    chips: list[Chip] = field(default_factory=list)

    def take(self, piece: re.Match[str]) -> None:
        quoted = piece["quoted"] is not None
        typed = piece["quoted"] if quoted else piece["bare"]
        if not analysis.phrase(typed):
            return
        name = FIELDS.get((piece["field"] or "").lower())
        if name in _FACET_FIELDS:
            self._filter(name, typed, excluded=piece["minus"] is not None)
        elif piece["minus"]:
            # Bigrams in pieces would leave out more than what was typed.
            self.excluded.append(Word(typed, quoted=True, field=name))
        elif quoted or name or self.literal:
            self.words.append(Word(typed, quoted=quoted, field=name))
        else:
            self._recognise(typed)

    def _filter(self, facet: str, typed: str, *, excluded: bool) -> None:
        filters = self.excluded_filters if excluded else self.filters
        value = self.vocabulary.value(facet, typed)
        filters[facet] = filters.get(facet, frozenset()) | {value}

    def _recognise(self, typed: str) -> None:
        chips, rest = self.vocabulary.recognise(typed)
        self.chips.extend(chips)
        if analysis.phrase(rest):
            self.words.append(Word(rest))


def parse(text: str, vocabulary: Vocabulary | None = None, *, literal: bool = False) -> Query:
    """Read what a person typed. Never raises."""
    reading = _Reading(vocabulary or Vocabulary(), literal)
    for piece in _PIECE.finditer(text[:LONGEST_QUERY_CHARACTERS]):
        reading.take(piece)
    return Query(
        text=text,
        words=tuple(dict.fromkeys(reading.words))[:MOST_WORDS],
        excluded=tuple(dict.fromkeys(reading.excluded))[:MOST_WORDS],
        filters=reading.filters,
        excluded_filters=reading.excluded_filters,
        chips=tuple(dict.fromkeys(reading.chips))[:MOST_WORDS],
    )
