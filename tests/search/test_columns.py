"""Columns and their bits: they agree with plain sets, however they were changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import bitmap, columns
from search.answer import by_count
from search.bitmap import Postings, Selection, bits_of
from search.columns import Columns, Row
from search.index import Sort

places = st.sets(st.integers(0, 99))


@given(places)
def test_a_selection_is_its_places(chosen: set[int]) -> None:
    selection = Selection(bits_of(chosen, 100), 100)
    assert selection.places == sorted(chosen)
    assert len(selection) == len(chosen)
    assert [at for at, byte in enumerate(selection.mask) if byte] == sorted(chosen)


@pytest.mark.parametrize("few", [0, 4, 1000])
@given(
    changes=st.lists(st.tuples(st.booleans(), places), max_size=6),
    within=places,
)
def test_postings_are_a_set(
    few: int, changes: list[tuple[bool, set[int]]], within: set[int]
) -> None:
    """Kept as an array or as bits, the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bitmap, "FEW", few)
        postings, expected = Postings(), set[int]()
        for adding, changed in changes:
            if adding:
                postings.add(changed - expected, 100)
                expected |= changed
            else:
                postings.discard(changed, 100)
                expected -= changed
        assert postings.bits(100) == bits_of(expected, 100)
        assert postings.count_in(Selection(bits_of(within, 100), 100)) == len(expected & within)
        assert bitmap.union([postings, Postings()], 100) == bits_of(expected, 100)


rows = st.lists(
    st.builds(
        Row,
        id=st.integers(1, 6),
        deleted=st.booleans(),
        audience=st.sampled_from(((), ("everyone",), ("user:7", "school:12"))),
        facets=st.sampled_from(({}, {"kind": ("a",)}, {"kind": ("a", "b"), "year": ("2024",)})),
        published=st.integers(0, 5),
        views=st.integers(0, 5),
        collation=st.just(""),
    ).map(lambda row: Row(row.id, True, (), {}, 0, 0, "") if row.deleted else row),
    max_size=20,
)


@pytest.mark.parametrize("hits_per_value", [0, 1000])
@given(rows=rows, batch=st.integers(1, 5))
def test_columns_follow_the_rows(hits_per_value: int, rows: list[Row], batch: int) -> None:
    """Counted from the hits or from the postings, the same; places are taken again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "HITS_PER_VALUE", hits_per_value)
        kept, known = Columns(), dict[int, Row]()
        for at in range(0, len(rows), batch):
            latest = {row.id: row for row in rows[at : at + batch]}
            kept.apply(latest.values())
            known |= latest
        seen = [row for row in known.values() if "everyone" in row.audience]
        bits = kept.visible({"everyone"})
        assert {kept.ids[place] for place in kept.selection(bits).places} == {r.id for r in seen}
        assert kept.size <= 7
        counted = dict(by_count(kept.counts(bits, {})["kind"].items()))
        held = [value for row in seen for value in row.facets.get("kind", ())]
        assert counted == {value: held.count(value) for value in set(held)}


@pytest.mark.parametrize("sort", [Sort.NEWEST, Sort.VIEWS, Sort.TITLE])
@given(
    values=st.lists(st.integers(0, 10**8), min_size=1, max_size=30),
    chosen=st.sets(st.integers(1, 30)),
    limit=st.integers(1, 10),
    data=st.data(),
)
def test_bands_give_the_order_of_the_values(
    sort: Sort, values: list[int], chosen: set[int], limit: int, data: st.DataObject
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "SORTED_WHOLE", 0)
        kept = Columns()
        kept.apply(
            Row(id, False, ("everyone",), {}, value, value, f"{value:x}")
            for id, value in enumerate(values, 1)
        )
        places = {place for place in chosen if place < kept.size}
        order = kept.orders[sort].values
        wanted = sorted(
            ((order[at], kept.ids[at]) for at in places), reverse=sort is not Sort.TITLE
        )
        start = data.draw(st.integers(0, len(wanted)))
        after = wanted[start - 1] if start else None
        within = kept.selection(bits_of(places, kept.size))
        assert kept.first(within, sort, after, limit) == wanted[start : start + limit]
