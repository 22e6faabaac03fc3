"""Booking by the plain form: once or for the term, with what stands in the way said beside it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.services.classes.plan import arrange, at, booked, day_ahead, form, page, said
from tests.services.house import House
from tongke.classes.models import LiveClass
from tongke.classes.plan_models import Notice
from tongke.library.models import Resource
from tongke.people.models import Role


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


async def rows(house: House, name: str = "zhou") -> list[dict[str, Any]]:
    begins, ends = at(day_ahead(0), 0), at(day_ahead(60), 0)
    query = {"begins": begins.isoformat(), "ends": ends.isoformat()}
    found = await house.json(name, "GET", "/api/v1/classes", params=query)
    return list(found["items"])


async def paper(house: House, author: str, audience: list[str], medium: str = "document") -> int:
    number = await house.publish(author, audience)

    def become(session: Session) -> None:
        session.get_one(Resource, number).medium = medium

    await house.ground.database.write(become)
    return number


async def test_a_teacher_fills_in_the_form_and_the_partner_is_asked(house: House) -> None:
    shown = await page(house, "zhou", "/classes/new")
    # What there is to choose: the school's periods, the partner's rooms and its people.
    assert "第 2 节" in shown and "七（2）班" in shown and ">xiang</option>" in shown
    assert "八（1）班" not in shown
    number = await booked(house, **{"teacher-2": str(house.ids["xiang"])})
    told = await house.json("xiang", "GET", f"/api/v1/classes/{number}")
    assert told["standing"] == "asked"
    assert told["recording"] == {"rooms_seen": True, "rooms_heard": False}


async def test_a_booking_begins_with_the_schools_recording_rule_and_keeps_its_own(
    house: House,
) -> None:
    before = await booked(house, rooms_heard="1")
    kept = await house.ask("head", "POST", "/school/recording", data={"rooms_seen": "1"})
    assert kept.status == 303
    for shown in (
        await page(house, "tang", "/classes/new"), await page(house, "head", "/school/recording"),
    ):  # fmt: skip
        assert re.search(r'name="rooms_seen" value="1" checked', shown)
        assert not re.search(r'name="rooms_heard" value="1" checked', shown)
    told = await house.json("zhou", "GET", f"/api/v1/classes/{before}")
    assert told["recording"] == {"rooms_seen": True, "rooms_heard": True}
    refused = await house.ask("head", "POST", "/school/recording", data={"school": "2"})
    assert refused.status == 404
    assert (await house.ask("zhou", "POST", "/school/recording")).status == 403


async def test_a_period_is_held_when_the_school_rings(house: House) -> None:
    await booked(house)
    (told,) = await rows(house)
    assert datetime.fromisoformat(told["begins_at"]) == at(day_ahead(), 8, 50)
    assert datetime.fromisoformat(told["ends_at"]) == at(day_ahead(), 9, 30)


async def test_what_was_booked_by_the_bell_opens_so_and_what_by_the_clock_by_the_clock(
    house: House,
) -> None:
    by_bell = await booked(house)
    by_clock = await booked(
        house, day=day_ahead(4).isoformat(), period="", begins="08:50", ends="09:20"
    )
    chosen = '<option value="2" selected>第 2 节'
    assert chosen in await page(house, "zhou", f"/classes/{by_bell}/edit")
    shown = await page(house, "zhou", f"/classes/{by_clock}/edit")
    assert "selected>第" not in shown and 'value="09:20"' in shown


async def test_every_week_of_the_term_is_booked_at_once(house: House) -> None:
    number = await booked(house, repeat="every")
    found = await rows(house)
    assert len(found) == 6
    assert len({each["series"] for each in found}) == 1
    assert found[0]["id"] == number
    # One word for the whole term, to the administrator of the partner.
    assert await notices(house) == [("long", "asked")]


async def notices(house: House) -> list[tuple[str, str]]:
    names = {number: name for name, number in house.ids.items()}

    def read(session: Session) -> list[tuple[str, str]]:
        told = session.scalars(select(Notice).order_by(Notice.id))
        return [(names[notice.account_id], notice.kind) for notice in told]

    return await house.ground.database.read(read)


async def test_a_series_is_booked_whole_or_not_at_all(house: House) -> None:
    # Somebody has the room in the third week.
    await booked(house, name="tang", teacher=str(house.ids["tang"]), room="",
                 day=day_ahead(17).isoformat())  # fmt: skip
    answer = await house.ask("zhou", "POST", "/classes/new", data=form(house, repeat="every"))
    text = await answer.text()
    assert answer.status == 409
    assert f"{said(day_ahead(17))} 08:50—09:30，桐木溪中学 七（2）班已有别的课" in text
    # What was typed is still there.
    assert 'value="有理数的加法"' in text and re.search(r'value="every" checked', text)
    assert len(await rows(house)) <= 1


async def test_the_title_of_what_clashes_is_told_to_who_sees_it(house: House) -> None:
    await booked(house)
    answer = await house.ask("zhou", "POST", "/classes/new", data=form(house, title="另一节"))
    text = await answer.text()
    told = "橘洲路中学 录播教室、桐木溪中学 七（2）班、zhou已有《有理数的加法》"
    alert = re.search(r'role="alert">.*?</div>', text, re.DOTALL)
    assert alert and told in alert[0], "at the top, where one looks first"
    assert text.count(told) == 2, "and beside the time"


async def test_a_saved_group_is_ticked_at_once(house: House) -> None:
    values = form(house, save_group="七年级", seat=["2", "4"])
    answer = await house.ask("zhou", "POST", "/classes/new", data=_many(values))
    assert answer.status == 303, await answer.text()
    groups = (await house.json("tang", "GET", "/api/v1/room-groups"))["items"]
    assert [(group["name"], group["room_ids"]) for group in groups] == [("七年级", [2, 4])]
    later = form(house, seat="", group=str(groups[0]["id"]), day=day_ahead(4).isoformat())
    answer = await house.ask("zhou", "POST", "/classes/new", data=later)
    assert answer.status == 303
    assert {seat["room"]["id"] for seat in (await rows(house))[-1]["seats"]} == {2, 4}
    path = f"/api/v1/room-groups/{groups[0]['id']}"
    assert (await house.ask("xiang", "DELETE", path)).status == 404
    assert (await house.ask("tang", "DELETE", path)).status == 204


def _many(values: dict[str, Any]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in values.items():
        pairs += [(name, each) for each in (value if isinstance(value, list) else [value])]
    return pairs


async def test_materials_are_papers_that_the_booker_sees(house: House) -> None:
    mine = await paper(house, "zhou", [])
    theirs = await paper(house, "xiang", ["agreement:1"])
    hidden = await paper(house, "xiang", [])
    film = await paper(house, "zhou", [], "video")
    assert f'value="{mine}"' in await page(house, "zhou", "/classes/new")
    address = f"https://tongke.example/resources/{theirs}?q=1"
    number = await booked(house, material=str(mine), material_more=address)
    told = await house.json("zhou", "GET", f"/api/v1/classes/{number}")
    assert told["materials"] == [mine, theirs]
    for other in (hidden, film):
        values = form(house, material=str(other), day=day_ahead(5).isoformat())
        answer = await house.ask("zhou", "POST", "/classes/new", data=values)
        assert answer.status == 422
        assert "没有找到这份课件" in await answer.text()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"title": ""}, "请写上课题"),
        ({"day": "明天"}, "请选一天"),
        ({"day": "2020-01-06"}, "这个时间已经过去了"),
        ({"period": ""}, "选一节课，或写上几点到几点"),
        ({"period": "", "begins": "9点", "ends": "10:00"}, "时间写成 8:00 这样"),
        ({"period": "", "begins": "9:75", "ends": "10:00"}, "时间写成 8:00 这样"),
        ({"period": "", "begins": "10:00", "ends": "9:00"}, "下课要在上课之后"),
        ({"period": "", "begins": "1:00", "ends": "9:00"}, "最长四小时"),
        ({"period": "9"}, "作息时间里没有第9节"),
        ({"teacher": ""}, "请选主讲老师"),
        ({"seat": "3"}, "只能约本校和结对学校的教室"),
        ({"mode": "电视"}, "请从列表里选"),
        ({"material_more": "灯笼"}, "每行一个资源页的地址"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    house: House, more: dict[str, str], words: str
) -> None:
    values = form(house, subject="math", **more)
    answer = await house.ask("zhou", "POST", "/classes/new", data=values)
    text = await answer.text()
    assert answer.status == 422
    assert words in text
    assert re.search(r'value="math" selected', text)


async def test_who_is_of_no_school_books_nothing(house: House) -> None:
    for name in ("county", "operator"):
        assert (await house.ask(name, "GET", "/classes/new")).status == 403
        answer = await house.ask(name, "POST", "/classes/new", data=form(house))
        assert answer.status == 403


async def test_a_clash_is_told_while_the_form_is_filled_in(house: House) -> None:
    number = await booked(house)
    asked: dict[str, Any] = {
        "when": {"day": day_ahead().isoformat(), "begins": "09:00", "ends": "09:40"},
        "room_ids": [2], "teacher_ids": [house.ids["zhou"]],
    }  # fmt: skip
    told = await house.json("zhou", "POST", "/api/v1/classes/clashes", json=asked)
    assert told["times"] == 1
    assert told["lines"] == [
        f"{said(day_ahead())} 08:50—09:30，桐木溪中学 七（2）班、zhou已有《有理数的加法》"
    ]
    # A class that is moved is not in its own way.
    asked["but"] = number
    told = await house.json("zhou", "POST", "/api/v1/classes/clashes", json=asked)
    assert told["lines"] == []


async def test_of_rooms_and_people_out_of_reach_nothing_is_told(house: House) -> None:
    await booked(house)
    asked = {
        "when": {"day": day_ahead().isoformat(), "period": None, "begins": "08:50",
                 "ends": "09:30"},
        "room_ids": [1, 2], "teacher_ids": [house.ids["zhou"]], "school_id": 3,
    }  # fmt: skip
    answer = await house.ask("county", "POST", "/api/v1/classes/clashes", json=asked)
    assert answer.status == 403

    def alone(session: Session) -> None:
        """long belongs to school 3 alone again."""
        role = session.scalar(
            select(Role).where(Role.account_id == house.ids["long"], Role.school_id == 2)
        )
        session.delete(role)

    await house.ground.database.write(alone)
    told = await house.json("long", "POST", "/api/v1/classes/clashes", json=asked)
    assert (told["times"], told["lines"]) == (1, [])


async def test_a_series_over_json_is_one_too(house: House) -> None:
    body = {
        "when": {"day": day_ahead().isoformat(), "period": 1, "repeat": "odd"},
        "booking": {
            "title": "绝对值", "begins_at": at(day_ahead(), 1).isoformat(),
            "ends_at": at(day_ahead(), 2).isoformat(), "seats": [{"room_id": 2}],
        },
    }  # fmt: skip
    told = await house.json("zhou", "POST", "/api/v1/classes/series", json=body)
    assert len(told["items"]) == 3
    assert {each["series"] for each in told["items"]} != {None}
    assert len(await rows(house)) == 3


async def test_the_booker_is_told_nothing_and_the_teacher_is(house: House) -> None:
    await booked(house, name="tang", seat="")
    assert await notices(house) == [("zhou", "booked")]
    kept = await house.ground.database.read(lambda s: s.scalars(select(LiveClass)).one())
    assert (kept.booked_by_id, kept.teacher_id) == (house.ids["tang"], house.ids["zhou"])
