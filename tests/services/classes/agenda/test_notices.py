"""What a notice still says of a class that its reader sees no more: what they knew of it then."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from tests.services.classes.booking.test_class import post
from tests.services.classes.plan import arrange, booked, day_ahead, form, page
from tests.services.house import House
from tongke.classes.plan_models import Notice

TITLE = "有理数的加法"


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


def day(ahead: int = 3) -> str:
    found = day_ahead(ahead)
    return f"{found.month}月{found.day}日 周{'一二三四五六日'[found.weekday()]}"


async def test_a_room_that_is_out_of_it_is_told_which_class_it_was(house: House) -> None:
    number = await booked(house)
    await post(house, "zhou", f"/classes/{number}/edit", **form(house, seat=""))
    shown = await page(house, "long", "/notices")
    assert f"一节课有改动：{TITLE}" in shown
    assert f"{day()} 08:50" in shown and "你们已经不在这节课里了" in shown
    assert f'href="/classes/{number}"' not in shown
    assert TITLE in await page(house, "long", "/")


async def test_what_became_of_it_since_is_no_longer_theirs(house: House) -> None:
    number = await booked(house)
    # It is moved in the same stroke, and renamed later.
    moved = form(house, seat="", day=day_ahead(5).isoformat())
    await post(house, "zhou", f"/classes/{number}/edit", **moved)
    await post(house, "zhou", f"/classes/{number}/edit", **{**moved, "title": "只给本校的课"})
    shown = await page(house, "long", "/notices")
    assert day() in shown and day(5) not in shown
    assert TITLE in shown and "只给本校的课" not in shown


async def test_a_teacher_who_is_replaced_is_told_that_she_need_not_come(house: House) -> None:
    number = await booked(house, **{"teacher-2": str(house.ids["xiang"])})
    path = f"/classes/{number}/seats/2/confirm"
    await post(house, "long", path, teacher=str(house.ids["long"]))
    shown = await page(house, "xiang", "/notices")
    assert f"不用你陪同了：{TITLE}" in shown and f"{day()} 08:50" in shown
    (told,) = re.findall(r"<li[^>]*>(?:(?!</li>).)*不用你陪同了.*?</li>", shown, re.S)
    assert "你们已经不在这节课里了" not in told


async def test_a_notice_of_before_says_what_it_can(house: House) -> None:
    number = await booked(house)
    await post(house, "zhou", f"/classes/{number}/edit", **form(house, seat=""))
    await house.ground.database.write(lambda s: s.execute(update(Notice).values(details={})))
    shown = await page(house, "long", "/notices")
    assert "你们已经不在这节课里了" in shown and TITLE not in shown
    assert "一节同步课" in await page(house, "long", "/")
