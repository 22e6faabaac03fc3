"""A training (教师同步研修) reaches the teachers whom it is for: they are told, and it stands on
their home page, in their timetable and in their calendar."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.services.classes.agenda.test_calendar import feed, made
from tests.services.classes.plan import arrange, booked, day_ahead, form, page
from tests.services.house import AGREEMENT, House, person
from tongke import clock
from tongke.classes import invited
from tongke.classes.models import LiveClass
from tongke.classes.plan import parting
from tongke.classes.plan_models import Notice
from tongke.people.models import School

TITLE = "怎样听评一节课"


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


async def training(house: House, audience: str = "agreement:1", **more: Any) -> int:
    """Held by zhou without rooms, for whom it is opened to."""
    values = {"title": TITLE, "purpose": "training", "mode": "broadcast", "seat": "", **more}
    return await booked(house, audience=audience, **values)


async def told(house: House) -> set[tuple[str, str]]:
    """Who was told what, and has not read it."""

    def read(session: Session) -> set[tuple[str, str]]:
        names = {number: name for name, number in house.ids.items()}
        found = session.scalars(select(Notice).where(Notice.read_at.is_(None)))
        return {(notice.kind, names[notice.account_id]) for notice in found}

    return await house.ground.database.read(read)


async def today(house: House, number: int) -> None:
    """The training runs from a minute ahead on."""

    def move(session: Session) -> None:
        live = session.get_one(LiveClass, number)
        begins = clock.now() + timedelta(minutes=1)
        live.begins_at, live.ends_at = begins, begins + timedelta(minutes=40)

    await house.ground.database.write(move)


async def trust(house: House) -> None:
    def write(session: Session) -> None:
        session.get_one(School, 1).trusted = True

    await house.ground.database.write(write)


async def test_the_people_of_the_schools_that_it_names_are_told(house: House) -> None:
    await training(house)
    # long looks after school 2; zhou booked it.
    assert await told(house) == {("invited", name) for name in ("tang", "head", "xiang", "long")}
    assert "请你参加教师同步研修" in await page(house, "xiang", "/notices")


async def test_a_lesson_that_is_opened_to_them_is_no_news(house: House) -> None:
    await training(house, purpose="lesson")
    assert await told(house) == set()


async def test_of_too_many_nobody_is_told_and_each_finds_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invited, "MOST_TOLD", 4)
    number = await training(house)
    assert await told(house) == set()
    await finds_it(house, "xiang", number)


async def finds_it(house: House, name: str, number: int, is_hers: bool = True) -> None:
    """On home, among her own in the timetable and in her calendar."""
    _, text, _ = await feed(house, await made(house, name))
    assert (f"UID:class-{number}@" in text) is is_hers, name
    await today(house, number)
    assert (TITLE in await page(house, name, "/")) is is_hers, name
    assert (TITLE in await page(house, name, "/timetable?mine=1")) is is_hers, name


@pytest.mark.parametrize(
    ("audience", "name", "is_hers"),
    [
        ("agreement:1", "xiang", True),
        ("agreement:1", "tang", True),
        ("school:1", "tang", True),
        ("region:430102", "tang", True),
        ("everyone", "xiang", True),
        # Who patrols sees it in the week, and is in it unseen.
        ("region:430102", "head", False),
        ("everyone", "county", False),
        # Of neither school.
        ("school:1", "xiang", False),
    ],
)
async def test_it_is_among_the_classes_of_those_whom_it_is_for(
    house: House, audience: str, name: str, is_hers: bool
) -> None:
    await trust(house)
    await finds_it(house, name, await training(house, audience), is_hers)


async def test_a_regions_training_is_a_notice_to_nobody(house: House) -> None:
    await trust(house)
    await training(house, "region:430102")
    assert await told(house) == set()


async def test_ones_own_class_goes_before_a_training_that_it_falls_into(house: House) -> None:
    await today(house, await training(house))

    def own(session: Session) -> None:
        live = session.get_one(LiveClass, lesson)
        begins = clock.now() + timedelta(minutes=20)
        live.begins_at, live.ends_at = begins, begins + timedelta(minutes=40)

    lesson = await booked(
        house, name="tang", teacher=str(house.ids["tang"]), room="", title="我的课"
    )
    await house.ground.database.write(own)
    newest = re.search(r'class="home-newest">\s*<b>(.*?)</b>', await page(house, "tang", "/"), re.S)
    assert newest and "我的课" in newest[1]


async def test_whom_it_is_for_hears_that_it_is_moved_and_called_off(house: House) -> None:
    number = await training(house, "school:1")
    assert await told(house) == {("invited", "tang"), ("invited", "head")}
    later = form(
        house, title=TITLE, purpose="training", mode="broadcast", seat="",
        audience=["school:1", "agreement:1"], day=day_ahead(5).isoformat(),
    )  # fmt: skip
    answer = await house.ask("zhou", "POST", f"/classes/{number}/edit", data=later)
    assert answer.status == 303
    new = {("invited", name) for name in ("tang", "head", "xiang", "long")}
    assert await told(house) == new | {("changed", "tang"), ("changed", "head")}
    await house.ask("zhou", "POST", f"/classes/{number}/cancel", data={"because": "停电"})
    called_off = {("cancelled", name) for name in ("tang", "head", "xiang", "long")}
    assert called_off <= await told(house)


async def test_it_is_booked_for_somebody(house: House) -> None:
    values = form(house, purpose="training", seat="")
    answer = await house.ask("zhou", "POST", "/classes/new", data=values)
    text = await answer.text()
    assert answer.status == 422
    assert "研修还没有请人" in text and 'data-purpose="training">请哪些老师参加' in text
    # A room is somebody.
    await training(house, audience="", seat="2")


async def test_nor_is_it_emptied_later(house: House) -> None:
    number = await training(house)
    values = form(house, title=TITLE, purpose="training", seat="")
    answer = await house.ask("zhou", "POST", f"/classes/{number}/edit", data=values)
    assert answer.status == 422
    assert "研修还没有请人" in await answer.text()


async def test_the_officer_above_the_teachers_sees_it_as_long_as_they_are_paired(
    house: House,
) -> None:
    number = await training(house)
    await today(house, number)
    assert TITLE in await page(house, "othercounty", f"/classes/{number}")
    assert TITLE in await page(house, "othercounty", "/patrol")

    def end(session: Session) -> None:
        parting.end_agreement(session, person(session, house, "province"), AGREEMENT)
        assert parting.parted(session) == []

    await house.ground.database.write(end)
    await page(house, "othercounty", f"/classes/{number}", status=404)
    await page(house, "xiang", f"/classes/{number}", status=404)
    assert TITLE in await page(house, "county", f"/classes/{number}")
