"""The classes whose people are on lines of this process: opened once for all of them, and followed
for as long as somebody is there."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web
from sqlalchemy.orm import Session

from services.http.keys import GROUND
from services.live.signalling.classroom import Classroom
from services.live.signalling.coming import keep_true
from services.live.signalling.following import follow
from services.live.signalling.late_answers import keep_results_right
from tongke.bootstrap import Ground
from tongke.classes.models import LiveClass


def told_whole(live: LiveClass) -> LiveClass:
    """A class with all that is told of it, read before the session of the database ends."""
    _ = [seat.room.name for seat in live.seats]
    return live


def whole_class(session: Session, class_id: int) -> LiveClass:
    """The same of a class by its number."""
    return told_whole(session.get_one(LiveClass, class_id))


class Classrooms:
    """Each is to be left as often as it was opened."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._open: dict[int, Classroom] = {}
        self._following: dict[int, tuple[asyncio.Task[None], ...]] = {}
        self._seen_to: set[asyncio.Task[None]] = set()

    async def open(self, live: LiveClass) -> Classroom:
        """A class, with everything that has happened in it so far; to be left once."""
        if live.id not in self._open:
            opened = Classroom(self._ground, live.id, live.delay_ms, self._seen_to)
            self._open[live.id] = opened
            beside = (
                follow(self._ground.bus, opened),
                opened.presence.keep_telling(),
                opened.keep_delay(),
                keep_results_right(opened.put_results_right),
                keep_true(opened),
            )
            self._following[live.id] = tuple(map(asyncio.create_task, beside))
        found = self._open[live.id]
        found.held += 1
        try:
            await found.catch_up()
            await found.prepare(live)
        except BaseException:
            self.leave(live.id)
            raise
        return found

    @contextlib.asynccontextmanager
    async def entered(self, live: LiveClass) -> AsyncIterator[Classroom]:
        """A class for as long as the block runs."""
        found = await self.open(live)
        try:
            yield found
        finally:
            self.leave(live.id)

    def leave(self, class_id: int) -> None:
        """Somebody who had opened it has gone; when nobody is left, nothing is kept."""
        found = self._open.get(class_id)
        if found is None:
            return
        found.held -= 1
        if not found.held:
            del self._open[class_id]
            for task in self._following.pop(class_id):
                task.cancel()

    async def close(self) -> None:
        following = (task for tasks in self._following.values() for task in tasks)
        for task in (*following, *self._seen_to):
            task.cancel()
        self._following.clear()
        self._open.clear()


CLASSROOMS: Final = web.AppKey("classrooms", Classrooms)


def mount(app: web.Application) -> None:
    app[CLASSROOMS] = Classrooms(app[GROUND])
    app.on_cleanup.append(_close)


async def _close(app: web.Application) -> None:
    await app[CLASSROOMS].close()
