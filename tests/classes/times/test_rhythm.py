"""How lessons of a series follow each other."""

from __future__ import annotations

from datetime import datetime, timedelta

from tongke.classes.times.rhythm import Rhythm, rhythm
from tongke.clock import CHINA

# A Wednesday.
FIRST = datetime(2026, 12, 2, 10, 10, tzinfo=CHINA)
DAY = timedelta(days=1)


def weeks(*numbers: int) -> list[datetime]:
    return [FIRST + 7 * number * DAY for number in numbers]


def test_every_week_and_every_other() -> None:
    assert rhythm(weeks(0, 1, 2, 3)) == Rhythm(FIRST, 1)
    assert rhythm(weeks(0, 2, 4)) == Rhythm(FIRST, 2)


def test_a_holiday_and_a_make_up_day_do_not_break_it() -> None:
    assert rhythm(weeks(0, 1, 3, 4, 5)) == Rhythm(FIRST, 1)
    on_saturday = FIRST - 4 * DAY
    assert rhythm([on_saturday, *weeks(0, 1, 2)]) == Rhythm(FIRST, 1)


def test_what_has_none_is_not_given_one() -> None:
    assert rhythm(weeks(0)) is None
    assert rhythm([FIRST, FIRST + DAY]) is None
    assert rhythm(weeks(0, 4, 8)) is None
    # Moved one by one, the half of them and more.
    moved = [each + DAY for each in weeks(4, 5)]
    assert rhythm([*weeks(0, 1), *moved]) is None
