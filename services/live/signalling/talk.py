"""Hands on what the two ends of a talk say to each other, whatever process each is on."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Set as AbstractSet
from typing import Protocol

from pydantic import BaseModel, JsonValue

from tongke.live import talk
from tongke.live.state import ClassState
from tongke.live.vocabulary import Who
from tongke.storage.bus.errors import BusUnavailable
from tongke.storage.bus.port import Bus


class End(Protocol):
    """The line of somebody who may be an end of the talk."""

    who: Who

    @property
    def is_behind(self) -> bool:
        """Whether much waits for them already."""
        ...

    def put(self, told: dict[str, JsonValue]) -> None: ...


class Said(BaseModel):
    """A word on the bus. `by` is the process that has handed it to its own lines already."""

    by: str
    sender: str
    to: str
    data: dict[str, JsonValue]


class Talk:
    """The words of one class's talk. Nobody keeps them: who is away has not heard them, and
    browsers that hear nothing from each other begin anew."""

    def __init__(self, bus: Bus, class_id: int, lines: AbstractSet[End]) -> None:
        """`lines`: those of this process, as they come and go."""
        self._bus, self._lines = bus, lines
        self._name = secrets.token_hex(8)
        self.channel = f"talk:{class_id}"

    async def say(self, state: ClassState, who: Who, asked: object) -> None:
        """Hand a word to the other end.

        Raises:
            Invalid, NotInTalk.
        """
        word = talk.word(asked)
        sender = talk.speaker(state, who, word.to)
        said = Said(by=self._name, sender=sender, to=word.to, data=word.data)
        self._deliver(said)
        with contextlib.suppress(BusUnavailable):
            await self._bus.publish(self.channel, said.model_dump_json().encode())

    def hear(self, message: bytes) -> None:
        """Another process, or this one, has handed a word on."""
        said = Said.model_validate_json(message)
        if said.by != self._name:
            self._deliver(said)

    def _deliver(self, said: Said) -> None:
        for line in list(self._lines):
            # A flood of words does not cost somebody their line.
            if talk.end_of(line.who) == said.to and not line.is_behind:
                line.put({"talk": {"from": said.sender, "data": said.data}})
