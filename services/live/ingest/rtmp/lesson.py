"""The class that an appliance's room leads now, and what the appliance pushes into it.

A class begins by itself when its time has come and its room's appliance pushes: nobody may sit at a
computer there, and what is said before the bell is in no recording. Until then the appliance is
let in and its pictures are let go, so that it does not report a fault. Begun by the teacher, the
class is filled from that moment. What the teacher's own page publishes goes first: she has chosen
it, and the appliance goes on when her page stops.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NamedTuple

import structlog
from aiohttp import web
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.http.keys import GROUND
from services.live.carrying.broadcast import Broadcast
from services.live.carrying.carrier import CARRIER
from services.live.carrying.lease import CarriedElsewhere
from services.live.ingest.on_air import PUBLISHERS, give_up, take_over, tell
from services.live.signalling.classroom import lesson_clock_ms
from services.live.signalling.classrooms import CLASSROOMS, told_whole
from tongke import clock
from tongke.classes.models import LiveClass
from tongke.classes.running import lifecycle
from tongke.classes.running.next_class import next_in
from tongke.classes.school import appliances
from tongke.classes.times.timetable import Moment
from tongke.classes.vocabulary import State
from tongke.errors import TongkeError, Unavailable
from tongke.live.bodies import Begin
from tongke.live.rtmp.dialogue import Media
from tongke.live.rtmp.feed import Feed
from tongke.live.vocabulary import PictureSource, Role, Who
from tongke.live.wire import Configuration
from tongke.media.rendition import SOURCE
from tongke.people.models import Room
from tongke.people.queries import viewer_of
from tongke.people.secret import digest

_log = structlog.get_logger("tongke.live")

# How often it is looked whether there is a class to push into.
LOOK_S: Final = 1.0


class Place(NamedTuple):
    """A room whose appliance has the right key, and the class that it leads and lets people into
    now."""

    led: tuple[LiveClass, Moment] | None


def place_of(session: Session, key: str) -> Place | None:
    """Where the appliance with a key stands; None: nobody's key."""
    room = session.scalar(select(Room).where(Room.stream_key_hash == digest(key)))
    if room is None:
        return None
    found = next_in(session, room.id, clock.now())
    if found is None or found[0].room_id != room.id or not found[1].may_join:
        return Place(None)
    told_whole(found[0])
    return Place(found)


class Lesson:
    """What one connection of an appliance pushes into."""

    source = PictureSource.APPLIANCE

    def __init__(self, app: web.Application, key: str, hang_up: Callable[[], object]) -> None:
        """`hang_up` ends the connection."""
        self.key = key
        self._app, self._hang_up = app, hang_up
        self._feed = Feed()
        self._class_id: int | None = None
        self._broadcast: Broadcast | None = None
        # Set by the first picture or sound: a connection that brings none begins no class.
        self._pushes = asyncio.Event()
        # Its key was revoked, or another connection of an appliance has taken its place.
        self.over = False
        self._looking = asyncio.create_task(self._keep_looking())

    async def take(self, media: Media) -> None:
        """Raises DamagedStream."""
        self._pushes.set()
        broadcast = self._broadcast
        if broadcast is not None and broadcast.is_over:
            self._let_go()
        for said in self._feed.take(media, round(lesson_clock_ms() * 1000)):
            if broadcast is None or broadcast is not self._broadcast:
                return
            if isinstance(said, Configuration):
                await broadcast.configure(said.model_dump_json())
            else:
                await broadcast.take(said.encode())

    def end(self, code: int) -> None:
        """Somebody else publishes the class."""
        _log.info("appliance-gives-way", class_id=self._class_id, code=code)
        self._broadcast = None
        self._feed.stop()
        if isinstance(self._holder, Lesson):
            self.close()

    def close(self) -> None:
        """End the connection, which may be silent."""
        self.over = True
        self._hang_up()

    async def leave(self) -> None:
        """The connection has ended; the lesson goes on with the next."""
        self._looking.cancel()
        await asyncio.wait([self._looking])
        broadcast = self._broadcast
        if broadcast is not None:
            self._let_go()
            await broadcast.interrupt()
            if self._class_id is not None:
                await tell(self._app, self._class_id, self.source)

    @property
    def _holder(self) -> object:
        """Who publishes the class."""
        return self._app[PUBLISHERS].get(self._class_id) if self._class_id is not None else None

    @property
    def _gives_way(self) -> bool:
        """To the teacher's own page."""
        return not (self._holder is None or isinstance(self._holder, Lesson))

    async def _keep_looking(self) -> None:
        """Beside the pictures, which wait for no database. Also of who pushes nothing: the key
        may be revoked."""
        while not self.over:
            try:
                await self._look()
            except TongkeError as error:
                _log.warning("appliance-waits", class_id=self._class_id, code=error.code)
            except Exception:
                # It is looked again, for as long as the appliance is there.
                _log.exception("appliance-waits", class_id=self._class_id)
            if self._pushes.is_set():
                with suppress(Unavailable):
                    await appliances.pushes(self._app[GROUND].bus, digest(self.key))
                await asyncio.sleep(LOOK_S)
            else:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._pushes.wait(), LOOK_S)

    async def _look(self) -> None:
        place = await self._app[GROUND].database.read(place_of, self.key)
        if place is None:
            self.close()
        elif place.led is not None and self._broadcast is None and self._pushes.is_set():
            await self._enter(place.led)

    async def _enter(self, led: tuple[LiveClass, Moment]) -> None:
        """Push into the class, once it runs."""
        if await self._runs(*led):
            self._class_id = led[0].id
            if not self._gives_way:
                await self._begin_in_log(led[0])
                await self._publish(self._class_id)

    def _let_go(self) -> None:
        if self._class_id is not None:
            give_up(self._app, self._class_id, self)
        self._broadcast = None
        self._feed.stop()

    async def _publish(self, class_id: int) -> None:
        try:
            broadcast = await self._app[CARRIER].broadcast(class_id)
        except CarriedElsewhere:
            await self._app[CARRIER].want(class_id)
            raise
        # Meanwhile her page may have begun; sent away by us it would not come back.
        if self._gives_way:
            return
        take_over(self._app, class_id, self)
        self._broadcast = broadcast
        self._feed.start(
            stream=broadcast.kept.last_stream,
            number=broadcast.kept.highest,
            not_before_us=broadcast.streams[SOURCE].until_us,
        )
        await tell(self._app, class_id, self.source)

    async def _runs(self, live: LiveClass, moment: Moment) -> bool:
        """Whether the class runs; one that should is begun."""
        if live.state == State.RUNNING:
            return True
        if moment is Moment.DOORS_OPEN:
            return False
        await self._app[GROUND].database.write(_begin, live.id)
        _log.info("appliance-begins", class_id=live.id)
        return True

    async def _begin_in_log(self, live: LiveClass) -> None:
        """Of a class that runs, too: who began it may have died before its log said so, and nobody
        is there to say it again."""
        async with self._app[CLASSROOMS].entered(live) as classroom:
            teacher = Who(Role.LEAD, str(live.teacher_id))
            await classroom.command(teacher, Begin(), round(lesson_clock_ms()))


def _begin(session: Session, class_id: int) -> None:
    """In the name of the teacher who holds it. Raises ClassOver."""
    teacher = viewer_of(session, session.get_one(LiveClass, class_id).teacher_id)
    if teacher is not None:
        lifecycle.begin(session, teacher, class_id)
