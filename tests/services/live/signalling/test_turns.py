"""Whose turn it is in a class."""

from __future__ import annotations

import asyncio

import pytest

from services.live.signalling.turns import Turns
from tests.waiting import LIMIT_S
from tongke.live.decide import TONGKE
from tongke.live.vocabulary import Role, Who

PUPILS = [Who(Role.DEVICE, str(number), "2") for number in range(50)]
ROOM = Who(Role.ROOM, "2", "2")


@pytest.mark.parametrize("first", [Who(Role.LEAD, "7"), TONGKE])
async def test_the_lead_and_tongke_wait_for_one_of_the_others_at_most(first: Who) -> None:
    turns, order = Turns(), list[Who]()

    async def ask(who: Who) -> None:
        async with turns.of(who):
            await asyncio.sleep(0)
            order.append(who)

    waiting = [asyncio.create_task(ask(who)) for who in (*PUPILS, ROOM)]
    while not order:
        await asyncio.sleep(0)
    await ask(first)
    assert order.index(first) <= 3
    await asyncio.gather(*waiting)
    assert [who for who in order if who != first] == [*PUPILS, ROOM], "each in their turn"


async def test_who_gives_up_waiting_holds_nobody_up() -> None:
    turns = Turns()

    async def ask(who: Who) -> None:
        async with turns.of(who):
            pass

    async with turns.of(PUPILS[0]):
        waiting = [asyncio.create_task(ask(who)) for who in (PUPILS[1], TONGKE, PUPILS[2])]
        await asyncio.sleep(0)
        for task in waiting[:2]:
            task.cancel()
        await asyncio.sleep(0)
    await asyncio.wait_for(waiting[2], LIMIT_S)
