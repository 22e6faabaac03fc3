"""Hands the rooms' small stills on to the lead, whatever process each is on. Nobody keeps them."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Set as AbstractSet
from typing import Final

from pydantic import BaseModel

from services.live.signalling.talk import End
from tongke.live.room_still import room_still
from tongke.live.state import ClassState
from tongke.live.vocabulary import Role, Who
from tongke.storage.bus.errors import BusUnavailable
from tongke.storage.bus.port import Bus

# A room sends one in ten seconds. What comes faster than this is dropped.
SENT_EVERY_S: Final = 4.0


class Sent(BaseModel):
    """A still on the bus. `by` is the process that has handed it to its own lines already."""

    by: str
    room: str
    jpeg: str


class RoomStills:
    """Those of one class."""

    def __init__(self, bus: Bus, class_id: int, lines: AbstractSet[End]) -> None:
        """`lines`: those of this process, as they come and go."""
        self._bus, self._lines = bus, lines
        self._name = secrets.token_hex(8)
        self._due: dict[str, float] = {}
        self.channel = f"room-stills:{class_id}"

    async def send(self, state: ClassState, who: Who, said: object) -> None:
        """Hand a room's still on.

        Raises:
            NotYoursToDo, NotAdmitted, HasEnded, Invalid.
        """
        sent = Sent(by=self._name, room=who.id, jpeg=room_still(state, who, said))
        now = time.monotonic()
        if now < self._due.get(who.id, 0.0):
            return
        self._due[who.id] = now + SENT_EVERY_S
        self._deliver(sent)
        with contextlib.suppress(BusUnavailable):
            await self._bus.publish(self.channel, sent.model_dump_json().encode())

    def hear(self, message: bytes) -> None:
        """Another process, or this one, has handed a still on."""
        sent = Sent.model_validate_json(message)
        if sent.by != self._name:
            self._deliver(sent)

    def _deliver(self, sent: Sent) -> None:
        for line in list(self._lines):
            # A line that reads slowly has more important things to read.
            if line.who.role is Role.LEAD and not line.is_behind:
                line.put({"still": {"room": sent.room, "jpeg": sent.jpeg}})
