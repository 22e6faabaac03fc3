"""A bad line for datagrams: it delays, loses some, is narrow, and can be cut.

Each end is told a door of this line in place of the other's own address. What comes in at one
end's door goes on to that end from the door of who sent it, so that the answers come here too.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.servers.bad_line import Shape

# Host and port.
Address = tuple[str, int]

# Of IPv4 and UDP, which the line carries as well.
HEADER_BYTES = 28
# What waits before a narrow line; more than a cheap router keeps is dropped.
MOST_QUEUED_S = 0.3


@dataclass
class Datagrams:
    """The datagrams of some ends to each other, all by lines of one shape."""

    shape: Shape
    _doors: dict[Address, _Door] = field(default_factory=dict)
    _is_cut: bool = False
    # When the line to an end has sent what it was given: each has one, whatever its addresses.
    _free_at: dict[str, float] = field(default_factory=dict)
    _chance: random.Random = field(default_factory=lambda: random.Random(1))

    @property
    def doors(self) -> set[Address]:
        """All that any end may be told."""
        return {(host, door.port) for (host, _), door in self._doors.items()}

    def cut(self) -> None:
        """Nothing comes through, nor what is on its way."""
        self._is_cut = True

    def restore(self) -> None:
        self._is_cut = False

    async def door(self, end: str, address: Address) -> int:
        """The port, at the same host, at which an address of an end is reached by this line."""
        if address not in self._doors:
            loop = asyncio.get_running_loop()
            _, self._doors[address] = await loop.create_datagram_endpoint(
                lambda: _Door(self, end, address), local_addr=(address[0], 0)
            )
        return self._doors[address].port

    def carry(self, door: _Door, data: bytes, sender: Address) -> None:
        """Something came in at a door. Who sends from an address that was not told is not heard."""
        back = self._doors.get(sender)
        if self._is_cut or back is None or self._chance.random() < self.shape.loss:
            return
        arrives = self._arrival(door.end, len(data) + HEADER_BYTES)
        if arrives is not None:
            asyncio.get_running_loop().call_at(arrives, self._deliver, back, data, door.address)

    def close(self) -> None:
        for door in self._doors.values():
            door.transport.close()

    def _arrival(self, end: str, size: int) -> float | None:
        """When it arrives; None where too much waits before it."""
        leaves = asyncio.get_running_loop().time()
        if self.shape.bits_s is not None:
            begins = max(leaves, self._free_at.get(end, 0.0))
            if begins - leaves > MOST_QUEUED_S:
                return None
            leaves = self._free_at[end] = begins + size * 8 / self.shape.bits_s
        return leaves + self.shape.delay_ms / 1000

    def _deliver(self, back: _Door, data: bytes, address: Address) -> None:
        if not self._is_cut and not back.transport.is_closing():
            back.transport.sendto(data, address)


class _Door(asyncio.DatagramProtocol):
    """A port by which one address of an end is reached."""

    transport: asyncio.DatagramTransport
    port: int

    def __init__(self, line: Datagrams, end: str, address: Address) -> None:
        self._line = line
        self.end = end
        self.address = address

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, sender: tuple[Any, ...]) -> None:
        # With a flow and a scope behind the port, where it is IPv6.
        self._line.carry(self, data, (sender[0], sender[1]))


@asynccontextmanager
async def datagrams(shape: Shape) -> AsyncIterator[Datagrams]:
    """A line between whoever is told its doors."""
    made = Datagrams(shape)
    try:
        yield made
    finally:
        made.close()
