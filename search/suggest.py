"""What completes a query while it is typed: which values and titles fit, and in which order."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from search import sounds
from search import text as analysis
from search.index import Run, Suggestion
from search.query import Vocabulary

# Facets whose values are names that people type. Numbers of pairings and years are not.
SUGGESTED_FACETS = ("kind", "subject", "grade", "edition", "unit", "school")

# Titles repeat (every school has a 5.3), so more are looked at than are shown.
TITLES_LOOKED_AT = 4

# Far above the schools of a province with their units and editions.
_KNOWN_NAMES = 16_384


@dataclass(frozen=True)
class Prefix:
    """One call of `SearchIndex.suggest`."""

    typed: str
    tokens: Collection[str]
    limit: int
    vocabulary: Vocabulary


@lru_cache(maxsize=_KNOWN_NAMES)
def _keys(name: str) -> tuple[str, str, str]:
    """A name folded, and its keys by sound, each after a line break: one search finds any."""
    full, initials = sounds.full_keys(name), sounds.initial_keys(name)
    return analysis.fold(name), _lines(full), _lines(initials)


def _lines(keys: Iterable[str]) -> str:
    return "".join(f"\n{key}" for key in keys)


class _Fit:
    """How well names fit what is being typed."""

    def __init__(self, typed: str) -> None:
        self._prefix = analysis.fold(typed).strip()
        letters = sounds.typed_letters(typed)
        self._heard = letters is not None
        self._full = "\n" + sounds.full_query(letters or "")
        self._initials = "\n" + sounds.initials_query(letters or "")

    def closeness(self, name: str) -> int | None:
        """0 when a name starts with what was typed, 1 when it contains it, 2 when it sounds so."""
        folded, full, initials = _keys(name)
        if self._prefix in folded:
            return 0 if folded.startswith(self._prefix) else 1
        if self._heard and (self._full in full or self._initials in initials):
            return 2
        return None


def shared_out(
    values: Sequence[Suggestion], titles: Iterable[Suggestion], limit: int
) -> tuple[Suggestion, ...]:
    """Half for values, half for titles; what one side leaves, the other takes."""
    found = tuple(islice(titles, limit))
    room = max(limit - len(found), limit // 2)
    return (*values[:room], *found)[:limit]


def _names(values: Iterable[str], spellings: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Each value with the names it goes by: its spellings, or itself."""
    for value in values:
        for name in spellings.get(value, [value]):
            yield value, name


def fitting_values(
    prefix: str, held: Mapping[str, Iterable[str]], vocabulary: Vocabulary
) -> list[Suggestion]:
    """Values that fit, closest first; of a value's spellings the closest, then the shortest."""
    fit = _Fit(prefix)
    found: dict[tuple[str, str], tuple[int, int, str]] = {}
    for facet, values in held.items():
        for value, name in _names(values, vocabulary.names(facet)):
            closeness = fit.closeness(name)
            if closeness is None:
                continue
            rank = (closeness, len(name), name)
            found[facet, value] = min(rank, found.get((facet, value), rank))
    return [
        Suggestion(name, mark_prefix(name, prefix), facet, value)
        for (facet, value), (_, _, name) in sorted(found.items(), key=lambda item: item[1])
    ]


def titles(found: Iterable[str], prefix: str) -> Iterator[Suggestion]:
    """Titles as suggestions, each once."""
    for title in dict.fromkeys(found):
        yield Suggestion(title, mark_prefix(title, prefix))


def mark_prefix(text: str, prefix: str) -> tuple[Run, ...]:
    """A text with what was typed marked, where it first stands."""
    folded, offsets = analysis.fold_with_offsets(text)
    match = re.search(re.escape(analysis.fold(prefix).strip()), folded)
    if not match or match.start() == match.end():
        return (Run(text),)
    start, end = offsets[match.start()], offsets[match.end()]
    runs = (Run(text[:start]), Run(text[start:end], marked=True), Run(text[end:]))
    return tuple(run for run in runs if run.text)
