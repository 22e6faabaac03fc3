"""Errors in words: enough for a person, however many there are."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from tongke.validation import MOST_NAME_CHARACTERS, MOST_SAID, invalid, unknown_fields


class Row(BaseModel):
    count: int


class Table(BaseModel):
    rows: dict[str, Row]


def wrong(rows: dict[str, object]) -> ValidationError:
    with pytest.raises(ValidationError) as raised:
        Table.model_validate({"rows": rows})
    return raised.value


def test_each_field_is_named_with_what_is_wrong() -> None:
    said = invalid(wrong({"a": {}, "b": {"count": "x"}})).fields
    assert {name: text.en for name, text in said.items()} == {
        "rows.a.count": "Fill this in",
        "rows.b.count": "A whole number is wanted",
    }


def test_so_many_are_said() -> None:
    assert len(invalid(wrong({str(n): {} for n in range(1_000)})).fields) == MOST_SAID
    assert len(unknown_fields(map(str, range(1_000))).fields) == MOST_SAID


def test_a_long_name_is_cut() -> None:
    long = "名" * 10_000
    for refused in (invalid(wrong({long: {}})), unknown_fields([long])):
        (name,) = refused.fields
        assert len(name) == MOST_NAME_CHARACTERS
