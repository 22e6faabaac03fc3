"""Who guesses is slowed, whatever the rhythm; who knows the password is never shut out for long."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongke.errors import TooManyRequests, Unavailable
from tongke.people import throttle
from tongke.people.throttle import Lane, LocalCounters, Throttle, sign_in_lanes
from tongke.storage.bus.embedded import find_server, running
from tongke.storage.bus.port import Hits
from tongke.storage.bus.valkey import ValkeyBus

DAY_S = 24 * 3600


class World:
    """A throttle over a clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        counters = LocalCounters(lambda: self.now)
        self.throttle = Throttle(counters, LocalCounters(lambda: self.now), lambda: self.now)

    async def wait(self, *lanes: Lane) -> int:
        """0 when the attempt is let in, else the seconds it is told to wait."""
        try:
            await self.throttle.admit(*lanes)
        except TooManyRequests as refused:
            seconds = refused.values["seconds"]
            assert isinstance(seconds, int)
            return seconds
        return 0

    async def guess(self, *lanes: Lane) -> int:
        waited = await self.wait(*lanes)
        if waited == 0:
            await self.throttle.note_failure(*lanes)
        return waited


def stranger(address: str = "203.0.113.5", username: str = "wangli") -> tuple[Lane, ...]:
    return sign_in_lanes(username, address, device=None, known_address=False)


OWNER = sign_in_lanes("wangli", "203.0.113.5", device="abcd", known_address=False)
AT_HOME = sign_in_lanes("wangli", "198.51.100.7", device=None, known_address=True)


async def test_ten_mistakes_are_free() -> None:
    world = World()
    for _ in range(throttle.ACCOUNT_FREE):
        assert await world.guess(*stranger()) == 0
        world.now += 2
    await world.guess(*stranger())
    assert await world.wait(*stranger()) > 0


async def test_a_lane_that_stays_open_is_open_at_once() -> None:
    """Also at a moment that would be rounded up: pupils behind one address mistype together."""
    world = World()
    world.now += 0.0006
    lane = throttle.address_lane("203.0.113.5")
    assert [await world.guess(lane) for _ in range(3)] == [0, 0, 0]


async def test_a_guesser_of_one_account_gets_few_tries_a_day_from_any_number_of_addresses() -> None:
    world, tries, until = World(), 0, 1_000_000.0 + DAY_S
    while world.now < until:
        waited = await world.guess(*stranger(f"203.0.{tries // 250 % 250}.{tries % 250}"))
        tries += waited == 0
        world.now += waited
    assert tries <= 5000


async def test_a_burst_at_once_after_a_failure_lets_one_in() -> None:
    world = World()
    await world.guess(*stranger())
    assert [await world.wait(*stranger()) == 0 for _ in range(20)].count(True) == 1


async def test_one_password_on_many_accounts_is_slowed_by_its_address() -> None:
    world = World()
    waits = [await world.guess(*stranger(username=f"teacher{n}")) for n in range(200)]
    assert waits[: throttle.ADDRESS_FREE] == [0] * throttle.ADDRESS_FREE
    assert 0 not in waits[throttle.ADDRESS_FREE :]
    assert await world.wait(*stranger("203.0.113.6", "teacher1")) == 0


moves = st.lists(st.tuples(st.integers(1, 30), st.floats(0, 400)), min_size=1, max_size=25)


@settings(max_examples=60, deadline=None)
@given(moves)
async def test_strangers_never_hold_up_the_owner(rhythm: list[tuple[int, float]]) -> None:
    world = World()
    for guesses, pause in rhythm:
        for _ in range(guesses):
            await world.guess(*stranger())
        assert await world.wait(*OWNER) == 0
        assert await world.wait(*AT_HOME) == 0
        world.now += pause


@settings(max_examples=60, deadline=None)
@given(moves)
async def test_nobody_waits_longer_than_the_cap(rhythm: list[tuple[int, float]]) -> None:
    world = World()
    for guesses, pause in rhythm:
        for _ in range(guesses):
            assert await world.guess(*stranger()) <= throttle.ACCOUNT_CAP_S
        world.now += pause
    world.now += throttle.ACCOUNT_CAP_S
    assert await world.wait(*stranger()) == 0


async def test_a_quarter_of_an_hour_clears_everything() -> None:
    world = World()
    for _ in range(100):
        world.now += await world.guess(*stranger())
    world.now += throttle.WINDOW_S
    for _ in range(throttle.ACCOUNT_FREE):
        assert await world.guess(*stranger()) == 0
        world.now += throttle.TURN_S


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_waits_grow_and_are_capped(one: int, other: int) -> None:
    lane = stranger()[0]
    fewer, more = sorted((one, other))
    assert throttle.wait_s(lane, fewer) <= throttle.wait_s(lane, more) <= lane.cap_s


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("unix", "unix", True),
    ],
)
def test_a_machines_whole_ipv6_network_is_one_address(one: str, other: str, same: bool) -> None:
    assert (throttle.network(one) == throttle.network(other)) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:3::1", True),
        ("2001:db8:1:2::1", "2001:db8:2:2::1", False),
    ],
)
def test_what_one_customer_has_in_ipv6_is_one_site(one: str, other: str, same: bool) -> None:
    assert (throttle.site(one) == throttle.site(other)) is same
    assert throttle.site(one) != throttle.network(one)


@pytest.mark.parametrize("address", ["10.0.0.1", "::ffff:10.0.0.1", "unix"])
def test_an_address_that_is_no_network_has_no_site(address: str) -> None:
    assert throttle.site(address) is None


async def test_a_lane_may_remember_for_less() -> None:
    world = World()
    lane = Lane("phone:all", free=2, cap_s=4, in_turn=False, window_s=60)
    assert [await world.guess(lane) for _ in range(2)] == [0, 0]
    assert await world.wait(lane) == 1
    world.now += 60
    assert [await world.guess(lane) for _ in range(2)] == [0, 0]


class Away:
    """A bus that does not answer."""

    async def hit(self, key: str, window_s: float) -> Hits:
        raise Unavailable(part="bus")

    async def set(self, key: str, value: bytes, ttl_s: float) -> None:
        raise Unavailable(part="bus")

    async def get(self, key: str) -> bytes | None:
        raise Unavailable(part="bus")


async def test_without_the_bus_each_process_counts_for_itself() -> None:
    world = World()
    world.throttle = Throttle(Away(), LocalCounters(lambda: world.now), lambda: world.now)
    tries = 0
    for _ in range(60):
        tries += await world.guess(*stranger()) == 0
        world.now += throttle.TURN_S
    assert throttle.ACCOUNT_FREE <= tries <= throttle.ACCOUNT_FREE + 6
    assert await world.wait(*OWNER) == 0


async def test_local_counters_stay_small() -> None:
    counters = LocalCounters(lambda: 0.0)
    for number in range(throttle.LOCAL_KEYS_MAX + 100):
        await counters.hit(f"key{number}", 60)
    assert await counters.get("key0") is None
    assert (await counters.hit(f"key{throttle.LOCAL_KEYS_MAX + 99}", 60)).count == 2


@pytest.fixture
async def bus() -> AsyncIterator[ValkeyBus]:
    # pytest's own folders are too deep for a socket.
    with (
        tempfile.TemporaryDirectory(prefix="tk-") as folder,
        running(find_server(None), Path(folder)) as address,
    ):
        found = ValkeyBus(address)
        yield found
        await found.close()


async def test_a_bus_that_takes_no_more_lets_nobody_guess_without_end(
    bus: ValkeyBus,
) -> None:
    """A full one can still be read: that nothing is counted there means nothing."""
    await bus._commands.config_set("maxmemory", "1")
    world = World()
    world.throttle = Throttle(bus, LocalCounters(lambda: world.now), lambda: world.now)
    for _ in range(throttle.ACCOUNT_FREE):
        assert await world.guess(*stranger()) == 0
        world.now += 2 * throttle.TURN_S
    await world.guess(*stranger())
    assert await world.wait(*stranger()) > 0
    assert await world.wait(*OWNER) == 0


@pytest.mark.parametrize("device", [None, "abcd"])
@pytest.mark.parametrize("known", [False, True])
def test_the_keys_of_any_name_are_short(device: str | None, known: bool) -> None:
    long = sign_in_lanes("名" * 10_000, "2001:db8::1", device=device, known_address=known)
    lanes = (*long, throttle.own_password_lane("名" * 10_000))
    assert all(len(lane.key) < 150 for lane in lanes)
    other = sign_in_lanes("名" * 9_999, "2001:db8::1", device=device, known_address=known)
    assert long[0].key != other[0].key


async def test_two_processes_count_together_on_the_bus(bus: ValkeyBus) -> None:
    now = 1_000_000.0
    first, second = (Throttle(bus, LocalCounters(), lambda: now) for _ in range(2))
    lane = Lane("account:wangli", free=2, cap_s=30)
    await first.note_failure(lane)
    await second.admit(lane)
    await second.note_failure(lane)
    with pytest.raises(TooManyRequests) as refused:
        await first.admit(lane)
    assert refused.value.values == {"seconds": 1}
    await first.admit(*OWNER)
