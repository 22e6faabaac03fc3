"""Who may carry a class, where several processes could."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from services.live.carrying import lease
from services.live.carrying.carrier import Carrier
from services.live.carrying.lease import CarriedElsewhere, Leases
from tests.services.house import House
from tests.waiting import LIMIT_S, until_true


def at(house: House, node_url: str) -> Carrier:
    settings = house.ground.settings.model_copy(update={"node_url": node_url})
    return Carrier(replace(house.ground, settings=settings))


async def test_one_that_begins_anew_at_its_address_waits_for_no_lease_of_its_own(
    house: House, running: int
) -> None:
    killed, anew = at(house, "http://10.0.0.2:8600"), at(house, "http://10.0.0.2:8600")
    other = at(house, "http://10.0.0.3:8600")
    await killed.broadcast(running)
    for _, renewing in killed._leases._held.values():
        renewing.cancel()
    with pytest.raises(CarriedElsewhere):
        await other.broadcast(running)
    await anew.broadcast(running)
    with pytest.raises(CarriedElsewhere) as elsewhere:
        await other.broadcast(running)
    assert elsewhere.value.node == "http://10.0.0.2:8600"
    await anew.close()
    await other.broadcast(running)
    await other.close()
    await killed.close()


async def test_one_that_lets_a_class_go_does_not_take_it_from_itself(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wants it comes next, however long it takes to store what was open."""
    monkeypatch.setattr(lease, "RENEWED_EVERY_S", 0.02)
    losing, stored = asyncio.Event(), asyncio.Event()

    class Slow:
        def is_published(self, class_id: int) -> bool:
            return False

        async def lose(self, class_id: int) -> None:
            losing.set()
            await stored.wait()

    here = Leases(house.ground.bus, "http://10.0.0.2:8600", Slow())
    there = Leases(house.ground.bus, "http://10.0.0.3:8600", Slow())
    await here.take(1)
    await there.want(1)
    async with asyncio.timeout(LIMIT_S):
        await losing.wait()
    with pytest.raises(CarriedElsewhere):
        await here.take(1)
    stored.set()

    async def taken() -> bool:
        try:
            await there.take(1)
        except CarriedElsewhere:
            return False
        return True

    await until_true(taken, what="the other has it")
    await there.close()
