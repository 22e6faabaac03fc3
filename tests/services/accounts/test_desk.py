"""The sign-in desk under a burst, and under names that nobody has."""

from __future__ import annotations

import asyncio
import secrets

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient

from services.accounts import desk as sign_in_desk
from services.accounts.desk import DESK, MOST_NAME_CHARACTERS, SignInDesk, Visit
from tests.services.accounts.door import PASSWORD, Door
from tests.services.house import House
from tongke.errors import TooManyRequests
from tongke.people.errors import SignInFailed, SlipRefused
from tongke.people.throttle import ADDRESS_FREE, SLIP_FREE, address_lane, slip_lane
from tongke.storage.bus.valkey import ValkeyBus


def desk_of(house: House) -> SignInDesk:
    client: TestClient = house.client
    assert client.app is not None
    return client.app[DESK]


def visit() -> Visit:
    """From an address of its own, because all tests share one bus and its counters."""
    return Visit(f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1", "a test", "")


async def tried(desk: SignInDesk, name: str, whence: Visit) -> bool:
    """Whether a password was looked at; it was wrong then."""
    try:
        await desk.sign_in(name, "猜一个密码试试", whence)
    except SignInFailed:
        return True
    except TooManyRequests:
        return False
    raise AssertionError("nobody has this password")


async def keys(house: House) -> list[bytes]:
    """Everything that is kept on the bus."""
    bus = house.ground.bus
    assert isinstance(bus, ValkeyBus)
    found: list[bytes] = await bus._commands.keys("*")
    return found


async def test_a_password_counts_though_its_sender_has_hung_up(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, whence = desk_of(house), visit()
    looked_at, let_go = asyncio.Event(), asyncio.Event()

    async def slow(*_: object) -> bool:
        looked_at.set()
        await let_go.wait()
        return False

    monkeypatch.setattr(desk._threads, "run", slow)
    for _ in range(ADDRESS_FREE - 1):
        await desk._throttle.note_failure(address_lane(whence.address))
    asked = asyncio.create_task(tried(desk, f"nobody-{secrets.token_hex(4)}", whence))
    await looked_at.wait()
    asked.cancel()
    let_go.set()
    await asyncio.wait({asked})
    assert not await tried(desk, f"nobody-{secrets.token_hex(4)}", whence)


async def test_of_a_burst_from_one_address_few_passwords_are_looked_at(house: House) -> None:
    desk, whence = desk_of(house), visit()
    lane = address_lane(whence.address)
    for _ in range(ADDRESS_FREE - 1):
        await desk._throttle.note_failure(lane)
    names = [f"nobody-{secrets.token_hex(4)}" for _ in range(30)]
    looked_at = await asyncio.gather(*(tried(desk, name, whence) for name in names))
    assert 1 <= sum(looked_at) <= 2 * sign_in_desk.AT_ONCE


async def test_a_school_behind_one_address_comes_in_at_eight(door: Door) -> None:
    desk, whence = desk_of(door.house), visit()
    entries = await asyncio.gather(
        *(desk.sign_in(door.usernames["zhou"], PASSWORD, whence) for _ in range(60))
    )
    assert len({entry.secret for entry in entries}) == 60


async def test_a_name_without_end_is_a_wrong_name_and_fills_nothing(house: House) -> None:
    """One of these characters is eighteen others when it is normalised (NFKC)."""
    desk, whence, bus = desk_of(house), visit(), house.ground.bus
    address = f"sign-in:shut-until:{address_lane(whence.address).key}"
    for character in "\ufdfa", "字":
        for length in MOST_NAME_CHARACTERS + 1, 300_000:
            with pytest.raises(SignInFailed):
                await desk.sign_in(character * length, "x", whence)
    assert await bus.get(address) is not None
    assert max([len(key) for key in await keys(house)]) < 200


async def test_the_form_says_of_such_a_name_what_it_says_of_any_wrong_one(door: Door) -> None:
    form = FormData({"username": "\ufdfa" * 5_000, "password": "x"}, default_to_multipart=True)
    response = await door.house.client.post("/sign-in", data=form)
    assert response.status == 401
    assert "用户名或密码不对" in await response.text()
    assert max([len(key) for key in await keys(door.house)]) < 200


async def test_of_a_burst_of_slips_from_one_address_few_are_looked_up(house: House) -> None:
    desk, whence = desk_of(house), visit()
    lane = slip_lane(whence.address)
    for _ in range(SLIP_FREE - 1):
        await desk._throttle.note_failure(lane)
    codes = [f"{number:012}" for number in range(30)]
    told = await asyncio.gather(
        *(desk.use_slip(code, PASSWORD, whence) for code in codes), return_exceptions=True
    )
    assert 1 <= sum(isinstance(answer, SlipRefused) for answer in told) <= 2 * sign_in_desk.AT_ONCE
