"""Holidays and make-up days (调休) are seen: in the week, and by who enters them too late."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.services.classes.booking.test_class import post
from tests.services.classes.plan import arrange, booked, day_ahead, page
from tests.services.house import House
from tongke import clock
from tongke.classes.plan_models import SchoolTimes
from tongke.classes.times.week import Week

WEEKDAYS = "一二三四五六日"


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


async def closed(house: House, *holidays: date, make_up: dict[date, date] | None = None) -> None:
    """School 1 has these holidays and make-up days."""

    def write(session: Session) -> None:
        times = session.get_one(SchoolTimes, 1)
        times.holidays = [day.isoformat() for day in holidays]
        times.make_up = {f"{day}": f"{as_day}" for day, as_day in (make_up or {}).items()}

    await house.ground.database.write(write)


def columns(shown: str) -> list[str]:
    """The heads of the days, from Monday."""
    (head,) = re.findall(r"<thead>(.*?)</thead>", shown, re.S)
    return re.findall(r'<th scope="col"[^>]*>(.*?)</th>', head, re.S)[1:]


async def test_the_week_says_which_days_are_off_and_which_are_made_up(house: House) -> None:
    week = Week.of(day_ahead(7))
    wednesday, saturday = week.days[2], week.days[5]
    await closed(house, wednesday, make_up={saturday: wednesday})
    shown = await page(house, "zhou", f"/timetable?week={week}")
    heads = columns(shown)
    assert ["放假" in head for head in heads] == [number == 2 for number in range(7)]
    assert ["补周三" in head for head in heads] == [number == 5 for number in range(7)]
    # A telephone lists the days; these two are there without a class.
    listed = shown.split('<ol class="week-list">')[1]
    assert "放假" in listed and "补周三" in listed
    # The days of a school are its own.
    assert "放假" not in await page(house, "long", f"/timetable?week={week}")


async def test_what_is_booked_on_a_day_that_becomes_a_holiday_is_listed(house: House) -> None:
    number = await booked(house, repeat="every")
    values = {
        "school": "1", "first_day": f"{day_ahead(-20)}", "last_day": f"{day_ahead(40)}",
        "begins-2": "08:50", "ends-2": "09:30",
    }  # fmt: skip
    assert "落在放假的日子" not in await page(house, "head", "/school/times")
    day = day_ahead()
    await post(house, "head", "/school/times", **values, holidays=f"{day}")
    shown = await page(house, "head", "/school/times")
    assert "有 1 节课落在放假的日子" in shown
    said = f"{day.month}月{day.day}日 周{WEEKDAYS[day.weekday()]} 08:50—09:30"
    assert re.search(rf'href="/classes/{number}">{said}', shown)
    # Called off, it stands on it no longer.
    await post(house, "head", f"/classes/{number}/cancel", because="放假")
    assert "落在放假的日子" not in await page(house, "head", "/school/times")


async def test_a_class_of_the_partner_counts_while_the_school_takes_part(house: House) -> None:
    number = await booked(house)
    times = {
        "school": "2", "first_day": f"{day_ahead(-20)}", "last_day": f"{day_ahead(40)}",
        "begins-1": "08:00", "ends-1": "08:40", "holidays": f"{day_ahead()}",
    }  # fmt: skip
    await post(house, "long", "/school/times", **times)
    assert f'href="/classes/{number}"' in await page(house, "long", "/school/times?school=2")
    await post(house, "long", f"/classes/{number}/seats/2/decline")
    assert f'href="/classes/{number}"' not in await page(house, "long", "/school/times?school=2")


async def test_what_is_past_is_not(house: House) -> None:
    await booked(house)
    await closed(house, day_ahead())
    later = clock.now() + timedelta(days=4)
    shown = await page(house, "head", "/school/times")
    assert "落在放假的日子" in shown
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: later)
        assert "落在放假的日子" not in await page(house, "head", "/school/times")
