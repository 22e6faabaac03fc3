"""Hands something on to lines of a class, whatever process each is on. Nobody keeps it: who is away
has not heard it."""

from __future__ import annotations

import contextlib
import secrets
from abc import ABC, abstractmethod
from collections.abc import Set as AbstractSet
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel, JsonValue

from tongke.live.vocabulary import Who
from tongke.storage.bus.errors import BusUnavailable
from tongke.storage.bus.port import Bus


class End(Protocol):
    """The line of somebody who may get it."""

    who: Who

    @property
    def is_behind(self) -> bool:
        """Whether much waits for them already."""
        ...

    def put(self, told: dict[str, JsonValue]) -> None: ...


class HandedOn(BaseModel):
    """As it goes over the bus. `by` is the process that has handed it to its own lines already."""

    by: str


T = TypeVar("T", bound=HandedOn)


class Relay(ABC, Generic[T]):
    """One kind of thing, of one class."""

    def __init__(self, bus: Bus, channel: str, kind: type[T], lines: AbstractSet[End]) -> None:
        """`lines`: those of this process, as they come and go."""
        self._bus, self.channel, self._kind, self._lines = bus, channel, kind, lines
        self._name = secrets.token_hex(8)

    async def _hand_on(self, said: T) -> None:
        self._deliver(said)
        with contextlib.suppress(BusUnavailable):
            await self._bus.publish(self.channel, said.model_dump_json().encode())

    def hear(self, message: bytes) -> None:
        """Another process, or this one, has handed something on."""
        said = self._kind.model_validate_json(message)
        if said.by != self._name:
            self._deliver(said)

    @abstractmethod
    def _deliver(self, said: T) -> None:
        """Put it on the lines of this process that it is for."""
