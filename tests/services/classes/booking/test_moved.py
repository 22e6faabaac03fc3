"""A class at another time: a partner is asked to confirm the new one and reads from when to when;
whoever booked it reads which rooms have answered and which have not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.web.formats import Formats
from services.web.i18n import translations
from tests.services.classes.booking.test_booking import rows
from tests.services.classes.booking.test_class import notices_of, post
from tests.services.classes.plan import arrange, booked, day_ahead, form, page
from tests.services.house import House
from tongke import clock
from tongke.classes.plan_models import Notice
from tongke.people.models import Role


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


async def move(house: House, number: int, **more: Any) -> None:
    values = {**form(house), "period": "3", **more}
    await post(house, "zhou", f"/classes/{number}/edit", **values)


def spoken(day: date, hours: str) -> str:
    formats = Formats("zh", translations("zh"), clock.now)
    return f"{formats.day(day)} {formats.weekday_name(day)} {hours}"


def change(before: date, after: date) -> str:
    was, now = spoken(before, "08:50—09:30"), spoken(after, "10:00—10:40")
    return f"原来是 {was}，改到 {now}。"


async def test_the_partner_reads_from_when_to_when_and_is_asked_again(house: House) -> None:
    number = await booked(house)
    await post(house, "long", f"/classes/{number}/seats/2/confirm")
    await move(house, number, day=day_ahead(4).isoformat())
    assert await notices_of(house, "long") == ["asked", "moved"]
    shown = await page(house, "long", "/notices")
    assert "改了时间，请你们按新的时间再确认" in shown
    assert change(day_ahead(3), day_ahead(4)) in shown
    # It stays what it was, though the class is moved once more.
    await move(house, number, day=day_ahead(5).isoformat(), period="1")
    assert change(day_ahead(3), day_ahead(4)) in await page(house, "long", "/notices")
    await post(house, "long", f"/classes/{number}/seats/2/confirm")
    assert "都看过了" in await page(house, "long", "/notices")


async def test_the_others_of_the_class_read_it_too(house: House) -> None:
    number = await booked(house)
    await post(house, "long", f"/classes/{number}/seats/2/confirm")
    await move(house, number)
    assert (await notices_of(house, "head"))[-1] == "changed"
    assert change(day_ahead(), day_ahead()) in await page(house, "head", "/notices")


async def test_of_a_title_alone_no_time_is_told(house: House) -> None:
    number = await booked(house)
    await post(house, "long", f"/classes/{number}/seats/2/confirm")
    await move(house, number, period="2", title="整式")
    assert await notices_of(house, "long") == ["asked", "changed"]
    assert "原来是" not in await page(house, "long", "/notices")


async def test_a_room_that_comes_with_the_move_is_asked_and_not_again(house: House) -> None:
    """Its school had no place in the class before."""

    def appoint(session: Session) -> None:
        session.add(Role(account_id=house.ids["xiang"], name="school_admin", school_id=2))

    await house.ground.database.write(appoint)
    number = await booked(house, seat="")
    await move(house, number, seat="2")
    assert await notices_of(house, "long") == ["asked"]
    assert await notices_of(house, "xiang") == ["asked"]


async def test_of_a_series_each_is_told_once_and_of_her_own_week(house: House) -> None:
    number = await booked(house, repeat="every")
    third = (await rows(house))[2]["id"]
    xiang = str(house.ids["xiang"])
    await post(house, "long", f"/classes/{third}/seats/2/confirm", teacher=xiang)
    await move(house, number, scope="following")
    assert (await notices_of(house, "long")).count("moved") == 1
    assert change(day_ahead(), day_ahead()) in await page(house, "long", "/notices")
    assert change(day_ahead(17), day_ahead(17)) in await page(house, "xiang", "/notices")


async def test_whose_recording_widens_as_well_reads_of_the_time_too(house: House) -> None:
    number = await booked(house)
    await post(house, "long", f"/classes/{number}/seats/2/confirm")
    await move(house, number, rooms_heard="1")
    assert await notices_of(house, "long") == ["asked", "widened"]
    assert change(day_ahead(), day_ahead()) in await page(house, "long", "/notices")


async def test_who_is_out_of_it_learns_nothing_of_what_it_is_now(house: House) -> None:
    number = await booked(house)
    await move(house, number, seat="", title="另一节")

    def kept(session: Session) -> dict[str, Any]:
        found = select(Notice).where(Notice.account_id == house.ids["long"])
        return session.scalars(found.order_by(Notice.id.desc())).all()[0].details

    details = await house.ground.database.read(kept)
    assert set(details) == {"title", "at"} and details["title"] == "有理数的加法"
    shown = await page(house, "long", "/notices")
    assert "10:00" not in shown and "另一节" not in shown


async def test_an_answer_says_which_room_gave_it_and_which_has_not(house: House) -> None:
    number = await booked(house, seat=["2", "4"])
    await post(house, "long", f"/classes/{number}/seats/2/confirm")
    shown = await page(house, "zhou", "/notices")
    assert "桐木溪中学 七（2）班确认参加" in shown
    assert "还没回复：桐木溪中学 七（3）班" in shown
    await post(house, "long", f"/classes/{number}/seats/4/decline")
    shown = await page(house, "zhou", "/notices")
    assert "桐木溪中学 七（3）班不参加" in shown and "还没回复" not in shown


async def test_over_json_a_notice_has_the_same(house: House) -> None:
    number = await booked(house)
    await move(house, number)
    (moved, asked) = (await house.json("long", "GET", "/api/v1/notices"))["items"]
    assert (moved["kind"], asked["moved"]) == ("moved", None)
    told = await house.json("long", "GET", f"/api/v1/classes/{number}")
    assert moved["moved"]["now"] == {name: told[name] for name in ("begins_at", "ends_at")}
    assert moved["moved"]["was"]["begins_at"] != told["begins_at"]
