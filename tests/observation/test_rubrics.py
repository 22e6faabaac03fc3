"""What a school writes as its rubric, line by line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.errors import Invalid
from tongke.observation.rubrics import DEFAULT, parsed, written_out

words = st.text(st.characters(whitelist_categories=["Lo"]), min_size=1, max_size=20)
items = st.lists(
    st.fixed_dictionaries({"name": words, "help": words | st.just("")}),
    min_size=1,
    max_size=20,
    unique_by=lambda item: item["name"],
)


@given(items)
def test_what_is_written_out_is_read_again(found: list[dict[str, str]]) -> None:
    assert parsed(written_out(found)) == found


def test_both_widths_of_a_colon_part_an_item_from_its_help() -> None:
    assert parsed("教学目标: 明确\n\n 课堂氛围 ：专注\n板书") == [
        {"name": "教学目标", "help": "明确"},
        {"name": "课堂氛围", "help": "专注"},
        {"name": "板书", "help": ""},
    ]


@pytest.mark.parametrize(
    "written",
    [
        "",
        " \n ",
        "目标\n目标",
        "：没有名称",
        "长" * 21,
        f"目标：{'说' * 121}",
        "\n".join(map(str, range(21))),
    ],
)
def test_what_is_no_rubric_is_refused(written: str) -> None:
    with pytest.raises(Invalid) as refused:
        parsed(written)
    assert "items" in refused.value.fields


def test_the_list_that_holds_where_none_was_set_is_a_rubric() -> None:
    assert parsed(written_out(DEFAULT)) == [dict(item) for item in DEFAULT]
