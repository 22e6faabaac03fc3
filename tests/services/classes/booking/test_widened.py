"""A recording that widens after the partner has said yes has no yes: its rooms are asked anew."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.services.classes.booking.test_booking import notices, rows
from tests.services.classes.booking.test_class import notices_of, post
from tests.services.classes.plan import arrange, booked, form, page
from tests.services.house import House
from tongke.people.models import Role

# As it was booked: rooms are seen and not heard, and nobody else may watch.
WIDER = [{"rooms_heard": "1"}, {"audience": "agreement:1"}, {"audience": "school:1"}]
NARROWER = [{"rooms_seen": ""}, {"audience": ""}]


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


async def confirmed(house: House, **more: str) -> int:
    number = await booked(house, **more)
    await post(house, "long", f"/classes/{number}/seats/2/confirm", scope="following")
    return number


async def change(house: House, number: int, **more: str) -> None:
    """By the form, which does not send what is not ticked."""
    values = {name: value for name, value in {**form(house), **more}.items() if value}
    await post(house, "zhou", f"/classes/{number}/edit", **values)


async def standing(house: House, number: int) -> str:
    told = await house.json("zhou", "GET", f"/api/v1/classes/{number}")
    return str(told["standing"])


@pytest.mark.parametrize("wider", WIDER)
async def test_a_partner_is_asked_anew_and_told_why(house: House, wider: dict[str, str]) -> None:
    number = await confirmed(house)
    await change(house, number, **wider)
    assert await standing(house, number) == "asked"
    assert await notices_of(house, "long") == ["asked", "widened"]
    assert "录像规则放宽了，请你们重新确认" in await page(house, "long", "/notices")
    await post(house, "long", f"/classes/{number}/seats/2/confirm")
    assert "都看过了" in await page(house, "long", "/notices")
    # Saved once more as it is now, it asks nobody.
    await change(house, number, **wider)
    assert await standing(house, number) == "confirmed"
    assert await notices_of(house, "long") == ["asked", "widened", "changed"]


@pytest.mark.parametrize("narrower", NARROWER)
async def test_a_yes_to_more_holds_for_less(house: House, narrower: dict[str, str]) -> None:
    wide = {"rooms_heard": "1", "audience": "agreement:1"}
    number = await confirmed(house, **wide)
    await change(house, number, **{**wide, **narrower})
    assert await standing(house, number) == "confirmed"
    assert await notices_of(house, "long") == ["asked", "changed"]


async def test_over_json_as_by_the_form(house: House) -> None:
    number = await confirmed(house)
    path = f"/api/v1/classes/{number}"
    await house.json("zhou", "PATCH", path, json={"title": "另一节"})
    assert await standing(house, number) == "confirmed"
    for wider in (
        {"recording": {"rooms_seen": True, "rooms_heard": True}}, {"audience": ["agreement:1"]},
    ):  # fmt: skip
        await house.json("zhou", "PATCH", path, json=wider)
        assert await standing(house, number) == "asked", wider
        await post(house, "long", f"/classes/{number}/seats/2/confirm")


async def test_whom_the_booker_may_not_let_in_widens_nothing(house: House) -> None:
    number = await confirmed(house)
    values = form(house, audience="everyone")
    text = await post(house, "zhou", f"/classes/{number}/edit", 422, **values)
    assert "everyone：要教育局同意" in text
    assert await standing(house, number) == "confirmed"


async def test_a_no_stays_one_and_ones_own_rooms_need_not_be_asked(house: House) -> None:
    number = await booked(house, seat="2", room="")
    await post(house, "long", f"/classes/{number}/seats/2/decline")
    values = [(k, v) for k, v in form(house, room="", rooms_heard="1").items() if k != "seat"]
    answer = await house.ask(
        "zhou", "POST", f"/classes/{number}/edit", data=[*values, ("seat", "2"), ("seat", "1")]
    )
    assert answer.status == 303
    again = [(k, v) for k, v in values if k != "rooms_seen"]
    more = [*again, ("seat", "2"), ("seat", "1"), ("audience", "school:1")]
    assert (await house.ask("zhou", "POST", f"/classes/{number}/edit", data=more)).status == 303
    told = await house.json("zhou", "GET", f"/api/v1/classes/{number}")
    states = {seat["room"]["id"]: seat["state"] for seat in told["seats"]}
    assert states == {2: "declined", 1: "confirmed"}
    assert "widened" not in await notices_of(house, "long")


async def test_who_has_not_answered_yet_is_asked_as_before(house: House) -> None:
    number = await booked(house)
    await change(house, number, rooms_heard="1")
    assert await notices_of(house, "long") == ["asked", "asked"]


async def test_moved_as_well_it_is_the_recording_that_is_named(house: House) -> None:
    number = await confirmed(house)
    await change(house, number, rooms_heard="1", period="3")
    assert await notices_of(house, "long") == ["asked", "widened"]


async def test_of_a_series_those_are_asked_for_that_widen_and_each_is_told_once(
    house: House,
) -> None:
    number = await confirmed(house, repeat="every")
    # The third one alone is recorded more widely already.
    third = (await rows(house))[2]["id"]
    wide = {"recording": {"rooms_seen": True, "rooms_heard": True}}
    await house.json("zhou", "PATCH", f"/api/v1/classes/{third}", json=wide)
    await post(house, "long", f"/classes/{third}/seats/2/confirm")
    await change(house, number, rooms_heard="1", scope="following")
    standings = [each["standing"] for each in await rows(house)]
    assert standings == ["asked", "asked", "confirmed", *["asked"] * 3]
    assert await notices_of(house, "long") == ["asked", "widened", "widened"]


async def test_the_teacher_beside_the_pupils_is_asked_too_and_others_hear_of_a_change(
    house: House,
) -> None:
    def appoint(session: Session) -> None:
        session.add(Role(account_id=house.ids["tang"], name="school_admin", school_id=1))

    await house.ground.database.write(appoint)
    number = await booked(house, **{"teacher-2": str(house.ids["xiang"])})
    await post(house, "long", f"/classes/{number}/seats/2/confirm")
    before = len(await notices(house))
    await change(house, number, rooms_heard="1", **{"teacher-2": str(house.ids["xiang"])})
    assert set((await notices(house))[before:]) == {
        ("xiang", "widened"), ("long", "widened"), ("tang", "changed"), ("head", "changed"),
    }  # fmt: skip
