"""What is counted, filtered and sorted by, in memory: audiences, facets, dates, views.

Seven GROUP BYs over 100,000 rows take a third of a second; here the audience is a union of bits,
a filter an intersection, and a count a `bit_count`. About 30 MB for 100,000 documents, loaded in
about a second when a process first searches, then kept up by the rows that changed.

A document has a place (a small number) while it is in the index; a place that is free is taken
again. Nothing here is safe to use from two threads at once: the engine holds a lock.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from search.bitmap import Postings, Selection, bits_of, union
from search.index import FACETS, Sort

# Counting a value's bits costs as much as counting this many hits, at 100,000 documents. So the
# values of a facet of few are counted by their bits, those of a facet of many by the hits.
HITS_PER_VALUE = 200

# A set this small is sorted sooner than its bands are walked.
SORTED_WHOLE = 1000

# 12 KB each at 100,000 documents.
VIEWERS_KEPT = 256

SECONDS_PER_MONTH = 30 * 24 * 3600
# Keeps the number of a month positive, so that months sort as they are written.
MONTHS_BEFORE_1970 = 100_000

Value = int | float | str
Key = tuple[Value, int]


@dataclass(frozen=True, slots=True)
class Row:
    """One document as the columns keep it; `published` in seconds since 1970.

    A deleted document is a row with `deleted`.
    """

    id: int
    deleted: bool
    audience: tuple[str, ...]
    facets: Mapping[str, tuple[str, ...]]
    published: int
    views: int
    collation: str

    def key(self, sort: Sort) -> int | str:
        if sort is Sort.TITLE:
            return self.collation
        return self.views if sort is Sort.VIEWS else self.published


class Attribute:
    """One attribute of many values: forwards from a place, and backwards from a value."""

    def __init__(self) -> None:
        self.postings: dict[str, Postings] = {}
        # What a place has, as a number: numbers are counted faster than tuples, and few differ.
        self._combination: list[int] = []
        self._combinations: list[tuple[str, ...]] = [()]
        self._numbers: dict[tuple[str, ...], int] = {(): 0}

    def put(self, changed: Mapping[int, tuple[str, ...]], size: int) -> None:
        """Give places new values. Grows to `size`."""
        self._combination.extend([0] * (size - len(self._combination)))
        gone: defaultdict[str, list[int]] = defaultdict(list)
        come: defaultdict[str, list[int]] = defaultdict(list)
        for place, values in changed.items():
            before = self.values(place)
            if values == before:
                continue
            for value in before:
                gone[value].append(place)
            for value in values:
                come[value].append(place)
            self._combination[place] = self._number(values)
        for value, places in gone.items():
            self.postings[value].discard(places, size)
        for value, places in come.items():
            self.postings.setdefault(value, Postings()).add(places, size)

    def values(self, place: int) -> tuple[str, ...]:
        return self._combinations[self._combination[place]]

    def _number(self, values: tuple[str, ...]) -> int:
        number = self._numbers.setdefault(values, len(self._combinations))
        if number == len(self._combinations):
            self._combinations.append(values)
        return number

    def having(self, values: Iterable[str], size: int) -> int:
        """The bits of the places that have any of the values."""
        known = (self.postings.get(value) for value in values)
        return union((postings for postings in known if postings), size)

    def counts(self, within: Selection) -> dict[str, int]:
        """How many of a selection have each value; there may be noughts among them."""
        if len(self.postings) * HITS_PER_VALUE < len(within):
            return {value: held.count_in(within) for value, held in self.postings.items()}
        return self._count_hits(within)

    def _count_hits(self, within: Selection) -> dict[str, int]:
        counted: defaultdict[str, int] = defaultdict(int)
        numbers = Counter(map(self._combination.__getitem__, within.places))
        for number, count in numbers.items():
            for value in self._combinations[number]:
                counted[value] += count
        return counted


def _month(published: Value) -> str:
    return f"{int(published) // SECONDS_PER_MONTH + MONTHS_BEFORE_1970:06d}"


def _magnitude(views: Value) -> str:
    return f"{int(views).bit_length():02d}"


def _beginning(collation: Value) -> str:
    return str(collation)[:2]


class Order:
    """What a sort goes by. Places are kept in bands of near values, in the order of the bands.

    So the first twenty of 60,000 are found in the first band or two that have any, and only these
    are sorted.
    """

    def __init__(self, band: Callable[[Value], str], *, falling: bool) -> None:
        self.values: list[Value] = []
        self._band = band
        self._falling = falling
        self._bands = Attribute()

    def put(self, changed: Mapping[int, Value], size: int) -> None:
        self.values.extend([0] * (size - len(self.values)))
        for place, value in changed.items():
            self.values[place] = value
        self._bands.put({at: (self._band(value),) for at, value in changed.items()}, size)

    def first(
        self, ids: Sequence[int], within: Selection, after: Key | None, limit: int
    ) -> list[Key]:
        """The first keys of a selection past `after`."""
        found: list[Key] = []
        for places in self._parts(within, after):
            keys = [(self.values[place], ids[place]) for place in places]
            if after is not None:
                keys = [key for key in keys if (key < after) == self._falling and key != after]
            found.extend(sorted(keys, reverse=self._falling))
            if len(found) >= limit:
                break
        return found[:limit]

    def _parts(self, within: Selection, after: Key | None) -> Iterator[list[int]]:
        if len(within) <= SORTED_WHOLE:
            yield within.places
            return
        start = None if after is None else self._band(after[0])
        for band in sorted(self._bands.postings, reverse=self._falling):
            if start is None or band == start or (band < start) == self._falling:
                yield self._bands.postings[band].places_in(within)


class Columns:
    def __init__(self) -> None:
        # Place 0 stays empty, so that a place is true where an unknown id is not.
        self.ids: list[int] = [0]
        self.places: dict[int, int] = {}
        self.audience = Attribute()
        self.facets = {name: Attribute() for name in FACETS}
        self.orders = {
            Sort.NEWEST: Order(_month, falling=True),
            Sort.VIEWS: Order(_magnitude, falling=True),
            Sort.TITLE: Order(_beginning, falling=False),
        }
        self._free: list[int] = []
        # What viewers may see, of those who were last here. It is asked for with every search, and
        # with every letter that is typed; an officer's is the union of thousands of sets.
        self._visible: OrderedDict[frozenset[str], int] = OrderedDict()

    @property
    def size(self) -> int:
        """One more than the highest place."""
        return len(self.ids)

    def apply(self, rows: Iterable[Row]) -> None:
        """Take over changed rows; the last of an id counts."""
        self._visible.clear()
        changed = {
            self._place(row): row for row in rows if not row.deleted or row.id in self.places
        }
        self.audience.put({at: row.audience for at, row in changed.items()}, self.size)
        for name, attribute in self.facets.items():
            held = {at: row.facets.get(name, ()) for at, row in changed.items()}
            attribute.put(held, self.size)
        for sort, order in self.orders.items():
            order.put({at: row.key(sort) for at, row in changed.items()}, self.size)
        for place, row in changed.items():
            if row.deleted:
                self._free.append(place)
                del self.places[row.id]

    def _place(self, row: Row) -> int:
        place = self.places.get(row.id)
        if place is not None:
            return place
        if self._free:
            place = self._free.pop()
            self.ids[place] = row.id
        else:
            place = len(self.ids)
            self.ids.append(row.id)
        self.places[row.id] = place
        return place

    def visible(self, tokens: Collection[str]) -> int:
        """The bits of what a viewer with these tokens may see."""
        key = frozenset(tokens)
        if key not in self._visible:
            self._visible[key] = self.audience.having(key, self.size)
            if len(self._visible) > VIEWERS_KEPT:
                self._visible.popitem(last=False)
        self._visible.move_to_end(key)
        return self._visible[key]

    def matching(self, ids: Iterable[int]) -> int:
        """The bits of documents by their ids; unknown ids are passed over."""
        return bits_of(filter(None, map(self.places.get, ids)), self.size)

    def filtered(self, filters: Mapping[str, Collection[str]]) -> dict[str, int]:
        """For each filter, the bits of what it lets through. An unknown facet lets nothing."""
        return {
            facet: self.facets[facet].having(values, self.size) if facet in self.facets else 0
            for facet, values in filters.items()
        }

    def counts(self, base: int, filters: Mapping[str, int]) -> dict[str, dict[str, int]]:
        """The counts of every facet, each under the filters of the others."""
        everything = self.selection(_intersection(base, filters.values()))
        counted: dict[str, dict[str, int]] = {}
        for name, attribute in self.facets.items():
            within = everything
            if name in filters:
                others = (bits for facet, bits in filters.items() if facet != name)
                within = self.selection(_intersection(base, others))
            counted[name] = attribute.counts(within)
        return counted

    def selection(self, bits: int) -> Selection:
        return Selection(bits, self.size)

    def first(self, within: Selection, sort: Sort, after: Key | None, limit: int) -> list[Key]:
        """The first keys (value, id) of a selection in a sort's order, past `after`.

        Dates and views fall, titles rise; the id decides between equals in the same direction.
        """
        return self.orders[sort].first(self.ids, within, after, limit)


def _intersection(base: int, others: Iterable[int]) -> int:
    for bits in others:
        base &= bits
    return base
