"""Who is reminded of a class, when, and how often."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.services.classes.plan import arrange, booked, day_ahead, page
from tests.services.house import House
from tongke import clock
from tongke.classes.agenda import reminders
from tongke.classes.models import LiveClass
from tongke.classes.plan_models import Notice
from tongke.classes.vocabulary import SeatState, State
from workers import sweep

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


async def pass_by(house: House, by: timedelta) -> list[tuple[str, str]]:
    """So much time goes by; who is reminded of what then."""

    def go_on(session: Session) -> list[tuple[str, str]]:
        for notice in session.scalars(select(Notice)):
            notice.created_at -= by
        for live in session.scalars(select(LiveClass)):
            live.begins_at, live.ends_at = live.begins_at - by, live.ends_at - by
        session.flush()
        names = {number: name for name, number in house.ids.items()}
        last = max(session.scalars(select(Notice.id)), default=0)
        for few in reminders.waiting(session):
            reminders.remind(session, few)
        session.flush()
        told = session.scalars(select(Notice).where(Notice.id > last))
        return sorted((notice.kind, names[notice.account_id]) for notice in told)

    return await house.ground.database.write(go_on)


async def begins_in(house: House, class_id: int, ahead: timedelta) -> None:
    def move(session: Session) -> None:
        live = session.get_one(LiveClass, class_id)
        live.begins_at, live.ends_at = clock.now() + ahead, clock.now() + ahead + HOUR

    await house.ground.database.write(move)


async def confirm(house: House, class_id: int) -> None:
    def answer(session: Session) -> None:
        for seat in session.get_one(LiveClass, class_id).seats:
            seat.state, seat.teacher_id = SeatState.CONFIRMED, house.ids["xiang"]

    await house.ground.database.write(answer)


async def test_who_has_not_answered_is_reminded_once(house: House) -> None:
    class_id = await booked(house, day=day_ahead(8).isoformat())
    await begins_in(house, class_id, 100 * HOUR)
    assert await pass_by(house, HOUR) == []
    assert await pass_by(house, 30 * HOUR) == [("unanswered", "long")]
    assert await pass_by(house, HOUR) == []
    assert await pass_by(house, 24 * HOUR) == []


async def test_those_who_come_are_reminded_the_day_before_and_of_each_day_it_is_moved_to(
    house: House,
) -> None:
    class_id = await booked(house, day=day_ahead(8).isoformat())
    await begins_in(house, class_id, 40 * HOUR)
    await confirm(house, class_id)
    assert await pass_by(house, 15 * HOUR) == []
    coming = [("soon", "xiang"), ("soon", "zhou")]
    assert await pass_by(house, 2 * HOUR) == coming
    assert await pass_by(house, 12 * HOUR) == []
    await begins_in(house, class_id, 60 * HOUR)
    assert await pass_by(house, 37 * HOUR) == coming


async def test_who_heard_of_it_a_moment_ago_is_not_reminded_yet(house: House) -> None:
    class_id = await booked(house, day=day_ahead(8).isoformat())
    await begins_in(house, class_id, 20 * HOUR)
    assert ("unanswered", "long") not in await pass_by(house, HOUR)
    assert await pass_by(house, 6 * HOUR) == [("unanswered", "long")]


async def test_who_was_to_give_it_is_told_once_that_nobody_did(house: House) -> None:
    class_id = await booked(house, name="head", day=day_ahead(8).isoformat())
    await begins_in(house, class_id, HOUR)
    # While it could still begin nobody says so.
    assert ("missed", "zhou") not in await pass_by(house, HOUR + HOUR / 2)
    assert await pass_by(house, HOUR) == [("missed", "head"), ("missed", "zhou")]
    assert await pass_by(house, HOUR) == []
    assert "这节课没有上" in await page(house, "zhou", "/notices")


async def test_a_round_of_the_sweeper_tells_so_where_nothing_else_is_to_be_told(
    house: House,
) -> None:
    await begins_in(house, await booked(house, day=day_ahead(8).isoformat()), -2 * HOUR)
    assert await sweep.THOROUGH["reminders"](house.ground) == 1


async def test_one_that_was_held_or_called_off_was_not_missed(house: House) -> None:
    class_id = await booked(house, day=day_ahead(8).isoformat())
    await begins_in(house, class_id, -2 * HOUR)

    async def is_now(state: State) -> list[tuple[str, str]]:
        def write(session: Session) -> None:
            session.get_one(LiveClass, class_id).state = state

        await house.ground.database.write(write)
        return await pass_by(house, timedelta())

    for state in (State.RUNNING, State.ENDED, State.CANCELLED):
        assert await is_now(state) == [], state
    assert await is_now(State.BOOKED) == [("missed", "zhou")]


async def test_a_round_of_the_sweeper_reminds_and_pages_say_it(house: House) -> None:
    class_id = await booked(house, day=day_ahead(8).isoformat())
    await begins_in(house, class_id, 20 * HOUR)

    def hours_ago(session: Session) -> None:
        for notice in session.scalars(select(Notice)):
            notice.created_at -= 7 * HOUR

    await house.ground.database.write(hours_ago)
    assert (await sweep.sweep(house.ground))["reminders"] == 2
    assert (await sweep.sweep(house.ground)).get("reminders", 0) == 0
    assert "一天内要上的课" in await (await house.ask("zhou", "GET", "/")).text()
    assert "这节课还等你们回复" in await (await house.ask("long", "GET", "/notices")).text()
