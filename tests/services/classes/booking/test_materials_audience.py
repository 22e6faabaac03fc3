"""A class shows its materials on the screens of its rooms: no pairing's papers in another's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.services.classes.booking.test_api import booked, wanted
from tests.services.classes.booking.test_booking import paper
from tests.services.house import House, agreement
from tongke import clock
from tongke.classes.plan_models import SchoolTimes
from tongke.people.models import Room, School

# Of school 3, with which school 1 is paired as well.
OTHER_PARTNERS_ROOM = 3


@pytest.fixture(autouse=True)
async def two_pairings(house: House) -> None:
    def arrange(session: Session) -> None:
        session.add(Room(id=1, school_id=1, name="录播教室"))
        session.add(Room(id=2, school_id=2, name="七（2）班", account_id=house.ids["room"]))
        session.add(Room(id=OTHER_PARTNERS_ROOM, school_id=3, name="八（1）班"))
        session.add(agreement(2, "county", 1, 3))

    await house.ground.database.write(arrange)


@pytest.mark.parametrize(
    ("audience", "status"),
    [
        (["agreement:1"], 422),
        (["agreement:1", "everyone"], 201),
        (["agreement:1", "region:430000"], 201),
    ],
)
async def test_a_partners_paper_is_shown_only_where_it_was_given_to(
    house: House, audience: list[str], status: int
) -> None:
    await house.ground.database.write(_trust)
    theirs = await paper(house, "xiang", audience)
    body = wanted(materials=[theirs], seats=[{"room_id": OTHER_PARTNERS_ROOM}])
    answer = await house.ask("zhou", "POST", "/api/v1/classes", json=body)
    assert answer.status == status, await answer.text()


def _trust(session: Session) -> None:
    """School 2 needs no officer."""
    session.get_one(School, 2).trusted = True


async def test_nor_when_the_class_is_opened_to_them_later(house: House) -> None:
    theirs = await paper(house, "xiang", ["agreement:1"])
    told = await booked(house, materials=[theirs], audience=[])
    path = f"/api/v1/classes/{told['id']}"
    opened_up: dict[str, Any] = {"audience": ["agreement:2"]}
    for change in ({}, {"materials": [theirs]}, {"title": "另一题"}):
        answer = await house.ask("zhou", "PATCH", path, json=opened_up | change)
        assert answer.status == 422
        assert list((await answer.json())["errors"]) == ["materials"]
    # To whom it was given, and what else was open stays so when something else is changed.
    for change in ({"audience": ["agreement:1"]}, {"title": "另一题"}):
        assert (await house.ask("zhou", "PATCH", path, json=change)).status == 200
    opened = {"audience": ["agreement:1", "agreement:2"], "materials": []}
    assert (await house.ask("zhou", "PATCH", path, json=opened)).status == 200


async def test_nor_when_a_later_week_alone_has_it(house: House) -> None:
    theirs = await paper(house, "xiang", ["agreement:1"])
    begins = clock.today() + timedelta(days=1)
    when = {"day": begins.isoformat(), "period": 1, "repeat": "every"}
    await house.ground.database.write(_term)
    series = {"when": when, "booking": wanted(audience=[], seats=[])}
    made = (await house.json("zhou", "POST", "/api/v1/classes/series", json=series))["items"]
    first, later = (f"/api/v1/classes/{made[each]['id']}" for each in (0, 2))
    await house.json("zhou", "PATCH", later, json={"materials": [theirs]})
    opened = {"audience": ["agreement:2"], "scope": "following"}
    answer = await house.ask("zhou", "PATCH", first, json=opened)
    assert answer.status == 422
    assert f"后面 {made[2]['begins_at'][:10]}" in (await answer.json())["errors"]["materials"]


def _term(session: Session) -> None:
    today = clock.today()
    session.add(
        SchoolTimes(
            school_id=1, periods=[[1, "08:00", "08:40"]], first_day=today - timedelta(days=7),
            last_day=today + timedelta(days=40), holidays=[], make_up={}, updated_at=clock.now(),
        )
    )  # fmt: skip


async def test_nor_when_the_room_comes_later(house: House) -> None:
    theirs = await paper(house, "xiang", ["agreement:1"])
    told = await booked(house, materials=[theirs])
    change = wanted(materials=[theirs], seats=[{"room_id": 2}, {"room_id": OTHER_PARTNERS_ROOM}])
    path = f"/api/v1/classes/{told['id']}"
    answer = await house.ask("zhou", "PATCH", path, json=change)
    assert answer.status == 422
    assert list((await answer.json())["errors"]) == ["materials"]
