"""Sign-in slowed for who guesses, and never shut to who knows.

Failures are counted in lanes. A lane allows a few at once; after them each further failure shuts
it for a while, twice as long as the last, up to a cap. The caps are what keeps a pupil from
locking a teacher out: nobody waits longer than half a minute for an account, and a device (by its
mark, see `devices`) or an address from which the account is signed in has a lane of its own,
which a stranger's guesses never fill.

After a failure an account's lane lets one attempt pass a second, so a burst sent at once gains no
more than the password threads take at a time. What that leaves a guesser of one account, over
however many addresses: ten at once, then two a minute, against passwords that are not among the
commonest (see `passwords`).

An address's own lane is for who tries one password on many accounts. It is wide, because a whole
school may stand behind it, and a known device does not pass through it.

Successes are not counted and clear nothing: otherwise whoever has one account could wipe an
address clean between two guesses.

The counting is done by `Counters`, which the bus fulfils for all processes together. When the bus
is away or full each process counts for itself: guesses stay bounded, and people can still sign in,
which neither an open nor a shut door would give.

A name is anybody's to type, so lanes hold its digest: each key is short, whatever was typed.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from typing import Protocol

from tongke.errors import TooManyRequests, Unavailable
from tongke.people.secret import digest
from tongke.storage.bus.port import Hits

# How long a failure is remembered, in seconds: a lesson's break.
WINDOW_S = 15 * 60
# In a lane that fails, one attempt passes in so many seconds: longer than checking takes.
TURN_S = 1

# People mistype, try an old password, another, then ask: ten is more than that.
ACCOUNT_FREE = 10
ACCOUNT_CAP_S = 30
# A school of hundreds behind one address mistypes this often in the minutes before class.
ADDRESS_FREE = 60
ADDRESS_CAP_S = 10
SLIP_FREE = 20
SLIP_CAP_S = 60

# Counters kept in one process while the bus is away, about 2 MB of them at most.
LOCAL_KEYS_MAX = 10_000


class Counters(Protocol):
    """What the throttle asks of the bus (`tongke.storage.bus.port.Bus`), and no more."""

    async def hit(self, key: str, window_s: float) -> Hits:
        """Count one, in a window that begins with its first hit."""
        ...

    async def set(self, key: str, value: bytes, ttl_s: float) -> None:
        """Keep a value for that many seconds."""
        ...

    async def get(self, key: str) -> bytes | None: ...


@dataclass(frozen=True)
class Lane:
    """Where failures are counted together, and how they slow it down. Times in seconds: `window_s`
    is for how long a failure is remembered."""

    key: str
    free: int
    cap_s: int
    in_turn: bool = True
    window_s: int = WINDOW_S


def sign_in_lanes(
    username: str, address: str, *, device: str | None, known_address: bool
) -> tuple[Lane, ...]:
    """The lanes of an attempt: of a known device its own, of anybody else two.

    `username` as `accounts.username_meant` gives it, whether or not there is such an account;
    `device` is the name of a known device, `address` the caller's.
    """
    name = digest(username)
    if device is not None:
        return (Lane(f"device:{name}:{device}", ACCOUNT_FREE, ACCOUNT_CAP_S),)
    account = f"known:{name}:{network(address)}" if known_address else f"account:{name}"
    return (Lane(account, ACCOUNT_FREE, ACCOUNT_CAP_S), address_lane(address))


def address_lane(address: str) -> Lane:
    return Lane(f"address:{network(address)}", ADDRESS_FREE, ADDRESS_CAP_S, in_turn=False)


def own_password_lane(username: str) -> Lane:
    """For who is signed in and must show the old password, to bar a borrowed session."""
    return Lane(f"own:{digest(username)}", ACCOUNT_FREE, ACCOUNT_CAP_S)


def slip_lane(address: str) -> Lane:
    return Lane(f"slip:{network(address)}", SLIP_FREE, SLIP_CAP_S, in_turn=False)


def wait_s(lane: Lane, failures: int) -> int:
    """How long a lane is shut after its n-th failure in a window: 0, then 1, 2, 4 … the cap."""
    beyond = failures - lane.free
    # 2 to the 12th is beyond every cap; without the bound the power itself would be huge.
    return 0 if beyond < 0 else min(2 ** min(beyond, 12), lane.cap_s)


def network(address: str) -> str:
    """What counts as one address: in IPv6 a /64, all of which one machine may use. An IPv4 address
    that a socket of both kinds writes as IPv6 is itself: all of these are in one /64."""
    parsed = _parsed(address)
    if parsed is None:
        return address
    return str(parsed) if parsed.version == 4 else _prefix(parsed, 64)


def site(address: str) -> str | None:
    """The /48 of an address in IPv6, which is what one customer of a provider is given: 65,536
    networks. In IPv4 one has no more than its addresses, and there is none."""
    parsed = _parsed(address)
    return None if parsed is None or parsed.version == 4 else _prefix(parsed, 48)


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _prefix(address: ipaddress.IPv6Address, bits: int) -> str:
    return str(ipaddress.ip_network((int(address), bits), strict=False))


class Throttle:
    """Lets attempts in, and is told of those that failed. `now` is Unix time, in seconds."""

    def __init__(
        self, shared: Counters, local: Counters, now: Callable[[], float] = time.time
    ) -> None:
        self._shared = shared
        self._local = local
        self._now = now

    async def admit(self, *lanes: Lane) -> None:
        """Raises TooManyRequests, with the `seconds` to wait, when one of the lanes is shut."""
        # Always: a full bus can be read and takes no failures, and those are kept here.
        left = await self._shut_for(self._local, lanes)
        with suppress(Unavailable):
            left = max(left, await self._shut_for(self._shared, lanes))
        if left > 0:
            raise TooManyRequests(seconds=ceil(left))

    async def note_failure(self, *lanes: Lane) -> None:
        try:
            await self._note(self._shared, lanes)
        except Unavailable:
            await self._note(self._local, lanes)

    async def _shut_for(self, counters: Counters, lanes: Iterable[Lane]) -> float:
        return max([await self._lane_shut_for(counters, lane) for lane in lanes], default=0)

    async def _lane_shut_for(self, counters: Counters, lane: Lane) -> float:
        until = await counters.get(_shut_until(lane))
        if until is None:
            return 0
        left = float(until) - self._now()
        if left > 0 or not lane.in_turn:
            return left
        turn = await counters.hit(f"sign-in:turn:{lane.key}", TURN_S)
        return turn.seconds_left if turn.count > 1 else 0

    async def _note(self, counters: Counters, lanes: Iterable[Lane]) -> None:
        """Kept for the whole window even when the lane stays open: it marks a lane that fails."""
        for lane in lanes:
            failures = await counters.hit(f"sign-in:failures:{lane.key}", lane.window_s)
            until = self._now() + wait_s(lane, failures.count)
            # Whole: rounded up, a lane that stays open would be shut for who is quick.
            await counters.set(_shut_until(lane), repr(until).encode(), WINDOW_S)


def _shut_until(lane: Lane) -> str:
    return f"sign-in:shut-until:{lane.key}"


class LocalCounters:
    """Counters of one process; takes `now` in seconds from any steady clock."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._kept: dict[str, tuple[bytes, float]] = {}

    async def hit(self, key: str, window_s: float) -> Hits:
        value, ends = self._live(key) or (b"0", self._now() + window_s)
        count = int(value) + 1
        self._keep(key, str(count).encode(), ends)
        return Hits(count, ends - self._now())

    async def set(self, key: str, value: bytes, ttl_s: float) -> None:
        self._keep(key, value, self._now() + ttl_s)

    async def get(self, key: str) -> bytes | None:
        found = self._live(key)
        return found[0] if found else None

    def _live(self, key: str) -> tuple[bytes, float] | None:
        found = self._kept.get(key)
        return found if found and found[1] > self._now() else None

    def _keep(self, key: str, value: bytes, ends: float) -> None:
        """Make it the newest; when it grows too many, forget the oldest half."""
        self._kept.pop(key, None)
        self._kept[key] = value, ends
        if len(self._kept) > LOCAL_KEYS_MAX:
            self._kept = dict(list(self._kept.items())[LOCAL_KEYS_MAX // 2 :])
