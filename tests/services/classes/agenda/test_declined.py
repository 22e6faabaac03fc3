"""A school that has declined is not told that somebody else has yet to answer."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.orm import Session

from services.classes.agenda import today
from tests.services.classes.agenda.test_calendar import feed, made
from tests.services.classes.booking.test_class import post
from tests.services.classes.plan import arrange, at, booked, day_ahead, page
from tests.services.house import House, person
from tongke.classes.times.week import Week


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


async def test_its_lists_say_so_and_the_leads_what_is_so_for_it(house: House) -> None:
    number = await booked(house)
    await post(house, "long", f"/classes/{number}/seats/2/decline")
    week = f"/timetable?week={Week.of(day_ahead())}"
    for path in (week, f"/classes/{number}"):
        hers = await page(house, "long", path)
        assert "我们不参加" in hers and "对方不参加" not in hers, path
        theirs = await page(house, "zhou", path)
        assert "对方不参加" in theirs and "我们不参加" not in theirs, path


async def test_so_it_is_while_another_room_is_asked_or_comes(house: House) -> None:
    """long looks after school 2 and is of school 3."""
    number = await booked(house, seat=["2", "4"])
    path = f"/classes/{number}"
    await post(house, "long", f"{path}/seats/2/decline")
    assert "等本校确认" in await page(house, "long", path), "the other room is theirs too"
    await post(house, "long", f"{path}/seats/4/decline")
    assert "我们不参加" in await page(house, "long", path)
    await post(house, "long", f"{path}/seats/4/confirm")
    assert "我们不参加" not in await page(house, "long", path)


async def test_why_is_read_by_the_two_schools_and_by_nobody_else(house: House) -> None:
    number = await booked(house)
    why = "这天全校 参加运动会"
    await post(house, "long", f"/classes/{number}/seats/2/decline", because=f" {why}\n")
    path = f"/classes/{number}"
    for name in ("zhou", "long"):
        assert f"原因：{why}" in await page(house, name, path), name
    assert why not in await page(house, "county", path)
    assert f"原因：{why}" in await page(house, "zhou", "/notices")
    [told] = (await house.json("zhou", "GET", "/api/v1/notices"))["items"]
    assert told["because"] == why
    await post(house, "long", f"{path}/seats/2/confirm")
    assert why not in await page(house, "zhou", path), "what is no longer so is not said"


async def test_a_reason_that_is_too_long_stays_in_its_field(house: House) -> None:
    number = await booked(house)
    path, said = f"/classes/{number}/seats/2/decline", "说" * 201
    text = await post(house, "long", path, 422, because=said)
    assert "最多 200 个字" in text and said in text
    assert "对方不参加" not in await page(house, "zhou", f"/classes/{number}")


async def test_rooms_that_do_not_all_come_are_counted_and_those_alone_are_named(
    house: House,
) -> None:
    number = await booked(house, seat=["2", "4"])
    calendar = await made(house, "zhou")
    await post(house, "long", f"/classes/{number}/seats/2/confirm")
    await post(house, "long", f"/classes/{number}/seats/4/decline")
    week = f"/timetable?week={Week.of(day_ahead())}"
    for name in ("zhou", "long"):
        shown = await page(house, name, week)
        (cell, *_) = re.findall(r'<a class="lesson .*?</a>', shown, re.S)
        assert "<i>1 间参加，</i><i>1 间不参加</i>" in cell and "已确认" not in cell, name
        assert "桐木溪中学 七（2）班" in cell and "七（3）班" not in cell, name
    assert "<i>1 间参加，</i><i>1 间不参加</i>" in await page(house, "zhou", f"/classes/{number}")
    _, events, _ = await feed(house, calendar)
    assert "七（2）班" in events and "七（3）班" not in events
    await post(house, "long", f"/classes/{number}/seats/4/confirm")
    assert "已确认" in await page(house, "zhou", week)


async def test_home_does_not_count_down_to_it(house: House) -> None:
    number = await booked(house, **{"teacher-2": str(house.ids["xiang"])})
    assert await lessons_of(house, "xiang") == [number]
    await post(house, "long", f"/classes/{number}/seats/2/decline")
    assert await lessons_of(house, "xiang") == []
    assert await lessons_of(house, "zhou") == [number]


async def lessons_of(house: House, name: str) -> list[int]:
    def read(session: Session) -> list[int]:
        found = today.lessons(session, person(session, house, name), at(day_ahead(), 8))
        return [card.id for card in found.lessons] if found else []

    return await house.ground.database.read(read)
