"""What is told of a series at once says how many classes it is, and until when: to each of those
that concern them."""

from __future__ import annotations

import re

import pytest

from services.web.formats import Formats
from services.web.i18n import translations
from tests.services.classes.booking.test_booking import rows
from tests.services.classes.booking.test_class import post
from tests.services.classes.plan import arrange, booked, day_ahead, form, page
from tests.services.house import House
from tongke import clock


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


@pytest.fixture
async def weeks(house: House) -> list[int]:
    """Six weeks; the partner sends xiang to all but the first."""
    await booked(house, repeat="every")
    numbers = [int(each["id"]) for each in await rows(house)]
    xiang = str(house.ids["xiang"])
    path = f"/classes/{numbers[1]}/seats/2/confirm"
    await post(house, "long", path, scope="following", teacher=xiang)
    return numbers


def until(days: int, count: int) -> str:
    last = Formats("zh", translations("zh"), clock.now).plain_day(day_ahead(days))
    return f"到{last}为止，共 {count} 节"


async def newest(house: House, who: str) -> str:
    shown = await page(house, who, "/notices")
    return re.sub("<[^>]+>", "", re.findall(r"<li class=.*?</li>", shown, re.S)[0])


async def test_of_an_answer_for_the_weeks_that_follow(house: House, weeks: list[int]) -> None:
    told = await newest(house, "zhou")
    assert "七（2）班确认参加" in told and until(38, 5) in told
    assert until(38, 5) in await newest(house, "xiang")
    assert "给你约了 5 节课" in await newest(house, "xiang")
    assert until(38, 5) in await page(house, "zhou", "/")


async def test_who_is_in_some_of_them_hears_of_those(house: House, weeks: list[int]) -> None:
    path = f"/classes/{weeks[0]}/cancel"
    await post(house, "zhou", path, because="停课", scope="following")
    for who, count in (("long", 6), ("xiang", 5)):
        told = await newest(house, who)
        assert f"{count} 节课取消了" in told and until(38, count) in told
    (told, *_) = (await house.json("xiang", "GET", "/api/v1/notices"))["items"]
    assert told["count"] == 5 and told["until"] == (await rows(house))[-1]["begins_at"]


async def test_of_a_change_of_all_of_them(house: House, weeks: list[int]) -> None:
    values = {**form(house), "title": "整式", "scope": "following"}
    await post(house, "zhou", f"/classes/{weeks[0]}/edit", **values)
    told = await newest(house, "xiang")
    assert "5 节课有改动" in told and until(38, 5) in told


async def test_to_who_is_booked_for(house: House) -> None:
    teacher = str(house.ids["tang"])
    await booked(house, "head", teacher=teacher, repeat="every")
    told = await newest(house, "tang")
    assert "给你约了 6 节课" in told and until(38, 6) in told


async def test_who_need_not_come_to_any_of_them(house: House, weeks: list[int]) -> None:
    path = f"/classes/{weeks[1]}/seats/2/decline"
    await post(house, "long", path, scope="following")
    told = await newest(house, "xiang")
    assert "不用你陪同了" in told and until(38, 5) in told


async def test_of_one_class_none_are_counted(house: House, weeks: list[int]) -> None:
    await post(house, "zhou", f"/classes/{weeks[1]}/cancel", because="停课")
    told = await newest(house, "xiang")
    assert "一节课取消了" in told and "为止" not in told
