"""The sign-in desk under a burst, and under names that nobody has."""

from __future__ import annotations

import asyncio
import secrets

import pytest
from aiohttp.test_utils import TestClient

from services.accounts import desk as sign_in_desk
from services.accounts.desk import DESK, MOST_NAME_CHARACTERS, SignInDesk, Visit
from tests.services.accounts.door import PASSWORD, Door
from tests.services.house import House
from tongke.errors import TooManyRequests
from tongke.people.errors import SignInFailed
from tongke.people.throttle import ADDRESS_CAP_S, ADDRESS_FREE, Lane, network


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


async def test_of_a_burst_from_one_address_few_passwords_are_looked_at(house: House) -> None:
    desk, whence = desk_of(house), visit()
    lane = Lane(f"address:{network(whence.address)}", ADDRESS_FREE, ADDRESS_CAP_S, in_turn=False)
    for _ in range(ADDRESS_FREE - 1):
        await desk._throttle.note_failure(lane)
    names = [f"nobody-{secrets.token_hex(4)}" for _ in range(30)]
    looked_at = await asyncio.gather(*(tried(desk, name, whence) for name in names))
    assert 1 <= sum(looked_at) <= 2 * sign_in_desk.AT_ONCE


async def test_a_school_behind_one_address_comes_in_at_eight(door: Door) -> None:
    desk, whence = desk_of(door.house), visit()
    entries = await asyncio.gather(
        *(desk.sign_in(door.usernames["zhou"], PASSWORD, whence) for _ in range(30))
    )
    assert len({entry.secret for entry in entries}) == 30


async def test_a_name_without_end_is_a_wrong_name_and_fills_nothing(house: House) -> None:
    """One of these characters is eighteen others when it is normalised (NFKC)."""
    desk, whence = desk_of(house), visit()
    kept: list[str] = []
    lanes = sign_in_desk._lanes

    def seen(name: str, *more: object) -> tuple[Lane, ...]:
        found = lanes(name, *more)  # type: ignore[arg-type]  # as it is called
        kept.extend(lane.key for lane in found)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sign_in_desk, "_lanes", seen)
        with pytest.raises(SignInFailed):
            await desk.sign_in("\ufdfa" * 300_000, "x", whence)
    assert kept
    assert max(map(len, kept)) < 20 * MOST_NAME_CHARACTERS
