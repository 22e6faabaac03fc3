"""Who publishes and reads nothing publishes no longer than their right to it."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from services.live.access import rights
from services.live.ingest.on_air import PUBLISHERS
from tests.services.house import House
from tests.services.live.access.test_unread import is_waited_for, never_stuck
from tests.services.live.deaf import deaf
from tests.waiting import until_true
from tongke import clock
from tongke.people.models import Account


async def test_whose_right_has_gone_publishes_no_more(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """She asks for the time, reads no answer, and her account is shut while the service waits."""
    never_stuck(monkeypatch)
    monkeypatch.setattr(rights, "LOOK_S", 0.05)
    publishers = house.client.server.app[PUBLISHERS]  # type: ignore[attr-defined]
    there = await deaf(house.client, f"/live/{running}/publish", house.bearer("zhou"))
    await until_true(lambda: running in publishers)
    transport = there.transport
    for _ in range(6_000):
        await there.say('{"ping": "%s"}' % ("9" * 60))
    await until_true(lambda: is_waited_for(transport), what="an answer waits")

    def shut(session: Session) -> None:
        session.get_one(Account, house.ids["zhou"]).disabled_at = clock.now()

    await house.ground.database.write(shut)
    await until_true(lambda: running not in publishers)
    await there.heard()
