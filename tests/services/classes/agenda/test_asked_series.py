"""A partner is asked for a whole term at once: it is told so, and answers so."""

from __future__ import annotations

import re

import pytest

from tests.services.classes.booking.test_booking import rows
from tests.services.classes.booking.test_class import post
from tests.services.classes.plan import arrange, booked, day_ahead, form, page
from tests.services.house import House

# Every week of the term that is arranged, from the third day ahead on.
LESSONS = 6


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


def weekday(days: int = 3) -> str:
    return "周" + "一二三四五六日"[day_ahead(days).weekday()]


def box_is_ticked(shown: str) -> bool:
    (box,) = re.findall(r'<input type="checkbox" name="scope"[^>]*>', shown)
    return "checked" in box


async def test_the_notice_and_home_say_how_many_and_in_which_rhythm(house: House) -> None:
    await booked(house, repeat="every")
    day = f"{day_ahead().month}月{day_ahead().day}日起"
    for path, said in (("/notices", "请你们确认 6 节课"), ("/", "6 节同步课等你们确认")):
        shown = await page(house, "long", path)
        assert said in shown, path
        assert f"每{weekday()} 08:50—09:30" in shown and f"{day}，共 6 节" in shown, path


async def test_of_odd_weeks_it_is_every_other(house: House) -> None:
    await booked(house, repeat="odd")
    assert "隔周的" in await page(house, "long", "/")


async def test_home_says_of_one_when_it_is(house: House) -> None:
    await booked(house)
    shown = await page(house, "long", "/")
    assert "1 节同步课等你们确认" in shown
    assert f"{day_ahead().month}月{day_ahead().day}日 {weekday()} 08:50—09:30" in shown


async def test_its_first_is_answered_for_all_unless_somebody_says_otherwise(house: House) -> None:
    number = await booked(house, repeat="every")
    all_of_it = await rows(house)
    assert len(all_of_it) == LESSONS
    assert box_is_ticked(await page(house, "long", f"/classes/{number}"))
    # Who goes to a later one means that one.
    assert not box_is_ticked(await page(house, "long", f"/classes/{all_of_it[2]['id']}"))
    await post(house, "long", f"/classes/{number}/seats/2/confirm")
    # The first that is left is the first now; the one that was answered has its own answer.
    assert box_is_ticked(await page(house, "long", f"/classes/{all_of_it[1]['id']}"))
    assert not box_is_ticked(await page(house, "long", f"/classes/{number}"))
    assert f"{LESSONS - 1} 节同步课等你们确认" in await page(house, "long", "/")


async def test_a_refused_answer_keeps_what_was_ticked(house: House) -> None:
    number = await booked(house, repeat="every")
    await post(house, "long", f"/classes/{number}/seats/2/decline", scope="following")
    other = await booked(house, name="tang", teacher=str(house.ids["tang"]), room="")
    await post(house, "long", f"/classes/{other}/seats/2/confirm")
    path = f"/classes/{number}/seats/2/confirm"
    assert box_is_ticked(await post(house, "long", path, 409, scope="following"))
    assert not box_is_ticked(await post(house, "long", path, 409))


async def test_one_that_is_moved_by_itself_asks_for_itself(house: House) -> None:
    number = await booked(house, repeat="every")
    await post(house, "long", f"/classes/{number}/seats/2/confirm", scope="following")
    third = (await rows(house))[2]["id"]
    values = form(house, day=day_ahead(3 + 14).isoformat(), period="3", scope="one")
    await post(house, "zhou", f"/classes/{third}/edit", **values)
    assert not box_is_ticked(await page(house, "long", f"/classes/{third}"))
    assert "请你们确认 " not in await page(house, "long", "/notices")
