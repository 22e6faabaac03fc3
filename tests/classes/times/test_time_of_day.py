"""A time is read as people type it, in the booking and in a school's bell times alike."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.classes.times.time_of_day import read_time


@pytest.mark.parametrize(
    "text", ["8:05", "08:05", "8：05", "０８：０５", " 08:05 ", "08:05:30", "08:05:30.5"]
)
def test_it_is_read_however_it_is_typed(text: str) -> None:
    assert read_time(text) == time(8, 5)


@given(st.times())
def test_what_a_form_shows_is_read_back(moment: time) -> None:
    assert read_time(f"{moment:%H:%M}") == moment.replace(second=0, microsecond=0)


@pytest.mark.parametrize("text", ["", "8", "8:5", "24:00", "8:60", "8点", "-8:00", "8:00 pm"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_time(text)
