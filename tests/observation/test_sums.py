"""What the forms of lessons come to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.observation.sums import sums

forms = st.lists(
    st.dictionaries(st.sampled_from(["目标", "过程", "氛围"]), st.integers(1, 5)), max_size=8
)


def test_items_are_summed_over_whatever_rubrics_they_stood_in() -> None:
    found = sums([{"目标": 4, "过程": 5}, {"目标": 3, "氛围": 2}])
    assert found.forms == 2
    assert found.mean == pytest.approx(3.5)
    assert [(item.name, item.mean, item.forms) for item in found.items] == [
        ("目标", 3.5, 2),
        ("过程", 5, 1),
        ("氛围", 2, 1),
    ]


def test_of_nothing_there_is_no_mean() -> None:
    assert sums([]).mean is None
    assert sums([{}]).forms == 1


@given(forms)
def test_every_star_counts_once(given_: list[dict[str, int]]) -> None:
    found = sums(given_)
    assert sum(item.forms for item in found.items) == sum(map(len, given_))
    assert all(1 <= item.mean <= 5 for item in found.items)
