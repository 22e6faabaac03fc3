"""Whom a school's recordings are for: set by its head, chosen beforehand in each booking."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.services.classes.plan import arrange, at, booked, day_ahead, page
from tests.services.house import AGREEMENT, House
from tongke.classes.invited import INVITED
from tongke.classes.models import ClassToken
from tongke.people.models import Agreement, School


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


async def keep(house: House, *audience: str, name: str = "head", school: int = 1) -> None:
    values = [("school", str(school)), *(("audience", token) for token in audience)]
    answer = await house.ask(name, "POST", "/school/recording", data=values)
    assert answer.status == 303, await answer.text()


async def trust(house: House, trusted: bool) -> None:
    def write(session: Session) -> None:
        session.get_one(School, 1).trusted = trusted

    await house.ground.database.write(write)


async def ticked(house: House, name: str, path: str = "/classes/new") -> set[str]:
    shown = await page(house, name, path)
    return set(re.findall(r'name="audience" value="([^"]+)" checked', shown))


async def offered(house: House, name: str, path: str) -> set[str]:
    return set(re.findall(r'name="audience" value="([^"]+)"', await page(house, name, path)))


async def by_api(house: House, **more: Any) -> set[str]:
    """Whom a class that is booked over JSON is open to."""
    body = {
        "title": "有理数的加法", "begins_at": at(day_ahead(4), 8).isoformat(),
        "ends_at": at(day_ahead(4), 9).isoformat(), "seats": [{"room_id": 2}], **more,
    }  # fmt: skip
    told = await house.json("zhou", "POST", "/api/v1/classes", json=body)
    cancelled = {"because": "改期"}
    opened = await opened_to(house, told["id"])
    await house.json("zhou", "POST", f"/api/v1/classes/{told['id']}/cancel", json=cancelled)
    return opened


async def opened_to(house: House, class_id: int) -> set[str]:
    def read(session: Session) -> set[str]:
        carried = select(ClassToken.token).where(ClassToken.class_id == class_id)
        return {token for token in session.scalars(carried) if token.startswith(INVITED)}

    return await house.ground.database.read(read)


async def test_nobody_is_chosen_until_the_head_has_said_so(house: House) -> None:
    assert await ticked(house, "zhou") == set()
    assert await by_api(house) == set()


async def test_whom_the_head_chose_is_ticked_for_the_schools_teachers(house: House) -> None:
    before = await booked(house)
    await keep(house, "school:1", "agreement:1")
    chosen = {"school:1", "agreement:1"}
    for name, path in (("head", "/school/recording"), ("zhou", "/classes/new")):
        assert await ticked(house, name, path) == chosen, name
    assert await ticked(house, "xiang") == set(), "another school has its own rule"
    # A teacher may book for others; and what is booked already keeps whom it was for.
    assert await opened_to(house, await booked(house, audience="", day=at_day(5))) == set()
    assert await opened_to(house, before) == set()
    await keep(house)
    assert await ticked(house, "zhou") == set()


def at_day(days: int) -> str:
    return day_ahead(days).isoformat()


async def test_over_json_it_holds_where_no_audience_is_said(house: House) -> None:
    await keep(house, "agreement:1")
    assert await by_api(house) == {"agreement:1"}
    assert await by_api(house, audience=None) == {"agreement:1"}
    assert await by_api(house, audience=[]) == set()
    assert await by_api(house, audience=["school:1"]) == {"school:1"}
    body = {"title": "课", "begins_at": at(day_ahead(), 8).isoformat(), "school_id": 2,
            "ends_at": at(day_ahead(), 9).isoformat()}  # fmt: skip
    answer = await house.ask("zhou", "POST", "/api/v1/classes", json=body)
    assert answer.status == 403, "of another school nobody takes the rule"
    answer = await house.ask("zhou", "POST", "/api/v1/classes", json={**body, "school_id": 99})
    assert answer.status == 403


async def test_a_change_that_says_nothing_of_it_keeps_whom_a_class_was_for(house: House) -> None:
    number = await booked(house, audience="school:1")
    await keep(house, "agreement:1")
    await house.json("zhou", "PATCH", f"/api/v1/classes/{number}", json={"title": "另一节"})
    assert await opened_to(house, number) == {"school:1"}


async def test_a_training_is_for_those_whom_somebody_names(house: House) -> None:
    """To be invited is more than to be let watch: the school's people would all be told to come."""
    await keep(house, "agreement:1")
    assert await by_api(house, purpose="training") == set()


async def test_the_page_offers_what_a_booking_offers(house: House) -> None:
    for trusted in (False, True):
        await trust(house, trusted)
        found = await offered(house, "head", "/school/recording")
        assert found == await offered(house, "head", "/classes/new")
        assert ("everyone" in found) is trusted
        assert {"school:1", "agreement:1"} <= found


async def test_a_region_is_for_a_school_that_is_trusted_and_as_long_as_it_is(house: House) -> None:
    wide = ("region:430102", "everyone")
    await keep(house, *wide, "school:1")
    assert await by_api(house) == {"school:1"}
    await trust(house, True)
    assert await by_api(house) == {"school:1"}, "it was not kept either"
    await keep(house, *wide)
    assert await ticked(house, "zhou") == await by_api(house) == set(wide)
    await trust(house, False)
    assert await by_api(house) == set()


async def test_what_the_school_does_not_hold_is_not_kept(house: House) -> None:
    await keep(house, "school:2", "agreement:9", "user:1", "admin:1", "灯笼", "agreement:1")

    def kept(session: Session) -> list[str]:
        return session.get_one(School, 1).recording_audience

    assert await house.ground.database.read(kept) == ["agreement:1"]


async def test_a_pair_that_has_ended_is_chosen_no_more(house: House) -> None:
    await keep(house, "agreement:1", "school:1")

    def end(session: Session) -> None:
        session.get_one(Agreement, AGREEMENT).active = False

    await house.ground.database.write(end)
    assert await ticked(house, "zhou") == await by_api(house, seats=[]) == {"school:1"}


async def test_only_the_schools_head_sets_it(house: House) -> None:
    for name, school, status in (("zhou", 1, 403), ("long", 1, 404), ("head", 2, 404)):
        values = {"school": str(school), "audience": f"school:{school}"}
        answer = await house.ask(name, "POST", "/school/recording", data=values)
        assert answer.status == status, name
    await keep(house, "school:2", name="long", school=2)
    assert await ticked(house, "long", "/school/recording?school=2") == {"school:2"}
