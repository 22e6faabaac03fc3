"""This class and those that follow: only what is changed in this one is changed in them. What the
partner chose, and what a week was given of its own, stays."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.classes.booking.test_booking import paper, rows
from tests.services.classes.booking.test_class import post
from tests.services.classes.plan import arrange, booked, day_ahead, form
from tests.services.house import House


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


@pytest.fixture
async def weeks(house: House) -> list[int]:
    """Six weeks that the partner has said yes to: to the third with xiang. The third has a title
    of its own, the fourth another deck."""
    number = await booked(house, repeat="every")
    await post(house, "long", f"/classes/{number}/seats/2/confirm", scope="following")
    numbers = [int(each["id"]) for each in await rows(house)]
    xiang = str(house.ids["xiang"])
    await post(house, "long", f"/classes/{numbers[2]}/seats/2/confirm", teacher=xiang)
    await patch(house, numbers[2], title="第3课时")
    deck = await paper(house, "zhou", [])
    await patch(house, numbers[3], materials=[deck])
    return numbers


async def patch(house: House, number: int, **changes: Any) -> None:
    await house.json("zhou", "PATCH", f"/api/v1/classes/{number}", json=changes)


async def edit(house: House, number: int, **more: Any) -> None:
    """By the form of the class, with those that follow."""
    values = {**form(house), "scope": "following", **more}
    answer = await house.ask("zhou", "POST", f"/classes/{number}/edit", data=values)
    assert answer.status == 303, await answer.text()


def of(found: list[dict[str, Any]], name: str) -> list[Any]:
    return [each[name] for each in found]


def beside(found: list[dict[str, Any]], room: int = 2) -> list[str | None]:
    seats = [{seat["room"]["id"]: seat["teacher"] for seat in each["seats"]} for each in found]
    return [each.get(room, "no seat") for each in seats]


XIANG = [None, None, "xiang", None, None, None]
TITLES = ["有理数的加法", "有理数的加法", "第3课时", *["有理数的加法"] * 3]


async def test_another_time_leaves_the_teacher_the_title_and_the_deck(
    house: House, weeks: list[int]
) -> None:
    before = await rows(house)
    await edit(house, weeks[0], period="3")
    after = await rows(house)
    begins = zip(of(before, "begins_at"), of(after, "begins_at"), strict=True)
    assert all(was < now for was, now in begins)
    assert beside(after) == XIANG
    assert of(after, "title") == TITLES
    assert of(after, "materials") == of(before, "materials")
    assert set(of(after, "standing")) == {"asked"}


async def test_another_title_leaves_the_rest(house: House, weeks: list[int]) -> None:
    before = await rows(house)
    await edit(house, weeks[0], title="整式")
    after = await rows(house)
    assert set(of(after, "title")) == {"整式"}
    assert beside(after) == XIANG
    for same in ("begins_at", "materials", "standing"):
        assert of(after, same) == of(before, same)


async def test_a_deck_comes_and_goes_without_those_that_a_week_has(
    house: House, weeks: list[int]
) -> None:
    own = (await rows(house))[3]["materials"]
    deck = await paper(house, "zhou", [])
    await edit(house, weeks[0], material=str(deck))
    assert of(await rows(house), "materials") == [
        [deck], [deck], [deck], [*own, deck], [deck], [deck],
    ]  # fmt: skip
    await edit(house, weeks[0])
    after = await rows(house)
    assert of(after, "materials") == [[], [], [], own, [], []]
    assert (beside(after), of(after, "title")) == (XIANG, TITLES)


async def test_a_room_comes_and_goes_and_the_others_keep_their_answers(
    house: House, weeks: list[int]
) -> None:
    await edit(house, weeks[0], seat=["2", "4"])
    after = await rows(house)
    assert beside(after, 4) == [None] * 6
    assert beside(after) == XIANG
    states = [{seat["room"]["id"]: seat["state"] for seat in each["seats"]} for each in after]
    assert states == [{2: "confirmed", 4: "asked"}] * 6
    await edit(house, weeks[0], seat="4")
    after = await rows(house)
    assert beside(after) == ["no seat"] * 6
    assert of(after, "title") == TITLES


async def test_the_teacher_of_a_seat_is_another_where_the_booker_says_so(
    house: House, weeks: list[int]
) -> None:
    second = day_ahead(10).isoformat()
    await edit(house, weeks[1], day=second, **{"teacher-2": str(house.ids["long"])})
    assert beside(await rows(house)) == [None, *["long"] * 5]
    assert of(await rows(house), "title") == TITLES


async def test_another_lead_teacher_leaves_the_partners(house: House, weeks: list[int]) -> None:
    await edit(house, weeks[0], teacher=str(house.ids["tang"]))
    after = await rows(house, "head")
    assert set(of(after, "teacher")) == {"tang"}
    assert (beside(after), of(after, "title")) == (XIANG, TITLES)


async def test_a_week_that_cannot_be_so_is_named(house: House, weeks: list[int]) -> None:
    """Of another school's paper the pair may see, and not whom that week alone is open to."""
    theirs = await paper(house, "xiang", ["agreement:1", "school:2"])
    await patch(house, weeks[4], audience=["school:1"])
    day = (await rows(house))[4]["begins_at"][:10]
    values = form(house, scope="following", material_more=f"/resources/{theirs}")
    text = await post(house, "zhou", f"/classes/{weeks[0]}/edit", 422, **values)
    assert f"后面 {day} 那一节不行：别的学校的课件" in text
