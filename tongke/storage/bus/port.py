"""The port to what processes tell each other: messages, leases, counters, values that expire.

Nothing is kept here that cannot be rebuilt: the truth is the database and the objects. So every
user of the bus must do right, if slower, when all of it was lost a moment ago.

`tests/conformance/bus.py` is the suite that every adapter passes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Connected:
    """From here on no message is missed. What was published before may have been."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The line is lost: until `Connected` messages are missed, so nothing cached is to be trusted.

    Told at once when the server closes the line, and within seconds when it falls silent.
    """


@dataclass(frozen=True, slots=True)
class Message:
    channel: str
    data: bytes


Event: TypeAlias = Connected | Disconnected | Message


@dataclass(frozen=True, slots=True)
class Lease:
    """A name that is ours for a while.

    `fence` grows with every lease of the name, even when the bus lost everything in between:
    who guards a thing refuses a holder whose number is below the greatest it has seen.
    """

    name: str
    token: str
    fence: int


@dataclass(frozen=True, slots=True)
class Hits:
    """How often a counter was hit in its window, and after how many seconds it starts anew."""

    count: int
    seconds_left: float


class BusHealth(NamedTuple):
    """What `check` found. `clock_ahead_s` is the server's clock minus ours, in seconds; `evicts`
    says that a full server drops keys of its own choice."""

    server: str
    round_trip_s: float
    clock_ahead_s: float
    evicts: bool = False


class Bus(Protocol):
    """Every call ends within a few seconds, and raises `BusUnavailable` when it could not be done.

    An adapter belongs to the event loop that first used it.
    """

    async def publish(self, channel: str, message: bytes) -> None:
        """Tell all who are subscribed at this moment; nobody else will hear of it."""
        ...

    def subscribe(self, *channels: str) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """The events of channels, without end: it reconnects by itself, with back-off.

        It begins unconnected; `Connected` is the first event. It raises nothing.
        """
        ...

    async def acquire(self, name: str, ttl_s: float) -> Lease | None:
        """The lease of a name for that many seconds, or None while another holds it."""
        ...

    async def renew(self, lease: Lease, ttl_s: float) -> bool:
        """Hold it for that many seconds from now; False when it is ours no more."""
        ...

    async def release(self, lease: Lease) -> None:
        """Give a lease back; one that is ours no more is left alone."""
        ...

    async def hit(self, key: str, window_s: float) -> Hits:
        """Count one, in a window that begins with its first hit."""
        ...

    async def set(self, key: str, value: bytes, ttl_s: float) -> None:
        """Keep a value for at most that many seconds."""
        ...

    async def get(self, key: str) -> bytes | None: ...

    async def delete(self, key: str) -> None: ...

    async def check(self) -> BusHealth:
        """For `tongke doctor`: write, read and delete a value. Raises what went wrong."""
        ...

    async def close(self) -> None: ...
