"""Two people have the form of a class open: who saves second does not undo what she never saw."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from tests.services.classes.booking.test_booking import rows
from tests.services.classes.booking.test_class import notices_of, post
from tests.services.classes.plan import arrange, booked, day_ahead, page
from tests.services.house import House


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


def values_of(text: str, name: str) -> list[str]:
    """What the form that is shown would send under a name."""
    (shown,) = re.findall(r'<form class="wrap booking".*?</form>', text, re.S)
    inputs = re.findall(rf'<input[^>]*name="{name}"[^>]*>', shown)
    boxes = [each for each in inputs if "checkbox" not in each and "radio" not in each]
    boxes += [each for each in inputs if each not in boxes and "checked" in each]
    for select in re.findall(rf'<select[^>]*name="{name}"[^>]*>(.*?)</select>', shown, re.S):
        boxes += re.findall(r"<option[^>]* selected>", select) or ['value=""']
    return [unescape(re.findall(r'value="([^"]*)"', each)[0]) for each in boxes]


NAMES = (
    "shown", "title", "mode", "purpose", "subject", "grade", "teacher", "room", "day", "period",
    "begins", "ends", "seat", "teacher-2", "had-teacher-2", "teacher-4", "had-teacher-4",
    "rooms_seen", "rooms_heard", "audience",
)  # fmt: skip


def sent(text: str, **more: Any) -> dict[str, Any]:
    """The form as it stands, with what is typed into it."""
    found = {name: values_of(text, name) for name in NAMES}
    return {name: value for name, value in found.items() if value} | more


async def opened(house: House, number: int, who: str = "zhou") -> str:
    return await page(house, who, f"/classes/{number}/edit")


async def save(house: House, number: int, text: str, status: int = 303, **more: Any) -> str:
    return await post(house, "zhou", f"/classes/{number}/edit", status, **sent(text, **more))


async def of_head(house: House, number: int, **more: Any) -> None:
    """The other one saves in the meantime."""
    text = await opened(house, number, "head")
    await post(house, "head", f"/classes/{number}/edit", **sent(text, **more))


async def test_what_the_other_changed_is_there_and_what_was_typed_too(house: House) -> None:
    number = await booked(house)
    before = await opened(house, number)
    await of_head(house, number, period="3")
    told = await save(house, number, before, 409, title="整式")
    assert "这节课已经改过：上课时间" in told
    assert values_of(told, "title") == ["整式"] and values_of(told, "period") == ["3"]
    (held,) = await rows(house)
    assert held["title"] == "有理数的加法"
    # Read and saved once more, both hold, and the partner is not asked about a time again.
    asked = await notices_of(house, "long")
    await save(house, number, told)
    (held,) = await rows(house)
    assert held["title"] == "整式" and held["begins_at"].endswith("02:00:00Z")
    assert await notices_of(house, "long") == [*asked, "asked"]


async def test_of_what_both_changed_she_reads_the_other_ones_and_keeps_hers(house: House) -> None:
    number = await booked(house)
    before = await opened(house, number)
    await of_head(house, number, period="3", title="别的题目")
    told = await save(house, number, before, 409, period="1", title="整式")
    assert f"改到 {day_ahead()} 10:00—10:40" in told
    assert "课题刚才已经改成“别的题目”" in told
    assert told.count("保存后以它为准") == 2
    assert values_of(told, "period") == ["1"] and values_of(told, "title") == ["整式"]
    await save(house, number, told)
    (held,) = await rows(house)
    assert held["title"] == "整式" and held["begins_at"].endswith("00:00:00Z")


async def test_a_room_that_came_meanwhile_keeps_its_teacher(house: House) -> None:
    number = await booked(house)
    before = await opened(house, number)
    xiang = str(house.ids["xiang"])
    await of_head(house, number, seat=["2", "4"], **{"teacher-4": xiang})
    told = await save(house, number, before, 409, title="整式")
    assert values_of(told, "seat") == ["2", "4"]
    await save(house, number, told)
    (held,) = await rows(house)
    assert {seat["room"]["id"]: seat["teacher"] for seat in held["seats"]} == {2: None, 4: "xiang"}


async def test_an_answer_of_the_partner_is_no_such_change(house: House) -> None:
    number = await booked(house)
    before = await opened(house, number)
    xiang = str(house.ids["xiang"])
    await post(house, "long", f"/classes/{number}/seats/2/confirm", teacher=xiang)
    await save(house, number, before, title="整式")
    (held,) = await rows(house)
    assert (held["title"], held["seats"][0]["teacher"]) == ("整式", "xiang")


async def test_nor_is_the_same_form_sent_twice(house: House) -> None:
    number = await booked(house)
    before = await opened(house, number)
    for _ in range(2):
        await save(house, number, before, title="整式", period="3", seat=["4", "2"])
