"""Who waits behind a phone code: so many at an address, and a class together."""

from __future__ import annotations

import asyncio

import pytest

from services.live.access.code_turns import MOST_CODES, CodeTurns
from tests.waiting import until_true
from tongke.classes.models import LiveClass
from tongke.classes.running.devices import NoSuchCode
from tongke.errors import TooManyRequests

SCHOOL, OTHER = "203.0.113.5", "203.0.113.6"


class LookedUp:
    """A look-up that ends when it is told to; counts how often it was begun and given up."""

    def __init__(self, found: LiveClass | None = None) -> None:
        self.found = found
        self.told = asyncio.Event()
        self.begun = self.given_up = 0

    async def __call__(self) -> LiveClass:
        self.begun += 1
        try:
            await self.told.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        if self.found is None:
            raise NoSuchCode
        return self.found


async def test_a_class_that_types_one_code_is_looked_up_once() -> None:
    turns, looked_up = CodeTurns(), LookedUp(LiveClass(id=7))
    asked = [asyncio.create_task(turns.look_up(SCHOOL, "123456", looked_up)) for _ in range(200)]
    await until_true(lambda: looked_up.begun)
    # One of them hangs up: the others have their answer all the same.
    asked[0].cancel()
    await asyncio.wait(asked[:1])
    looked_up.told.set()
    assert {live.id for live in await asyncio.gather(*asked[1:])} == {7}
    assert (looked_up.begun, looked_up.given_up) == (1, 0)
    # It is asked anew, and not kept.
    assert await turns.look_up(SCHOOL, "123456", looked_up)
    assert looked_up.begun == 2


async def test_all_who_typed_a_wrong_code_are_told() -> None:
    turns, looked_up = CodeTurns(), LookedUp()
    looked_up.told.set()
    asked = (turns.look_up(SCHOOL, "123456", looked_up) for _ in range(3))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(answer) for answer in answers] == [NoSuchCode] * 3
    assert looked_up.begun == 1


async def test_so_many_codes_wait_at_one_address_and_no_more() -> None:
    turns, looked_up = CodeTurns(), LookedUp(LiveClass(id=7))
    codes = [f"{number:06}" for number in range(MOST_CODES)]
    asked = [asyncio.create_task(turns.look_up(SCHOOL, code, looked_up)) for code in codes]
    await until_true(lambda: looked_up.begun == MOST_CODES)
    with pytest.raises(TooManyRequests) as refused:
        await turns.look_up(SCHOOL, "999999", looked_up)
    assert refused.value.values["seconds"]
    # Another school has its own places, and whose code is waited for already needs none.
    others = [
        asyncio.create_task(turns.look_up(OTHER, "999999", looked_up)),
        asyncio.create_task(turns.look_up(SCHOOL, codes[0], looked_up)),
    ]
    await until_true(lambda: looked_up.begun == MOST_CODES + 1)
    looked_up.told.set()
    await asyncio.gather(*asked, *others)
    assert await turns.look_up(SCHOOL, "999999", looked_up)


async def test_what_all_have_hung_up_on_takes_no_place() -> None:
    turns, looked_up = CodeTurns(), LookedUp(LiveClass(id=7))
    codes = [f"{number:06}" for number in range(MOST_CODES)]
    asked = [asyncio.create_task(turns.look_up(SCHOOL, code, looked_up)) for code in codes]
    await until_true(lambda: looked_up.begun == MOST_CODES)
    for each in asked:
        each.cancel()
    await asyncio.wait(asked)
    # Who types one of them at this moment waits for a look-up of their own.
    mine = asyncio.create_task(turns.look_up(SCHOOL, codes[0], looked_up))
    await until_true(lambda: looked_up.given_up == MOST_CODES)
    looked_up.told.set()
    assert (await mine).id == 7
