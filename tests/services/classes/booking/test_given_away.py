"""A room that was asked for and that its school has given to a lesson of its own since: the class
that asked says so and offers another, and may be changed in everything else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.classes.booking.test_booking import rows
from tests.services.classes.booking.test_class import post
from tests.services.classes.plan import arrange, booked, day_ahead, form, page, said
from tests.services.house import House

GONE = "这个时间，这间教室已有别的课"
CHOOSE = "原定的时间已有别的课，换一间或者换个时间"


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


async def give_away(house: House, days: int = 3, period: str = "2", **more: Any) -> None:
    """A teacher of the partner's gives a lesson of her own, in the room that was asked for."""
    values = {
        "school": "2", "teacher": str(house.ids["xiang"]), "room": "2", "seat": "",
        "day": day_ahead(days).isoformat(), "period": "",
        **dict(zip(("begins", "ends"), TIMES[period], strict=True)), **more,
    }  # fmt: skip
    await booked(house, "xiang", **values)


TIMES = {"2": ("08:50", "09:30"), "3": ("10:00", "10:40")}


async def test_a_change_of_something_else_passes(house: House) -> None:
    number = await booked(house)
    await give_away(house)
    await post(house, "zhou", f"/classes/{number}/edit", **form(house, title="有理数的减法"))
    path = f"/api/v1/classes/{number}"
    answer = await house.ask("zhou", "PATCH", path, json={"title": "有理数的乘法"})
    assert answer.status == 200, await answer.text()
    assert [seat["state"] for seat in (await answer.json())["seats"]] == ["asked"]


async def test_so_does_another_room_in_its_place(house: House) -> None:
    number = await booked(house)
    await give_away(house)
    await post(house, "zhou", f"/classes/{number}/edit", **form(house, seat="4"))
    assert GONE not in await page(house, "zhou", f"/classes/{number}")


async def test_what_it_takes_besides_has_to_be_free(house: House) -> None:
    number = await booked(house, seat="4")
    await give_away(house)
    text = await post(house, "zhou", f"/classes/{number}/edit", 409, **form(house, seat=["2", "4"]))
    assert f"{said(day_ahead())} 08:50—09:30，桐木溪中学 七（2）班已有别的课" in text


async def test_moved_where_the_room_is_taken_too_it_is_refused_with_what_to_do(
    house: House,
) -> None:
    number = await booked(house)
    await give_away(house)
    await give_away(house, period="3", teacher=str(house.ids["long"]))
    text = await post(house, "zhou", f"/classes/{number}/edit", 409, **form(house, period="3"))
    assert f"{said(day_ahead())} 10:00—10:40，桐木溪中学 七（2）班已有别的课" in text
    assert '<a href="#when">去换时间</a>' in text and '<a href="#where">去换教室</a>' in text


async def test_of_a_series_one_week_without_its_room_hinders_no_change_of_the_others(
    house: House,
) -> None:
    await booked(house, repeat="every")
    weeks = [int(each["id"]) for each in await rows(house)]
    await give_away(house, days=10)
    more = form(house, title="有理数的减法", scope="following")
    await post(house, "zhou", f"/classes/{weeks[0]}/edit", **more)
    assert {each["title"] for each in await rows(house)} == {"有理数的减法"}


async def test_nothing_is_foretold_that_would_not_be_refused(house: House) -> None:
    number = await booked(house)
    await give_away(house)
    body: dict[str, Any] = {
        "when": {"day": day_ahead().isoformat(), "period": 2}, "room_ids": [1, 2],
        "teacher_ids": [house.ids["zhou"]], "but": number,
    }  # fmt: skip
    told = await house.json("zhou", "POST", "/api/v1/classes/clashes", json=body)
    assert told["lines"] == []
    await give_away(house, period="3", teacher=str(house.ids["long"]))
    body["when"]["period"] = 3
    told = await house.json("zhou", "POST", "/api/v1/classes/clashes", json=body)
    assert len(told["lines"]) == 1


async def test_the_class_says_that_its_room_is_gone_and_leads_to_another(house: House) -> None:
    number = await booked(house)
    assert GONE not in await page(house, "zhou", f"/classes/{number}")
    assert CHOOSE not in await page(house, "zhou", f"/classes/{number}/edit")
    await give_away(house)
    text = await page(house, "zhou", f"/classes/{number}")
    assert GONE in text and f'<a href="/classes/{number}/edit#where">换一间教室</a>' in text
    assert CHOOSE in await page(house, "zhou", f"/classes/{number}/edit")
    text = await page(house, "long", f"/classes/{number}")
    assert GONE in text and "换一间教室" not in text, "she only answers"


async def test_it_says_the_same_of_the_teacher_who_was_to_be_beside_the_pupils(
    house: House,
) -> None:
    xiang = str(house.ids["xiang"])
    number = await booked(house, **{"teacher-2": xiang})
    await give_away(house, room="4")
    text = await page(house, "zhou", f"/classes/{number}")
    assert "这个时间，陪同老师已有别的课" in text and "换一位老师" in text and GONE not in text
    assert "陪同老师在原定的时间已有别的课" in await page(house, "zhou", f"/classes/{number}/edit")
    more = form(house, title="有理数的减法", **{"teacher-2": xiang})
    await post(house, "zhou", f"/classes/{number}/edit", **more)
