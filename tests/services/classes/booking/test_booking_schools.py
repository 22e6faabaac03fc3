"""Whoever is of two schools says for which of them a class is booked."""

from __future__ import annotations

import pytest

from tests.services.classes.plan import arrange, booked, page
from tests.services.house import House

CHOICE = "替哪所学校约"


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


async def test_the_form_is_that_of_the_chosen_school(house: House) -> None:
    first = await page(house, "long", "/classes/new")
    assert CHOICE in first and '<option value="3">八（1）班</option>' in first
    other = await page(house, "long", "/classes/new?school=2")
    assert '<option value="4">七（3）班</option>' in other
    assert 'data-school="2"' in other and 'href="/classes/new?school=3"' in other


async def test_the_class_is_the_chosen_schools(house: House) -> None:
    clock_times = {"period": "", "begins": "8：00", "ends": "08:40"}
    teacher = str(house.ids["xiang"])
    number = await booked(
        house, "long", school="2", room="4", seat="2", teacher=teacher, **clock_times
    )
    told = await house.json("long", "GET", f"/api/v1/classes/{number}")
    assert told["school_id"] == 2


async def test_no_other_school_may_be_chosen_and_nobody_of_one_is_asked(house: House) -> None:
    assert CHOICE not in await page(house, "zhou", "/classes/new")
    await page(house, "zhou", "/classes/new?school=2", status=403)
