"""The classes that this process carries.

One is opened when somebody publishes or watches, and goes on from what is durable: the rows of
whole segments, and the journal on this machine's disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, ParamSpec, Protocol

import structlog
from aiohttp import web
from sqlalchemy.orm import Session

from services.http.keys import GROUND
from services.live.carrying import filling, resuming
from services.live.carrying.broadcast import OFFERED, RENDITIONS, Broadcast
from services.live.carrying.kept_chunks import KeptChunks
from services.live.carrying.lease import Leases, node_of
from tongke.bootstrap import Ground
from tongke.classes import queries
from tongke.classes.after.recorded import cue_ranges
from tongke.classes.models import LiveClass, LiveSegment
from tongke.classes.running import lifecycle, segments
from tongke.errors import Unavailable
from tongke.live.stream import Earlier, Whole
from tongke.media.rendition import SOURCE
from tongke.publishing import class_words, recording
from tongke.storage.objects.errors import StoreFull
from tongke.storage.objects.port import once
from tongke.storage.space import is_left

P = ParamSpec("P")

_log = structlog.get_logger("tongke.live")

MP4: Final = "video/mp4"
# A store that is away is asked again; meanwhile segments wait in memory.
AGAIN_AFTER_S: Final = 2.0
# So long a process that lets a class go waits for what is not stored yet: less than what is left of
# its lease, and than whoever stops it waits.
STORED_WITHIN_S: Final = 3.0


class Publishers(Protocol):
    """Who publishes the classes that are carried here."""

    def has(self, class_id: int) -> bool: ...

    def send_away(self, class_id: int) -> None:
        """Have a publisher look for the class elsewhere."""
        ...


class Carrier:
    """Hands out the broadcast of a running class; one for each, however many ask."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._carried: dict[int, asyncio.Task[Broadcast]] = {}
        self._leases = Leases(ground.bus, node_of(ground.settings), self)
        self.publishers: Publishers | None = None
        self._ending: dict[int, asyncio.Task[int | None]] = {}
        # Of each folder, the initialisation that was put there last.
        self._initialised: dict[str, str] = {}

    async def broadcast(self, class_id: int) -> Broadcast:
        """Raises NotFound, ClassOver: it is not running; CarriedElsewhere."""
        if class_id not in self._carried:
            opening = asyncio.create_task(self._open(class_id))
            self._carried[class_id] = opening
            opening.add_done_callback(lambda task: self._opened(class_id, task))
        return await asyncio.shield(self._carried[class_id])

    def _opened(self, class_id: int, task: asyncio.Task[Broadcast]) -> None:
        if task.cancelled() or task.exception() is not None:
            self._carried.pop(class_id, None)

    def carried(self, class_id: int) -> Broadcast | None:
        """The broadcast of a class, if this process carries it already."""
        task = self._carried.get(class_id)
        return task.result() if task is not None and task.done() else None

    async def elsewhere(self, class_id: int) -> str | None:
        """The address of another process that carries a class."""
        return None if class_id in self._carried else await self._leases.holder(class_id)

    async def want(self, class_id: int) -> None:
        """Have a class that another process carries, and nobody publishes there."""
        await self._leases.want(class_id)

    def is_published(self, class_id: int) -> bool:
        return self.publishers is not None and self.publishers.has(class_id)

    async def lose(self, class_id: int) -> None:
        """Another process carries the class from now on."""
        task = self._carried.pop(class_id, None)
        if self.publishers is not None:
            self.publishers.send_away(class_id)
        if task is None:
            return
        # One that is just being opened would be carried here as well, and known to nobody.
        await asyncio.wait([task])
        if not task.cancelled() and not task.exception():
            await _let_go(task.result())
            self._forget(task.result().resource_id)

    def _forget(self, resource_id: int) -> None:
        for name in OFFERED:
            self._initialised.pop(recording.folder(resource_id, name), None)

    async def end(self, class_id: int) -> int | None:
        """A class is over: what there is becomes whole and stays; the number of its recording.
        However many ask, it is ended once, and goes on to its end though whoever asked has gone.
        Where it failed on the way it is asked for again, and goes on.

        Raises:
            NotFound, ClassOver: it does not run; CarriedElsewhere.
        """
        if class_id not in self._ending:
            ending = self._ending[class_id] = asyncio.create_task(self._end(class_id))
            ending.add_done_callback(lambda _: self._ending.pop(class_id))
        return await asyncio.shield(self._ending[class_id])

    async def _end(self, class_id: int) -> int | None:
        found = await self.broadcast(class_id)
        await found.end()
        database = self._ground.database
        await self._fill(class_id, found)
        rows = await database.read(queries.lesson, class_id, SOURCE)
        if rows:
            cues = await database.read(cue_ranges, class_id)
            await recording.write_playlist(self._ground.objects, found.resource_id, rows, cues)
        words = await class_words.words_of(database, self._ground.objects, class_id)
        await database.write(recording.finish, class_id, words)
        self._carried.pop(class_id, None)
        self._forget(found.resource_id)
        await self._leases.give_back(class_id)
        return found.resource_id if rows else None

    async def _fill(self, class_id: int, found: Broadcast) -> None:
        """Make anew what the recording lacks and the journal has."""
        database, journal = self._ground.database, journal_of(self._ground, class_id)
        rows = await database.read(queries.lesson, class_id, SOURCE)
        filled = filling.Filling(journal, found.origin_us, self._ground.programs.ffmpeg)
        for windows in await asyncio.to_thread(filled.lacking, rows):
            # Names of its own each time: nothing is held but what one pass over the journal gives.
            live = await database.write(lifecycle.carry_on, class_id)
            async for window, wholes in filled.made_anew(windows, live.epoch):
                for whole in wholes:
                    await self._put(found.resource_id, SOURCE, whole)
                await database.write(segments.replace, class_id, SOURCE, window, wholes)
                # They are not held while the next are made.
                wholes.clear()

    async def close(self) -> None:
        """The process stops; another one carries what runs."""
        found = [
            task.result()
            for task in self._carried.values()
            if task.done() and not task.cancelled() and task.exception() is None
        ]
        await asyncio.gather(*map(_let_go, found))
        self._carried.clear()
        await self._leases.close()

    async def _open(self, class_id: int) -> Broadcast:
        await self._leases.take(class_id)
        try:
            return await self._go_on(class_id)
        except BaseException:
            await self._leases.give_back(class_id)
            raise

    async def _go_on(self, class_id: int) -> Broadcast:
        live, resource_id, closed = await self._ground.database.write(_taken_over, class_id)
        assert live.started_at is not None
        origin_us = round(live.started_at.timestamp() * 1e6)
        settings = self._ground.settings
        makes_small = settings.live_small_picture == "auto"
        # Before the journal is open: where this fails, nobody would close it.
        earlier = await resuming.earlier(self._ground.objects, resource_id, closed)
        return Broadcast(
            epoch=live.epoch,
            resource_id=resource_id,
            origin_us=origin_us,
            kept=await KeptChunks.open(
                journal_of(self._ground, class_id), self._has_space, began_us=origin_us
            ),
            ffmpeg=self._ground.programs.ffmpeg,
            store=lambda rendition, whole: self._store(class_id, resource_id, rendition, whole),
            earlier=earlier,
            most_load=settings.live_small_picture_load if makes_small else None,
        )

    async def _has_space(self) -> bool:
        """Whether the disk of the journals may be written to."""
        settings = self._ground.settings
        found = await asyncio.to_thread(shutil.disk_usage, settings.data_dir)
        return is_left(found.free, settings.min_free_bytes)

    async def _store(self, class_id: int, resource_id: int, rendition: str, whole: Whole) -> None:
        """Put a segment where it stays, then say that it is there."""
        await self._put(resource_id, rendition, whole)
        await self._until_there(
            self._ground.database.write, segments.keep, class_id, rendition, whole
        )

    async def _put(self, resource_id: int, rendition: str, whole: Whole) -> None:
        folder, segment = recording.folder(resource_id, rendition), whole.segment
        if self._initialised.get(folder) != segment.map_name:
            await self._until_there(self._put_one, folder + segment.map_name, whole.initialisation)
            self._initialised[folder] = segment.map_name
        await self._until_there(self._put_one, folder + segment.name, whole.data)

    async def _put_one(self, key: str, data: bytes) -> None:
        await self._ground.objects.put(key, once(data), MP4)

    async def _until_there(
        self, work: Callable[P, Awaitable[object]], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """A store or a database that is away is asked again: until then segments are kept here."""
        while True:
            try:
                await work(*args, **kwargs)
            except (Unavailable, StoreFull) as error:
                _log.warning("segment-waits", code=error.code)
                await asyncio.sleep(AGAIN_AFTER_S)
            else:
                return


async def _let_go(broadcast: Broadcast) -> None:
    """Another process goes on with the class: what is not stored by then is lost to who watches."""
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STORED_WITHIN_S):
                await broadcast.until_stored()
    finally:
        await broadcast.close()


def journal_of(ground: Ground, class_id: int) -> Path:
    """The journal of a class, on this machine."""
    return _journals(ground) / str(class_id) / "journal"


def journals(ground: Ground) -> dict[int, Path]:
    """The folders of the journals on this machine, by class."""
    try:
        found = list(_journals(ground).iterdir())
    except FileNotFoundError:
        return {}
    return {int(folder.name): folder for folder in found if folder.name.isdecimal()}


def _journals(ground: Ground) -> Path:
    return ground.settings.data_dir / "live"


def _taken_over(session: Session, class_id: int) -> tuple[LiveClass, int, dict[str, Earlier]]:
    live = lifecycle.carry_on(session, class_id)
    closed = {name: _closed(queries.lesson(session, class_id, name)) for name in RENDITIONS}
    return live, recording.resource_of(session, live).id, closed


def _closed(rows: Sequence[LiveSegment]) -> Earlier:
    """By their place in the lesson, since rows have other numbers where one was not stored, or a
    process died while it filled the recording."""
    segments = [replace(recording.segment(row), sequence=place) for place, row in enumerate(rows)]
    return Earlier(segments, codecs=rows[-1].codecs if rows else "")


CARRIER: Final = web.AppKey("carrier", Carrier)


def mount(app: web.Application) -> None:
    app[CARRIER] = Carrier(app[GROUND])
    app.on_cleanup.append(_close)


async def _close(app: web.Application) -> None:
    await app[CARRIER].close()
