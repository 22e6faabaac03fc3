"""Hands the rooms' small stills on to the lead."""

from __future__ import annotations

import time
from collections.abc import Set as AbstractSet
from typing import Final

from services.live.signalling.relay import End, HandedOn, Relay
from tongke.live.room_still import room_still
from tongke.live.state import ClassState
from tongke.live.vocabulary import Role, Who
from tongke.storage.bus.port import Bus

# A room sends one in ten seconds. What comes faster than this is dropped.
SENT_EVERY_S: Final = 4.0


class Sent(HandedOn):
    """A still on the bus."""

    room: str
    jpeg: str


class RoomStills(Relay[Sent]):
    """Those of one class."""

    def __init__(self, bus: Bus, class_id: int, lines: AbstractSet[End]) -> None:
        super().__init__(bus, f"room-stills:{class_id}", Sent, lines)
        self._due: dict[str, float] = {}

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
        await self._hand_on(sent)

    def _deliver(self, said: Sent) -> None:
        for line in list(self._lines):
            # A line that reads slowly has more important things to read.
            if line.who.role is Role.LEAD and not line.is_behind:
                line.put({"still": {"room": said.room, "jpeg": said.jpeg}})
