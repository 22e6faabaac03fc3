"""Who somebody is, and what they may see, kept in the process until a right changes.

Working it out takes half a dozen statements, and one page, lesson or letter typed after another
asks the same. Any change of rights is told on the bus, and empties the store; so does losing the
bus, and while it is lost nothing is kept. Where the change is about some things alone (a class that
begins, a session that ends), only what rests on those is forgotten: such changes are made all day
long, and must not have everybody of every class asked about anew. A process hears of its own
changes before it answers the one who made them. What was worked out before such a word and kept
after it is refused by the epoch. Agreements begin and end with the day, and so does what is kept.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Final, NamedTuple

from aiohttp import web
from sqlalchemy.orm import Session

from services.http.keys import GROUND
from tongke import clock
from tongke.storage.bus.port import Bus, Disconnected, Event, Message
from tongke.storage.database import rights_changed, rights_changed_of
from tongke.tasks import RIGHTS_CHANNEL

# The bound on a word that got lost between two healthy ends of the bus.
KEPT_S = 60.0
# Some hundred bytes each, two kilobytes of who somebody is; emptied when full, since twenty serve
# a whole class. So many things are told apart as well.
MOST_KEPT = 50_000

# The digest of a session's secret, and what is looked at ("resource:7").
Key = tuple[str, str]


class Asked(NamedTuple):
    """When a question was asked: before which change of rights, and until when (of the monotonic
    clock) its answer may be kept."""

    epoch: int
    until: float


class _Kept(NamedTuple):
    asked: Asked
    rests_on: tuple[str, ...]
    value: object


class KeptRights:
    """What this process has found out. Of verdicts only granted ones: a new right works at once."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._kept: dict[Key, _Kept] = {}
        # Whether changes of rights are heard of.
        self.connected = False
        # The number of the last change that was heard of; of the last that was about everything;
        # and of the last about each thing alone since then.
        self.epoch = 0
        self._wide_epoch = 0
        self._epochs: dict[str, int] = {}

    def known(self, session: str, thing: str) -> object | None:
        """What was kept of a session and a thing, if nothing has changed since."""
        kept = self._kept.get((session, thing))
        if kept is None or self._monotonic() >= kept.asked.until:
            return None
        return None if self.changed_since(kept.asked.epoch, kept.rests_on) else kept.value

    def asked(self) -> Asked:
        """To be taken before a question is asked whose answer is to be kept."""
        return Asked(self.epoch, self._monotonic() + min(KEPT_S, clock.left_of_today_s()))

    def keep(
        self,
        session: str,
        thing: str,
        asked: Asked,
        value: object = True,
        *,
        rests_on: Iterable[str],
    ) -> None:
        """Keep a granted verdict, or another true value, until one of the things that it rests on
        has changed."""
        rests_on = tuple(rests_on)
        if not self.connected or self.changed_since(asked.epoch, rests_on):
            return
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[session, thing] = _Kept(asked, rests_on, value)

    def changed_since(self, epoch: int, things: Iterable[str]) -> bool:
        """Whether a change that concerns one of these things has been heard of since an epoch."""
        if epoch == self.epoch:
            return False
        return epoch < self._wide_epoch or any(epoch < self._epochs.get(t, 0) for t in things)

    def forget(self) -> None:
        """Something that gives rights has changed."""
        self.epoch += 1
        self._wide_epoch = self.epoch
        self._epochs.clear()
        self._kept.clear()

    def forget_of(self, thing: str) -> None:
        """What rests on a thing has changed, and nobody's right to anything else."""
        if len(self._epochs) >= MOST_KEPT:
            self.forget()
        self.epoch += 1
        self._epochs[thing] = self.epoch

    def hear(self, event: Event) -> None:
        """A change was told, or the line to where it would be has come or gone."""
        self.connected = not isinstance(event, Disconnected)
        if isinstance(event, Message) and b":" in event.data:
            self.forget_of(event.data.decode())
        else:
            self.forget()

    async def listen(self, bus: Bus) -> None:
        """Follow the bus for as long as the process lives."""
        async with bus.subscribe(RIGHTS_CHANNEL) as events:
            async for event in events:
                self.hear(event)


KEPT_RIGHTS: Final = web.AppKey("kept_rights", KeptRights)


def mount(app: web.Application) -> None:
    app[KEPT_RIGHTS] = KeptRights()


async def own_changes(app: web.Application) -> AsyncIterator[None]:
    """Forget what this process itself has just changed, without waiting for the bus."""

    def after_commit(session: Session) -> None:
        if rights_changed(session):
            app[KEPT_RIGHTS].forget()
        for thing in rights_changed_of(session):
            app[KEPT_RIGHTS].forget_of(thing)

    hooks = app[GROUND].database.after_commit
    hooks.append(after_commit)
    yield
    hooks.remove(after_commit)
