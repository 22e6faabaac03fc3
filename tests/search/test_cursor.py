"""Cursors: read as they were written, and nothing else is read."""

from __future__ import annotations

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.cursor import Cursor, decode
from search.index import BadCursor, Sort

ids = st.integers(0, 2**53)
stages = st.none() | st.tuples(ids, ids, ids)
cursors = st.one_of(
    st.builds(
        Cursor,
        st.just(Sort.RELEVANCE),
        st.none() | st.tuples(st.floats(0, 100), ids),
        stages,
        stages,
    ),
    st.builds(Cursor, st.just(Sort.TITLE), st.tuples(st.text(), ids)),
    st.builds(Cursor, st.sampled_from([Sort.NEWEST, Sort.VIEWS]), st.tuples(ids, ids)),
)


@given(cursors)
def test_is_read_as_it_was_written(cursor: Cursor) -> None:
    assert decode(cursor.encode(), cursor.sort) == cursor


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_what_nobody_wrote_is_refused(text: str) -> None:
    with contextlib.suppress(BadCursor):
        assert isinstance(decode(text, Sort.NEWEST), Cursor)


@pytest.mark.parametrize(
    "written",
    [
        '["newest",["x",1],null,null]',
        '["newest",[1,"x"],null,null]',
        '["newest",[1],null,null]',
        '["newest",{"0":1},null,null]',
        '["newest",[1,1],[1,2],null]',
        '["newest",[1,1],null,["x",1,2]]',
        '["newest",[1,1]]',
        '["views",[1,1],null,null]',
        "[" * 5000,
    ],
)
def test_a_key_that_does_not_fit_its_sort_is_refused(written: str) -> None:
    with pytest.raises(BadCursor):
        decode(base64.urlsafe_b64encode(written.encode()).decode(), Sort.NEWEST)
