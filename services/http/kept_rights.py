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

import re
import time
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Final, NamedTuple

from aiohttp import web
from sqlalchemy.orm import Session

from services.http.keys import GROUND
from tongke import clock
from tongke.people.models import CREDENTIAL
from tongke.storage.bus.port import Bus, Disconnected, Event, Message
from tongke.storage.database import all_rights_changed, rights_changed_of
from tongke.tasks import RIGHTS_CHANNEL

# The bound on a word that got lost between two healthy ends of the bus.
KEPT_S = 60.0
# Some hundred bytes each; two kilobytes of who a teacher is, sixty of an officer of the province.
# What is older than a minute goes, and sooner where it would be more. Twenty serve a whole class.
MOST_KEPT = 25_000
# Things that are told apart.
MOST_THINGS = 50_000
# A word about one thing; any other is about everything.
_OF_ONE: Final = re.compile(rb"[a-z]+[:/]")


class Asked(NamedTuple):
    """When a question was asked: before which change of rights, and until when (of the monotonic
    clock) its answer may be kept."""

    epoch: int
    until: float


class _Kept(NamedTuple):
    asked: Asked
    rests_on: tuple[str, ...]
    value: object


_NOTHING: Final[dict[str, _Kept]] = {}


class KeptRights:
    """What this process has found out. Of verdicts only granted ones: a new right works at once."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        # By sessions: of this minute, and of the one before. What is older holds no more.
        self._kept: dict[str, dict[str, _Kept]] = {}
        self._before: dict[str, dict[str, _Kept]] = {}
        self._count, self._turn_at = 0, 0.0
        # Whether changes of rights are heard of.
        self.connected = False
        # The number of the last change that was heard of; of the last that was about everything;
        # and of the last about each thing alone since then.
        self.epoch = 0
        self._wide_epoch = 0
        self._epochs: dict[str, int] = {}

    def known(self, session: str, thing: str) -> object | None:
        """What was kept of a session (the digest of its secret) and a thing ("resource:7"), if
        nothing has changed since."""
        kept = self._kept.get(session, _NOTHING).get(thing)
        kept = kept or self._before.get(session, _NOTHING).get(thing)
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
        if self._count >= MOST_KEPT or self._monotonic() >= self._turn_at:
            self._before, self._kept, self._count = self._kept, {}, 0
            self._turn_at = self._monotonic() + KEPT_S
        self._kept.setdefault(session, {})[thing] = _Kept(asked, rests_on, value)
        self._count += 1

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
        self._kept, self._before, self._count = {}, {}, 0

    def forget_of(self, thing: str) -> None:
        """What rests on a thing has changed, and nobody's right to anything else."""
        if thing not in self._epochs and len(self._epochs) >= MOST_THINGS:
            self.forget()
        self.epoch += 1
        self._epochs[thing] = self.epoch
        if thing.startswith(CREDENTIAL):
            session = thing.removeprefix(CREDENTIAL)
            self._kept.pop(session, None)
            self._before.pop(session, None)

    def hear(self, event: Event) -> None:
        """A change was told, or the line to where it would be has come or gone."""
        self.connected = not isinstance(event, Disconnected)
        if isinstance(event, Message) and _OF_ONE.match(event.data):
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
        if all_rights_changed(session):
            app[KEPT_RIGHTS].forget()
            return
        for thing in rights_changed_of(session):
            app[KEPT_RIGHTS].forget_of(thing)

    hooks = app[GROUND].database.after_commit
    hooks.append(after_commit)
    yield
    hooks.remove(after_commit)
