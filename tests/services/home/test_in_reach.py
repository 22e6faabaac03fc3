"""Who may patrol sees on home that classes run, are late and were missed."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.orm import Session

from services.classes.agenda import today
from services.web.views import InReach
from tests.services.classes.plan import arrange, at, booked, day_ahead, page
from tests.services.house import House, person
from tongke import clock
from tongke.classes.models import LiveClass
from tongke.classes.vocabulary import State


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


async def begin(house: House, number: int) -> None:
    def write(session: Session) -> None:
        live = session.get_one(LiveClass, number)
        live.state, live.started_at = State.RUNNING, live.begins_at

    await house.ground.database.write(write)


async def three_classes(house: House) -> list[int]:
    """One of the first period, and two of the second."""
    tang = {"teacher": str(house.ids["tang"]), "room": "", "seat": "4"}
    return [
        await booked(house, period="1"),
        await booked(house),
        await booked(house, name="tang", **tang),
    ]


async def seen(house: House, name: str) -> InReach | None:
    def read(session: Session) -> InReach | None:
        return today.in_reach(session, person(session, house, name), at(day_ahead(), 9))

    return await house.ground.database.read(read)


async def test_it_counts_what_runs_is_late_and_was_missed(house: House) -> None:
    _, second, _ = await three_classes(house)
    assert await seen(house, "head") == InReach(running=0, late=2, missed=1)
    await begin(house, second)
    for name in ("head", "long", "county"):
        assert await seen(house, name) == InReach(running=1, late=1, missed=1), name
    # Who teaches sees their own.
    assert await seen(house, "zhou") is None


async def test_home_says_so_and_leads_to_the_patrol(house: House) -> None:
    assert "没有要办的事" in await page(house, "head", "/")
    _, second, _ = await three_classes(house)
    await begin(house, second)

    def now(session: Session) -> None:
        live = session.get_one(LiveClass, second)
        live.begins_at, live.ends_at = clock.now(), clock.now() + (live.ends_at - live.begins_at)
        live.started_at = live.begins_at

    await house.ground.database.write(now)
    shown = await page(house, "head", "/")
    (said,) = re.findall(r'<a href="/patrol">([^<]*节)</a>', shown)
    assert said.startswith("正在上课 1 节")
    assert "没有要办的事" not in shown
    assert "正在上课 1 节" not in await page(house, "zhou", "/")
