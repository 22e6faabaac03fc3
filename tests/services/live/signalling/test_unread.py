"""Who reads nothing of what happens in a class is in it no longer than anybody else."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.orm import Session

from services.live.access import rights, unread
from services.live.signalling import pace
from services.live.signalling.classrooms import CLASSROOMS, whole_class
from services.live.signalling.pace import Allowed
from services.live.signalling.socket import LINES
from tests.services.house import House, session_cookie
from tests.services.live.access.test_unread import is_waited_for, never_stuck
from tests.services.live.deaf import deaf
from tests.services.live.signalling.test_socket import ask, entered, event_of, until
from tests.waiting import until_true
from tongke import clock
from tongke.people.models import Account


async def test_whose_right_has_gone_is_told_nothing_more(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """She asks, reads no answer, and her account is shut while the service waits for her. That it
    breaks the line off then is left out here: it is told nothing while it is there."""
    never_stuck(monkeypatch)
    monkeypatch.setattr(unread, "LEAVING_LOOKS", 1_000_000)
    monkeypatch.setattr(rights, "LOOK_S", 0.05)
    monkeypatch.setattr(pace, "OTHERS", Allowed(0.0))
    app = house.client.server.app  # type: ignore[attr-defined]
    live = await house.ground.database.read(whole_class, running)
    lead, _ = await entered(house, running, "zhou")
    async with app[CLASSROOMS].entered(live) as classroom:
        there = await deaf(house.client, f"/live/{running}/socket", house.bearer("xiang"))
        await until_true(lambda: len(classroom.listeners) == 2)
        (line,) = [each for each in classroom.listeners if each.who.role == "teacher"]
        transport = there.transport
        for _ in range(3_000):
            await there.say('{"command": "x", "ref": 1}')
        await until_true(lambda: is_waited_for(transport), what="an answer waits")

        def shut(session: Session) -> None:
            session.get_one(Account, house.ids["xiang"]).disabled_at = clock.now()

        await house.ground.database.write(shut)
        await until_true(lambda: line not in classroom.listeners)
        assert await ask(lead, "begin") == {"done": 7}
        assert line.waiting.empty()
        whose = (running, str(line.who))
        assert app[LINES][whose] == 1, "a line counts until it is gone"
        transport.abort()
        await until_true(lambda: whose not in app[LINES], what="her place is free")
    await there.heard()


async def test_a_room_that_reads_nothing_is_not_there(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though it shows signs of life."""
    monkeypatch.setattr(pace, "OTHERS", Allowed(0.0))
    lead, _ = await entered(house, running, "zhou")
    await ask(lead, "begin")
    (cookie,) = (await session_cookie(house, "room")).items()
    headers = {"Cookie": "=".join(cookie), "Sec-Fetch-Site": "same-origin"}
    there = await deaf(house.client, f"/live/{running}/socket", headers)
    await until(lead, event_of("join"))
    monkeypatch.setattr(unread, "LOOK_S", 0.02)

    async def speak() -> None:
        while True:
            await there.say('{"command": "x", "ref": 1}')

    speaking = asyncio.create_task(speak())
    left = await until(lead, event_of("leave"))
    assert left["event"]["dropped"]
    await asyncio.wait({speaking})
    await there.heard()
