"""Which web process carries a class, where there are several.

The process that is asked first takes a lease on the bus, keeps it for as long as the class runs
there, and leaves its address beside it; others pass on what they are asked (`forward`). When it
dies its lease ends within seconds, and whoever is asked next goes on from what is durable; one that
begins anew at the same address need not wait. Without an address of its own (`TONGKE_NODE_URL`) a
process is alone, and asks nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Final, Protocol

import structlog

from tongke.errors import Text, Unavailable
from tongke.settings import Settings
from tongke.storage.bus.errors import BusUnavailable
from tongke.storage.bus.port import Bus, Lease

_log = structlog.get_logger("tongke.live")

# Everybody is to be back within ten seconds of a process's death.
HELD_S: Final = 6.0
RENEWED_EVERY_S: Final = 2.0
AUTOMATIC: Final = "auto"


class CarriedElsewhere(Unavailable):
    """`node` is the address of the process that carries the class; empty where it is not known."""

    code = "carried-elsewhere"
    message = Text("这节课正在换服务器", "This class is moving to another server")
    remedy = Text("不用操作，几秒后会接着放", "Nothing to do: it goes on within seconds")

    def __init__(self, node: str) -> None:
        super().__init__()
        self.node = node


def node_of(settings: Settings) -> str | None:
    """The address by which other processes reach this one."""
    if settings.node_url != AUTOMATIC:
        return settings.node_url and settings.node_url.rstrip("/")
    return f"http://{socket.gethostbyname(socket.gethostname())}:{settings.port}"


class Holder(Protocol):
    """What a process does with the classes that it holds."""

    def is_published(self, class_id: int) -> bool:
        """Whether somebody publishes it here now."""
        ...

    async def lose(self, class_id: int) -> None:
        """Carry it no longer: another process may."""
        ...


class Leases:
    """The classes that this process holds."""

    def __init__(self, bus: Bus, node: str | None, holder: Holder) -> None:
        self._bus, self._node, self._holder = bus, node, holder
        self._held: dict[int, tuple[Lease, asyncio.Task[None]]] = {}
        # Tokens of leases that were taken here and are not given back yet.
        self._own: set[str] = set()

    async def take(self, class_id: int) -> None:
        """Hold a class from now on. Without the bus everybody does: names stay apart all the same,
        and a class that runs is worth more than one that is carried once.

        Raises:
            CarriedElsewhere.
        """
        if self._node is None or class_id in self._held:
            return
        try:
            lease = await self._acquire(class_id)
            if lease is None:
                raise CarriedElsewhere(await self.holder(class_id) or "")
            self._own.add(lease.token)
            await self._say(class_id, lease)
        except BusUnavailable:
            return
        renewing = asyncio.create_task(self._renew(class_id, lease))
        self._held[class_id] = lease, renewing

    async def _acquire(self, class_id: int) -> Lease | None:
        lease = await self._bus.acquire(_name(class_id), HELD_S)
        if lease is not None:
            return lease
        node, token = await self._said(class_id)
        if node != self._node or token in self._own:
            return None
        # Two do not listen at one address: it is what our predecessor held when it died.
        await self._bus.release(Lease(_name(class_id), token, fence=0))
        return await self._bus.acquire(_name(class_id), HELD_S)

    async def _say(self, class_id: int, lease: Lease) -> None:
        """Leave our address, and the token by which who comes after us at it can free the lease."""
        said = f"{self._node} {lease.token}"
        await self._bus.set(_address(class_id), said.encode(), HELD_S)

    async def _said(self, class_id: int) -> tuple[str, str]:
        """Address and token of the process that carries a class; empty where none says so."""
        found = await self._bus.get(_address(class_id))
        node, _, token = (found or b"").decode().partition(" ")
        return node, token

    async def holder(self, class_id: int) -> str | None:
        """The address of another process that carries a class."""
        if self._node is None or class_id in self._held:
            return None
        try:
            node, _ = await self._said(class_id)
        except BusUnavailable:
            return None
        return node if node and node != self._node else None

    async def want(self, class_id: int) -> None:
        """Ask whoever holds a class to let go of it, where nobody publishes it there."""
        with contextlib.suppress(BusUnavailable):
            await self._bus.set(_wanted(class_id), b"1", HELD_S)

    async def give_back(self, class_id: int) -> None:
        held = self._held.pop(class_id, None)
        if held is None:
            return
        lease, renewing = held
        renewing.cancel()
        try:
            await self._bus.delete(_address(class_id))
            await self._bus.release(lease)
        except BusUnavailable:
            _log.info("lease-runs-out", class_id=class_id)
        finally:
            self._own.discard(lease.token)

    async def close(self) -> None:
        for class_id in list(self._held):
            await self.give_back(class_id)

    async def _renew(self, class_id: int, lease: Lease) -> None:
        while True:
            await asyncio.sleep(RENEWED_EVERY_S)
            try:
                if await self._is_wanted(class_id) or not await self._bus.renew(lease, HELD_S):
                    break
                await self._say(class_id, lease)
            except BusUnavailable:
                # Nobody else can take it now, either.
                continue
        _log.warning("lease-lost", class_id=class_id)
        del self._held[class_id]
        await self._holder.lose(class_id)
        with contextlib.suppress(BusUnavailable):
            await self._bus.delete(_wanted(class_id))
            await self._bus.release(lease)
        self._own.discard(lease.token)

    async def _is_wanted(self, class_id: int) -> bool:
        wanted = await self._bus.get(_wanted(class_id))
        return wanted is not None and not self._holder.is_published(class_id)


def _name(class_id: int) -> str:
    return f"class-carried:{class_id}"


def _wanted(class_id: int) -> str:
    return f"class-wanted:{class_id}"


def _address(class_id: int) -> str:
    return f"class-carrier:{class_id}"
