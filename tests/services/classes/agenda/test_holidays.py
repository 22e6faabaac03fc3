"""Holidays and make-up days (调休) are seen: in the week, and by who enters them too late."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.services.classes.booking.test_class import post
from tests.services.classes.plan import PERIODS, arrange, booked, day_ahead, page, said
from tests.services.house import House
from tongke import clock
from tongke.classes.plan_models import SchoolTimes
from tongke.classes.times.week import Week

WEEKDAYS = "一二三四五六日"


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


async def partner_closed(house: House, *holidays: date) -> None:
    """School 2 has these holidays."""

    def write(session: Session) -> None:
        session.add(
            SchoolTimes(
                school_id=2,
                periods=PERIODS,
                first_day=day_ahead(-20),
                last_day=day_ahead(40),
                holidays=[day.isoformat() for day in holidays],
                make_up={},
                updated_at=clock.now(),
            )
        )

    await house.ground.database.write(write)


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
    assert "改时间或者取消" in shown and "回复“不参加”" not in shown
    moment = f"{day.month}月{day.day}日 周{WEEKDAYS[day.weekday()]} 08:50—09:30"
    assert re.search(rf'href="/classes/{number}">{moment}', shown)
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
    shown = await page(house, "long", "/school/times?school=2")
    assert f'href="/classes/{number}"' in shown
    # It may not move it, nor call it off.
    assert "回复“不参加”，或者请主讲学校改时间" in shown and "改时间或者取消" not in shown
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


async def test_who_books_is_told_of_holidays_of_either_school(house: House) -> None:
    await closed(house, day_ahead())
    await partner_closed(house, day_ahead(10))
    body: dict[str, Any] = {
        "when": {"day": day_ahead().isoformat(), "period": 2}, "room_ids": [1, 2],
    }  # fmt: skip
    told = await house.json("zhou", "POST", "/api/v1/classes/clashes", json=body)
    assert told["holidays"] == [f"{said(day_ahead())}，橘洲路中学放假"]
    # One's own are left out of a series; the partner's are not.
    body["when"]["repeat"] = "every"
    told = await house.json("zhou", "POST", "/api/v1/classes/clashes", json=body)
    assert told["holidays"] == [f"{said(day_ahead(10))}，桐木溪中学放假"]
    assert (told["times"], told["lines"]) == (5, [])
    # It is no refusal.
    await booked(house, repeat="every")


async def test_nor_is_the_partner_left_to_find_out(house: House) -> None:
    number = await booked(house, repeat="every")
    await partner_closed(house, day_ahead(10))
    line = f"{said(day_ahead(10))}，桐木溪中学放假"
    assert line in await page(house, "long", f"/classes/{number}")
    assert line not in await page(house, "zhou", f"/classes/{number}")
    await post(house, "long", f"/classes/{number}/seats/2/confirm", scope="following")
