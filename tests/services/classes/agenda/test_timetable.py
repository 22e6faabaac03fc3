"""A week of classes on a page: by the school's periods, one's own or a room's, with its state."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from services.classes.agenda import today
from services.web.views import Today
from tests.services.classes.booking.test_class import shift
from tests.services.classes.plan import arrange, at, booked, day_ahead, page
from tests.services.house import House, person
from tongke import clock
from tongke.classes.times.week import Week
from tongke.clock import CHINA


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


def week(days: int = 3) -> str:
    return f"/timetable?week={Week.of(day_ahead(days))}"


async def test_a_class_stands_in_its_period_and_links_to_its_page(house: House) -> None:
    number = await booked(house)
    shown = await page(house, "zhou", week())
    (row,) = re.findall(r'<tr>\s*<th scope="row">第 2 节.*?</tr>', shown, re.S)
    assert f'href="/classes/{number}"' in row and "等对方确认" in row
    # A free period ahead is one press from being booked.
    assert f"/classes/new?day={day_ahead()}&amp;period=3" in shown
    assert "教学周" in shown


async def test_each_sees_the_classes_that_are_theirs_to_see(house: House) -> None:
    number = await booked(house)
    link = f'href="/classes/{number}"'
    for name, sees in (("head", True), ("county", True), ("tang", False), ("xiang", False)):
        assert (link in await page(house, name, week())) is sees, name


async def test_it_is_narrowed_to_mine_and_to_a_room(house: House) -> None:
    number = await booked(house)
    link = f'href="/classes/{number}"'
    assert link not in await page(house, "head", f"{week()}&mine=1")
    assert link in await page(house, "zhou", f"{week()}&mine=1&room=2")
    assert link not in await page(house, "zhou", f"{week()}&room=4")
    # The way to the next week keeps what was chosen.
    shown = await page(house, "zhou", f"{week()}&mine=1&room=2")
    following = str(Week.of(day_ahead()).after(1))
    assert f"/timetable?week={following}&amp;mine=1&amp;room=2" in shown


async def test_an_empty_week_says_what_to_do(house: House) -> None:
    assert "这一周还没有约课" in await page(house, "zhou", "/timetable?week=2026-W02")
    assert 'href="/classes/new"' in await page(house, "zhou", "/timetable?week=2026-W02")
    assert "/classes/new" not in await page(house, "county", "/timetable")
    # An address that names no week shows this one.
    assert "课表" in await page(house, "zhou", "/timetable?week=下周")


async def test_a_class_that_nobody_begins_is_called_late(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the morning: what began minutes before a midnight is of another day, and week."""
    morning = (clock.now().astimezone(CHINA) + timedelta(days=1)).replace(hour=10)
    monkeypatch.setattr(clock, "now", lambda: morning)
    number = await booked(house)
    await shift(house, number, minutes=-4)
    assert "迟到" not in await page(house, "zhou", f"/classes/{number}")
    await shift(house, number, minutes=-6)
    for path in (f"/classes/{number}", "/timetable", "/"):
        assert "迟到" in await page(house, "zhou", path), path


async def test_home_counts_down_to_the_next_lesson_and_opens_its_door(house: House) -> None:
    number = await booked(house)
    moments = {
        at(day_ahead(), 8, 45, 30): (5, "lead"),
        at(day_ahead(), 8, 54): (0, "lead"),
        # Late, it is awaited all the same.
        at(day_ahead(), 8, 56): (0, "lead"),
        at(day_ahead(), 9, 31): None,
    }
    for now, expected in moments.items():
        found = await today_of(house, "zhou", now)
        assert found is not None and [card.id for card in found.lessons] == [number]
        shown = found.next and (found.next.minutes, found.next.door and found.next.door.kind)
        assert shown == expected, now
    # Another day, and to who has nothing to do with it, there is none.
    assert await today_of(house, "zhou", at(day_ahead(2), 8)) is None
    assert await today_of(house, "tang", at(day_ahead(), 8)) is None


async def today_of(house: House, name: str, now: datetime) -> Today | None:
    def read(session: Session) -> Today | None:
        return today.lessons(session, person(session, house, name), now)

    return await house.ground.database.read(read)
