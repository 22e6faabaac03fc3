"""Rooms stand in lists as a school counts them."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.classes.room_order import by_name


@pytest.mark.parametrize(
    "names",
    [
        ["七（1）班", "七（2）班", "七（10）班", "八（1）班", "九（1）班", "录播教室"],
        ["一年级1班", "二年级1班", "十年级1班", "十二年级1班", "二十班"],
        ["六（1）班", "初一（1）班", "初三（1）班", "高一（1）班", "高三（2）班", "高三（12）班"],
        ["七(1)班", "七（2）班", "７（３）班"],
        ["多媒体教室一", "多媒体教室二", "多媒体教室十"],
    ],
)
def test_by_grade_then_by_class_then_the_others(names: list[str]) -> None:
    mixed = list(names)
    Random(1).shuffle(mixed)
    assert sorted(mixed, key=by_name) == names


@given(st.lists(st.text("初高一二九十七0123²（）班a", max_size=8), max_size=8))
def test_any_names_can_be_sorted(names: list[str]) -> None:
    upwards = [by_name(name) for name in sorted(names, key=by_name)]
    downwards = [by_name(name) for name in sorted(names, key=by_name, reverse=True)]
    assert upwards == downwards[::-1]
