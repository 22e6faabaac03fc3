"""Rights of media: one verdict serves thousands of segments, and dies within a second of its right.

A granted verdict for (session, resource) is kept in the process. Any change of rights, roles or
sessions is told on the bus, and empties the store; so does losing the bus, and while it is lost
nothing is kept. A verdict worked out before such a word and kept after it is refused by the
epoch. Agreements begin and end with the day, so the day is part of the key.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date

from tongke import clock
from tongke.storage.bus.port import Bus, Disconnected, Event
from tongke.tasks import RIGHTS_CHANNEL

# The bound on a word that got lost between two healthy ends of the bus.
KEPT_S = 60.0
# Some hundred bytes each; emptied when full, since twenty serve a whole class.
MOST_KEPT = 50_000

Key = tuple[str, int, date]


class Verdicts:
    """The verdicts of this process. Only granted ones are kept: a new right works at once."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._until: dict[Key, float] = {}
        # Whether changes of rights are heard of.
        self.connected = False
        self.epoch = 0

    def known(self, session: str, resource_id: int) -> bool:
        """Whether this session was granted this resource, and nothing has changed since."""
        until = self._until.get((session, resource_id, clock.today()))
        return until is not None and self._monotonic() < until

    def keep(self, session: str, resource_id: int, epoch: int) -> None:
        """Keep a granted verdict; `epoch` is what it was before the question was asked."""
        if not self.connected or epoch != self.epoch:
            return
        if len(self._until) >= MOST_KEPT:
            self._until.clear()
        self._until[(session, resource_id, clock.today())] = self._monotonic() + KEPT_S

    def forget(self) -> None:
        """Something that gives rights has changed."""
        self.epoch += 1
        self._until.clear()

    def hear(self, event: Event) -> None:
        """A change was told, or the line to where it would be has come or gone."""
        self.connected = not isinstance(event, Disconnected)
        self.forget()

    async def listen(self, bus: Bus) -> None:
        """Follow the bus for as long as the process lives."""
        async with bus.subscribe(RIGHTS_CHANNEL) as events:
            async for event in events:
                self.hear(event)
