"""A partner declines: before the class and not in it, this once unless it says otherwise, and for
the time it was asked about."""

from __future__ import annotations

import re

import pytest

from tests.services.classes.booking.test_booking import rows
from tests.services.classes.booking.test_class import post, shift
from tests.services.classes.plan import arrange, booked, form, page
from tests.services.house import House
from tongke.classes.vocabulary import SeatState

WEEKS = 6


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


async def states(house: House) -> list[str]:
    return [each["seats"][0]["state"] for each in await rows(house)]


async def put(house: House, number: int, state: SeatState) -> tuple[int, str]:
    path = f"/api/v1/classes/{number}/seats/2"
    answer = await house.ask("long", "PUT", path, json={"state": state})
    return answer.status, await answer.text()


@pytest.mark.parametrize("state", [SeatState.ASKED, SeatState.CONFIRMED])
@pytest.mark.parametrize("begun", ["its time has come", "it was begun before its time"])
async def test_a_class_that_has_begun_is_declined_no_more(
    house: House, state: SeatState, begun: str
) -> None:
    number = await booked(house)
    path = f"/classes/{number}/seats/2"
    if state is SeatState.CONFIRMED:
        await post(house, "long", f"{path}/confirm")
    opened = await page(house, "long", f"/classes/{number}")
    assert f"{path}/decline" in opened
    if begun == "its time has come":
        await shift(house, number, seconds=-1)
    else:
        await shift(house, number, minutes=5)
        await house.ask("zhou", "POST", f"/api/v1/classes/{number}/start")
    told = await post(house, "long", f"{path}/decline", 409)
    assert "不能再回复“不参加”" in told and "联系主讲老师" in told
    status, said = await put(house, number, SeatState.DECLINED)
    assert status == 409 and "class-begun" in said
    assert await states(house) == [state]
    assert f"{path}/decline" not in await page(house, "long", f"/classes/{number}")


async def test_whoever_comes_after_all_says_so_while_it_runs(house: House) -> None:
    number = await booked(house)
    await post(house, "long", f"/classes/{number}/seats/2/decline")
    await shift(house, number, minutes=-3)
    status, said = await put(house, number, SeatState.CONFIRMED)
    assert status == 200, said


async def test_it_is_this_once_where_a_yes_would_be_for_all(house: House) -> None:
    number = await booked(house, repeat="every")
    shown = await page(house, "long", f"/classes/{number}")
    asked, declined = re.findall(r'<form [^>]*action="[^"]*/seats/2/.*?</form>', shown, re.S)
    assert re.search(r'value="following" checked', asked)
    assert f"这一节和以后各周的 {WEEKS - 1} 节" in declined
    (ticked,) = re.findall(r'name="scope" value="(\w+)" checked', declined)
    assert ticked == "one"
    answer = await house.ask(
        "long", "POST", f"/classes/{number}/seats/2/decline", data={"scope": ticked}
    )
    assert await states(house) == ["declined", *["asked"] * (WEEKS - 1)]
    assert "已回复：不参加" in await page(house, "long", answer.headers["Location"])


async def test_of_the_whole_term_the_page_says_of_how_many(house: House) -> None:
    number = await booked(house, repeat="every")
    for how, said in (("decline", "不参加"), ("confirm", "参加")):
        path, data = f"/classes/{number}/seats/2/{how}", {"scope": "following"}
        answer = await house.ask("long", "POST", path, data=data)
        told = await page(house, "long", answer.headers["Location"])
        assert f"已回复：{WEEKS} 节课都{said}" in told
        # A link says no number of its own.
        forged = f"/classes/{number}?done=classes-{how}d&num=很多"
        assert "已回复" not in await page(house, "long", forged)


async def test_only_the_weeks_that_a_room_is_in_are_counted(house: House) -> None:
    number = await booked(house, repeat="every", seat=["2", "4"])
    last = (await rows(house))[-1]["id"]
    values = form(house, day=(await rows(house))[-1]["begins_at"][:10], scope="one")
    await post(house, "zhou", f"/classes/{last}/edit", **{**values, "seat": "4"})
    shown = await page(house, "long", f"/classes/{number}")
    counts = re.findall(r"这一节和以后各周的 (\d+) 节", shown)
    assert counts == [str(WEEKS - 2), str(WEEKS - 1)]


async def test_a_refused_no_keeps_what_was_chosen_and_says_it_beside_itself(house: House) -> None:
    number = await booked(house, repeat="every")
    path = f"/classes/{number}/seats/2/decline"
    told = await post(house, "long", path, 422, because="说" * 201, scope="following")
    declined = told.split(f'action="{path}"')[1].split("</form>")[0]
    assert 'value="following" checked' in declined and "最多 200 个字" in declined


async def test_why_it_was_declined_is_not_said_of_another_time(house: House) -> None:
    number = await booked(house)
    why = "这天全校参加运动会"
    await post(house, "long", f"/classes/{number}/seats/2/decline", because=why)
    assert why in await page(house, "zhou", f"/classes/{number}")
    await post(house, "zhou", f"/classes/{number}/edit", **form(house, period="3"))
    shown = await page(house, "zhou", f"/classes/{number}")
    assert "等回复" in shown and why not in shown
    assert (await rows(house))[0]["seats"][0]["state"] == "asked"
