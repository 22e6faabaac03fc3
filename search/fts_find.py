"""Finding in the embedded engine: the set, its facets and its order, in numbers.

Everything here works on one snapshot of the file and on columns that agree with it; texts are not
touched before the order is known. A set is found as bits: what FTS5 matches, met with what the
viewer may see, before anything is counted or ranked.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from search import fts_match, relaxing
from search.answer import by_count
from search.columns import Columns, Row
from search.cursor import StageKey
from search.fts_tables import on_side, read_state
from search.index import FEW_HITS, Relaxation, Sort
from search.query import Query, Word
from search.ranking import RANKED, stage

_MATCHING_WORDS = "SELECT json_group_array(rowid) FROM words_@ WHERE words_@ MATCH ?"
_MATCHING_TITLES = "SELECT json_group_array(rowid) FROM titles_@ WHERE titles_@ MATCH ?"
_CHANGED = """
SELECT id, deleted, audience, facets, published, views, collation
FROM documents_@ WHERE sequence > ?
"""


class Snapshot:
    """Columns that follow the file. One for a process; its user holds a lock."""

    def __init__(self) -> None:
        self.columns = Columns()
        self.side = ""
        self._sequence = 0

    def refresh(self, connection: sqlite3.Connection) -> None:
        """Catch up with the connection's transaction."""
        state = read_state(connection)
        if state.active != self.side or state.sequence < self._sequence:
            self.columns, self._sequence = Columns(), 0
        if state.sequence > self._sequence or state.active != self.side:
            statement = on_side(state.active, _CHANGED)
            rows = connection.execute(statement, (self._sequence,))
            self.columns.apply(map(_row, rows))
        self.side, self._sequence = state.active, state.sequence


# Written by ourselves, so there is no space around it to look for: half the time of `loads`.
_decode = json.JSONDecoder().raw_decode


def _row(read: tuple[int, int, str, str, int, int, str]) -> Row:
    id, deleted, audience, facets, published, views, collation = read
    values = {name: tuple(held) for name, held in _decode(facets)[0].items()}
    seen_by = tuple(_decode(audience)[0])
    return Row(id, bool(deleted), seen_by, values, published, views, collation)


@dataclass(frozen=True, slots=True)
class SecondList:
    """Ids of a relaxed query. `closeness` orders them where only the sound agrees."""

    reason: Relaxation
    ids: tuple[int, ...]
    closeness: Mapping[int, float]


class Finder:
    """Finds what one viewer may see, on one snapshot."""

    def __init__(
        self, connection: sqlite3.Connection, snapshot: Snapshot, tokens: Collection[str]
    ) -> None:
        self._connection = connection
        self.side = snapshot.side
        self.columns = snapshot.columns
        self.visible = self.columns.visible(tokens)

    def _bits(self, statement: str, expression: str) -> int:
        # One array of ids in one row costs half of as many rows.
        rows = self._connection.execute(on_side(self.side, statement), (expression,))
        return self.visible & self.columns.matching(json.loads(rows.fetchone()[0]))

    def words(self, expression: str) -> int:
        """The visible documents whose words match."""
        return self._bits(_MATCHING_WORDS, expression)

    def titles(self, expression: str) -> int:
        """The visible documents whose titles, or their readings, match."""
        return self._bits(_MATCHING_TITLES, expression)

    def of_query(self, query: Query) -> int:
        """The visible documents of a query, before its filters."""
        bits = self.visible
        if query.words:
            bits &= self.words(fts_match.of_words(query.words))
        else:
            for chip in query.chips:
                spelled = self.words(fts_match.of_words([Word(chip.spelling)]))
                bits &= spelled | self._having({chip.facet: {chip.value}})
        return bits & ~self._excluded(query)

    def _excluded(self, query: Query) -> int:
        bits = self._having(query.excluded_filters)
        for word in query.excluded:
            bits |= self.words(fts_match.of_words([word]))
        return bits

    def _having(self, values: Mapping[str, Collection[str]]) -> int:
        bits = 0
        for held in self.columns.filtered(values).values():
            bits |= held
        return bits

    def filters(self, query: Query, chosen: Mapping[str, Collection[str]]) -> dict[str, int]:
        """For each filtered facet, the documents that its filters let through."""
        filters = self.columns.filtered(query.filters)
        for facet, bits in self.columns.filtered(chosen).items():
            filters[facet] = filters.get(facet, bits) & bits
        return filters

    def held_values(self, facets: Iterable[str]) -> dict[str, list[str]]:
        """The values of facets that some visible document has."""
        visible = self.columns.selection(self.visible)
        counts = {facet: self.columns.facets[facet].counts(visible) for facet in facets}
        return {
            facet: [value for value, _ in by_count(held.items())] for facet, held in counts.items()
        }

    def order(self, query: Query, bits: int) -> Order:
        in_title = 0
        in_any_text = [word for word in query.words if word.field != "author"]
        if in_any_text and bits.bit_count() > RANKED:
            in_title = self.titles(fts_match.of_title(in_any_text))
        chips = [self._having({chip.facet: {chip.value}}) for chip in query.chips]
        return Order(self.columns, _levels(bits, in_title, chips))

    def relax(self, query: Query, filters: Iterable[int], *, leaving_out: int) -> SecondList | None:
        """A second list for a query that found few, under the same filters and exclusions."""
        within = self.visible & ~leaving_out & ~self._excluded(query)
        for bits in filters:
            within &= bits
        for reason, bits in self._relaxations(query):
            close = self.columns.selection(bits & within)
            ids = self.columns.first(close, Sort.NEWEST, None, RANKED)
            if ids:
                found = tuple(id for _, id in ids)
                return SecondList(reason, found, self._closeness(query, reason, found))
        return None

    def _relaxations(self, query: Query) -> Iterator[tuple[Relaxation, int]]:
        letters = relaxing.letters_of(query.words)
        if letters:
            titles = fts_match.all_of(map(fts_match.of_letters, letters))
            yield Relaxation.PINYIN, self.titles(titles)
        else:
            yield Relaxation.HOMOPHONES, self._sounding_like(query.words)
        for some in relaxing.some_of(query.words):
            yield Relaxation.SOME_WORDS, self.words(fts_match.of_parts(some))

    def _sounding_like(self, words: Sequence[Word]) -> int:
        """The documents with all words, where one that hardly occurs may be one that sounds so."""
        rare = [word for word in words if self._is_rare(word)]
        if not rare:
            return 0
        common = [word for word in words if word not in rare]
        bits = self.words(fts_match.of_words(common)) if common else self.visible
        for word in rare:
            found = self.words(fts_match.of_words([word]))
            if reading := relaxing.reading_of(word):
                found |= self.titles(fts_match.of_reading(reading))
            bits &= found
        return bits

    def _is_rare(self, word: Word) -> bool:
        """Whether few visible documents have a word. Stops reading when they are not few."""
        statement = on_side(self.side, "SELECT rowid FROM words_@ WHERE words_@ MATCH ?")
        rows = self._connection.execute(statement, (fts_match.of_words([word]),))
        places, seen = self.columns.places, self.columns.selection(self.visible).mask
        visible = (id for (id,) in rows if seen[places.get(id, 0)])
        return len(list(islice(visible, FEW_HITS))) < FEW_HITS

    def _closeness(self, query: Query, reason: Relaxation, ids: Sequence[int]) -> dict[int, float]:
        """How much of the title's reading the query is."""
        if reason is Relaxation.SOME_WORDS:
            return {}
        collations = self.columns.orders[Sort.TITLE].values
        readings = {id: str(collations[self.columns.places[id]]) for id in ids}
        return {id: relaxing.closeness(query.words, read) for id, read in readings.items()}


def _levels(bits: int, in_title: int, chips: Sequence[int]) -> list[tuple[int, int]]:
    """A set parted by stage, highest first: (stage, bits)."""
    parts: dict[int, int] = {}
    for titled, part in ((True, bits & in_title), (False, bits & ~in_title)):
        by_chips = [part]
        for chip in chips:
            without = [each & ~chip for each in by_chips] + [0]
            having = [0] + [each & chip for each in by_chips]
            by_chips = [one | other for one, other in zip(without, having, strict=True)]
        for count, each in enumerate(by_chips):
            level = stage(titled, count)
            parts[level] = parts.get(level, 0) | each
    return sorted(((level, part) for level, part in parts.items() if part), reverse=True)


class Order:
    """A set in stage order: highest stage first, newest first within a stage."""

    def __init__(self, columns: Columns, levels: Sequence[tuple[int, int]]) -> None:
        self._columns = columns
        self._levels = [(level, columns.selection(bits)) for level, bits in levels]

    def after(self, key: StageKey | None, limit: int) -> list[StageKey]:
        """The first keys past one."""
        found: list[StageKey] = []
        for level, part in self._levels:
            if key and level > key[0]:
                continue
            past = key[1:] if key and level == key[0] else None
            first = self._columns.first(part, Sort.NEWEST, past, limit - len(found))
            found.extend((level, int(published), id) for published, id in first)
            if len(found) == limit:
                break
        return found

    def down_to(self, fence: StageKey) -> list[StageKey]:
        """All keys from the top to the fence, with it."""
        published = self._columns.orders[Sort.NEWEST].values
        found: list[StageKey] = []
        for level, part in self._levels:
            places = part.places if level >= fence[0] else ()
            keys = ((level, int(published[place]), self._columns.ids[place]) for place in places)
            found.extend(key for key in keys if key >= fence)
        return found

    def ranked(self, fence: StageKey | None) -> tuple[list[StageKey], StageKey | None]:
        """What is to be ranked, and the fence behind it if anything is."""
        if fence:
            return self.down_to(fence), fence
        first = self.after(None, RANKED + 1)
        if len(first) <= RANKED:
            return first, None
        return first[:RANKED], first[RANKED - 1]
