"""A partner answers to what she has read: moved since, or recorded for more, a class is shown to
her as it is now, and answered once more."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.services.classes.booking.test_booking import rows
from tests.services.classes.booking.test_class import post
from tests.services.classes.plan import arrange, booked, day_ahead, form, page
from tests.services.house import House


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


def shown_in(text: str) -> str:
    """What the page hands back with the answer for the one room that may be answered for."""
    (found,) = set(re.findall(r'name="shown" value="([^"]+)"', text))
    return str(found)


async def read(house: House, number: int) -> str:
    return shown_in(await page(house, "long", f"/classes/{number}"))


async def edit(house: House, number: int, **more: Any) -> None:
    await post(house, "zhou", f"/classes/{number}/edit", **form(house, **more))


async def answer(
    house: House, number: int, shown: str, how: str = "confirm", status: int = 303, **more: str
) -> str:
    path = f"/classes/{number}/seats/2/{how}"
    return await post(house, "long", path, status, shown=shown, **more)


async def states(house: House) -> list[str]:
    return [each["seats"][0]["state"] for each in await rows(house)]


@pytest.mark.parametrize("how", ["confirm", "decline"])
async def test_a_class_that_was_moved_is_not_answered_by_the_page_of_before(
    house: House, how: str
) -> None:
    number = await booked(house)
    before = await read(house, number)
    await edit(house, number, period="3")
    told = await answer(house, number, before, how, 409)
    assert "改过了" in told
    assert re.search(r"现在的时间</dt><dd>[^<]* 10:00—10:40", told)
    assert await states(house) == ["asked"]
    assert "没看过" in await page(house, "long", "/notices")
    # The page that says so is answered.
    await answer(house, number, shown_in(told), how)
    assert await states(house) != ["asked"]


async def test_nor_one_whose_recording_shows_more(house: House) -> None:
    number = await booked(house)
    before = await read(house, number)
    await edit(house, number, rooms_heard="1")
    told = await answer(house, number, before, status=409)
    assert re.search(r"录像里</dt><dd>看得到听讲教室，听得到学生发言", told)


async def test_nor_one_that_is_for_more_people(house: House) -> None:
    number = await booked(house)
    before = await read(house, number)
    await edit(house, number, audience="school:1")
    await answer(house, number, before, status=409)


async def test_of_a_series_the_weeks_that_are_answered_for_are_compared(house: House) -> None:
    await booked(house, repeat="every")
    numbers = [int(each["id"]) for each in await rows(house)]
    before = await read(house, numbers[0])
    await edit(house, numbers[2], day=day_ahead(17).isoformat(), period="3")
    told = await answer(house, numbers[0], before, status=409, scope="following")
    assert re.search(r"以后各周</dt><dd>[^<]* 10:00", told)
    assert set(await states(house)) == {"asked"}
    # The first alone is when it was.
    await answer(house, numbers[0], before)
    assert await states(house) == ["confirmed", *["asked"] * 5]


async def test_what_is_no_part_of_them_needs_no_second_answer(house: House) -> None:
    """Another room's answer, another title."""
    number = await booked(house, seat=["2", "4"])
    before = await read(house, number)
    await post(house, "long", f"/classes/{number}/seats/4/confirm")
    await edit(house, number, seat=["2", "4"], title="整式")
    await answer(house, number, before)
