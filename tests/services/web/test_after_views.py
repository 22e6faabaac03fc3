"""How long somebody was in a class, as its page says it beside the times."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.web.views.after import Times
from tongke.clock import CHINA


@pytest.mark.parametrize(
    ("came", "went", "present_s", "shown_s"),
    [
        ("22:52:05", "22:54:50", 165, 120),
        ("22:39:10", "22:50:55", 705, 660),
        ("22:52:50", "22:54:05", 75, 120),
        # What was missed is taken off.
        ("22:00:00", "22:40:00", 1800, 1800),
        # Within a minute, seconds are said.
        ("22:52:05", "22:52:45", 40, 40),
    ],
)
def test_a_length_agrees_with_the_minutes_beside_it(
    came: str, went: str, present_s: int, shown_s: int
) -> None:
    came_at, went_at = (
        datetime.fromisoformat(f"2026-11-25T{at}").replace(tzinfo=CHINA) for at in (came, went)
    )
    assert Times(came_at, went_at, present_s, 0, 0, 0, None).shown_s == shown_s


def test_who_never_came_was_there_for_no_time() -> None:
    assert Times(None, None, 0, None, None, 0, None).shown_s == 0


@pytest.mark.parametrize(
    ("late_s", "shown_s"), [(None, 0), (59, 0), (61, 60), (89, 60), (91, 60), (150, 120)]
)
def test_lateness_agrees_with_the_minute_beside_it(late_s: int | None, shown_s: int) -> None:
    """Of a class that begins on the minute."""
    due = datetime(2026, 11, 25, 21, 35, tzinfo=CHINA)
    came_at = due + timedelta(seconds=late_s or 0)
    assert Times(came_at, due, 0, late_s, 0, 0, None).shown_late_s == shown_s
