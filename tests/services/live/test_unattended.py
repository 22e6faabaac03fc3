"""A class that an appliance films and that nobody ends, and what comes next in its room."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from services.live import keeping
from tests.services.house import House, person
from tests.services.live.publishing import on_the_air
from tests.services.live.signalling.test_socket import entered
from tests.services.live.test_keeping import app_of, moved_back, state_of
from tests.waiting import LIMIT_S
from tongke import clock
from tongke.classes.models import LiveClass
from tongke.classes.plan import booking
from tongke.classes.plan.booking import Wanted
from tongke.classes.running.next_class import next_in
from tongke.classes.vocabulary import State
from tongke.live.vocabulary import PictureSource

LASTS = timedelta(minutes=40)
LEAD_ROOM = 1


@pytest.fixture
async def filmed(house: House, running: int) -> int:
    """A class whose picture comes from an appliance; nobody has opened the lead's page."""
    await on_the_air(app_of(house), running, PictureSource.APPLIANCE)
    return running


async def ended_at(house: House, class_id: int, past_its_end: timedelta) -> str:
    """Its state when it has been looked at so long after its end."""
    live = await house.ground.database.read(lambda s: s.get_one(LiveClass, class_id))
    await moved_back(house, class_id, live.ends_at - clock.now() + past_its_end)
    await keeping.end_forgotten(app_of(house))
    return await state_of(house, class_id)


async def following(house: House, begins_in: timedelta) -> int:
    """Another class in the lead classroom."""

    def book(session: Session) -> int:
        begins = clock.now() + begins_in
        wanted = Wanted(
            title="下一节", mode="broadcast", purpose="lesson", begins_at=begins,
            ends_at=begins + LASTS, teacher_id=house.ids["tang"], school_id=1, room_id=LEAD_ROOM,
        )  # fmt: skip
        return booking.book(session, person(session, house, "tang"), wanted).id

    return await house.ground.database.write(book)


async def test_it_is_ended_a_few_minutes_after_its_time(house: House, filmed: int) -> None:
    assert await ended_at(house, filmed, timedelta(minutes=1)) == State.RUNNING
    assert await ended_at(house, filmed, timedelta(minutes=4)) == State.ENDED


async def test_it_is_ended_at_once_where_the_next_class_opens_its_doors(
    house: House, filmed: int
) -> None:
    await moved_back(house, filmed, LASTS - timedelta(minutes=1))
    await following(house, timedelta(minutes=9))
    await keeping.end_forgotten(app_of(house))
    assert await state_of(house, filmed) == State.RUNNING, "its own time is not over"
    assert await ended_at(house, filmed, timedelta(minutes=1)) == State.ENDED


async def test_a_next_class_that_is_far_off_ends_nothing(house: House, filmed: int) -> None:
    await following(house, LASTS + timedelta(minutes=30))
    assert await ended_at(house, filmed, timedelta(minutes=1)) == State.RUNNING


async def test_a_teacher_who_is_there_may_run_over(house: House, filmed: int) -> None:
    lead, _ = await entered(house, filmed, "zhou")
    assert await ended_at(house, filmed, timedelta(minutes=10)) == State.RUNNING
    await lead.close()
    # That her line is gone is written down a moment later.
    async with asyncio.timeout(LIMIT_S):
        while await ended_at(house, filmed, timedelta(minutes=10)) != State.ENDED:
            await asyncio.sleep(0.05)


async def test_a_class_that_her_own_page_publishes_is_not_ended_for_her(
    house: House, filmed: int
) -> None:
    await on_the_air(app_of(house), filmed)
    assert await ended_at(house, filmed, timedelta(minutes=10)) == State.RUNNING


async def test_a_class_past_its_end_gives_way_to_the_one_whose_time_has_come(
    house: House, running: int
) -> None:
    async def shown(room: int = LEAD_ROOM) -> int:
        found = await house.ground.database.read(next_in, room, clock.now())
        assert found is not None
        return found[0].id

    await moved_back(house, running, LASTS + timedelta(minutes=8))
    assert await shown() == running
    coming = await following(house, timedelta(minutes=2))
    assert await shown() == running, "its time has not come"
    await moved_back(house, coming, timedelta(minutes=3))
    assert await shown() == coming
    assert await shown(room=2) == running, "there it is still the only one"
