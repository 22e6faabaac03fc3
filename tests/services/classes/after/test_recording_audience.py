"""Whom a class's recording is for, and what the class's page and its rooms say of that."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from services.classes.classroom import recording as told_of
from tests.services.classes.lessons import held
from tests.services.classes.plan import page
from tests.services.house import PEOPLE, House, session_cookie
from tongke.classes.models import ClassToken, LiveClass
from tongke.classes.plan import tokens
from tongke.people.models import Role, School

TAKE_PART = {"zhou", "xiang"}
LEAD_HEAD = "head"


async def see(house: House, number: int) -> set[str]:
    """Those to whom the library shows a resource."""
    device = await session_cookie(house, "room")
    seen = set()
    for name in PEOPLE:
        asked, cookies = ("", device) if name == "room" else (name, None)
        path = f"/api/v1/resources/{number}"
        if (await house.ask(asked, "GET", path, cookies=cookies)).status == 200:
            seen.add(name)
    return seen


async def arrange(house: House, class_id: int, *tokens: str, trusted: bool = True) -> None:
    """The class was open to these, and the lead school is trusted now or not any more; tang looks
    after the partner."""

    def write(session: Session) -> None:
        session.add_all(ClassToken(class_id=class_id, token=token) for token in tokens)
        session.get_one(School, 1).trusted = trusted
        session.add(Role(account_id=house.ids["tang"], name="school_admin", school_id=2))

    await house.ground.database.write(write)


async def test_who_takes_part_has_it_and_who_looked_into_the_class_has_not(
    house: House, running: int
) -> None:
    await arrange(house, running)
    for name in ("county", "othercounty", "province", "tang"):
        assert (await house.ask(name, "GET", f"/live/{running}/admission")).status == 204
    assert await see(house, await held(house, running)) == TAKE_PART | {LEAD_HEAD}


async def test_where_nobody_was_beside_the_pupils_the_lead_school_has_it(
    house: House, running: int
) -> None:
    def alone(session: Session) -> None:
        live = session.get_one(LiveClass, running)
        for seat in live.seats:
            seat.teacher_id = None
        session.flush()
        tokens.carry(session, live, tokens.invited(session, live))

    await house.ground.database.write(alone)
    number = await held(house, running)
    assert await see(house, number) == {"zhou", LEAD_HEAD}
    told = await house.json("zhou", "GET", f"/api/v1/resources/{number}")
    sent = {"audience": told["audience"]}
    await house.json("zhou", "PATCH", f"/api/v1/resources/{number}", json=sent)
    assert await see(house, number) == {"zhou", LEAD_HEAD}
    assert "的管理员" in await page(house, LEAD_HEAD, f"/resources/{number}")


@pytest.mark.parametrize(
    ("token", "more"),
    [
        ("school:1", {"tang"}),
        ("agreement:1", {"tang"}),
        ("region:430102", {"tang", "long", "county", "city", "province"}),
        ("everyone", set(PEOPLE) - {"room", "operator"}),
    ],
)
async def test_what_a_trusted_schools_class_was_open_to_has_it(
    house: House, running: int, token: str, more: set[str]
) -> None:
    await arrange(house, running, token)
    assert await see(house, await held(house, running)) == TAKE_PART | {LEAD_HEAD} | more


async def test_where_the_school_is_not_trusted_any_more_the_officer_looks_first(
    house: House, running: int
) -> None:
    await arrange(house, running, "everyone", "school:1", trusted=False)
    number = await held(house, running)
    pair = TAKE_PART | {LEAD_HEAD, "tang"}
    assert await see(house, number) == pair | {"province"}
    (waiting,) = (await house.json("province", "GET", "/api/v1/reviews"))["items"]
    decided = {"decision": "approve", "updated_at": waiting["resource"]["updated_at"]}
    await house.json("province", "POST", f"/api/v1/reviews/{waiting['id']}", json=decided)
    assert await see(house, number) == set(PEOPLE) - {"room", "operator"}


async def test_the_page_and_the_rooms_say_so(house: House, running: int) -> None:
    shown = await page(house, "zhou", f"/classes/{running}")
    assert "谁能看录像</dt><dd>参加的老师和主讲学校的管理员</dd>" in shown
    await arrange(house, running, "everyone")
    shown = await page(house, "zhou", f"/classes/{running}")
    assert "参加的老师和主讲学校的管理员，还有：" in shown

    def told(session: Session) -> Any:
        return told_of.told(session, session.get_one(LiveClass, running), "zh")

    assert (await house.ground.database.read(told)).also_for == ["所有人"]
