"""A class as this process knows it: its state, and the lines of those who take part.

The log in the database is the truth, and every process decides on it alike: an event is added at
the number that follows what was known, or not at all, and then what others have added is read
first. The bus only says that there is more to read.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, Protocol

import structlog
from pydantic import JsonValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.live.signalling.hellos import Hellos
from services.live.signalling.pace import Pace
from services.live.signalling.presence import Attending, Presence
from services.live.signalling.room_stills import RoomStills
from services.live.signalling.talk import Talk
from services.live.signalling.turns import Turns
from tongke import clock
from tongke.bootstrap import Ground
from tongke.classes import kept_log, queries
from tongke.classes.models import ClassEvent, LiveClass, class_thing
from tongke.classes.vocabulary import SeatState
from tongke.errors import TongkeError
from tongke.live.bodies import BookedRoom, Delay, Known, Prepare
from tongke.live.decide import TONGKE, decide, put_right
from tongke.live.delay import ClassDelay
from tongke.live.events import Event, gone_by
from tongke.live.state import ClassState
from tongke.live.vocabulary import LessonKind, Who
from tongke.storage.bus.errors import BusUnavailable
from tongke.storage.database import tell_of_rights


def lesson_clock_ms() -> float:
    """The lesson's clock: milliseconds since 1970."""
    return clock.now().timestamp() * 1000


def pong(number: int | str) -> dict[str, object]:
    """The lesson's clock, as a browser asks for it."""
    return {"pong": number, "at": lesson_clock_ms()}


_log = structlog.get_logger("tongke.live")

# As often as processes say what their rooms measured (`presence`).
DELAY_LOOKED_AT_EVERY_S: Final = 1.0
# Of a long log, taken before others have their turn on the loop.
MOST_AT_ONCE: Final = 100


class Listener(Attending, Protocol):
    """Somebody's line."""

    def tell(self, seq: int, happened: Event) -> None: ...


class Classroom:
    """One class. Commands are decided one after the other."""

    def __init__(
        self, ground: Ground, class_id: int, delay_ms: int, seen_to: set[asyncio.Task[None]]
    ) -> None:
        """`delay_ms`: with how much delay a class begins. `seen_to`: what goes on when nobody is
        here any more (`see_to`)."""
        self.ground = ground
        self._seen_to = seen_to
        self._class_id = class_id
        self._first_delay_ms = delay_ms
        self._turns = Turns()
        self._reading = asyncio.Lock()
        self.state = ClassState()
        self.seq = 0
        self.listeners: set[Listener] = set()
        # Those of them whom the log has just called away (`coming.keep_true`).
        self.called_away: set[Listener] = set()
        # How many have opened it and not left, those who are just coming in among them.
        self.held = 0
        self.pace = Pace()
        self.hellos = Hellos()
        self.talk = Talk(ground.bus, class_id, self.listeners)
        self.stills = RoomStills(ground.bus, class_id, self.listeners)
        self.presence = Presence(ground.bus, class_id, self.state, self.listeners)
        self._delay = ClassDelay()

    @property
    def channel(self) -> str:
        return f"class:{self._class_id}"

    @property
    def delay_ms(self) -> int:
        """How long after its capture the rooms show a picture."""
        known = self.state.delay_ms
        return self._first_delay_ms if known is None else known

    async def command(self, who: Who, asked: Known, media_ms: int | None = None) -> None:
        """Let somebody do something; durable when it returns.

        Raises:
            TongkeError: it is refused (`tongke.live.rules`).
        """
        await self._write(who, lambda at: decide(self.state, who, asked, at, media_ms))

    async def put_results_right(self) -> None:
        """Show results anew that lack answers; each process sees the same, and one of them does."""
        if self.state.late:
            await self._write(TONGKE, lambda at: put_right(self.state, at, at))

    async def _write(self, who: Who, decided: Callable[[int], list[Event]]) -> None:
        """Add what is decided in somebody's turn, given the server's time, to the log's end."""
        is_added = False
        try:
            async with self._turns.of(who):
                while not is_added:
                    known = self.seq
                    events = decided(round(lesson_clock_ms()))
                    if not events:
                        return
                    # What is cut off meanwhile may have been done.
                    is_added = True
                    is_added = await self.ground.database.write(_add, self._class_id, known, events)
                    await self.catch_up()
        finally:
            if is_added:
                await self._say_there_is_more()

    async def _say_there_is_more(self) -> None:
        """To every process; this one hears it too, and reads what it could not read just now."""
        with contextlib.suppress(BusUnavailable):
            # It is read with the next word, or when somebody asks for something there.
            await self.ground.bus.publish(self.channel, str(self.seq).encode())

    async def settle(self) -> None:
        """Know what came of all that is being decided, also where who asked was cut off."""
        async with self._turns.of(TONGKE):
            await self.catch_up()

    def see_to(self, work: Coroutine[Any, Any, None]) -> None:
        """Have something done that nobody waits for, for as long as the process serves."""
        task = asyncio.create_task(work)
        self._seen_to.add(task)
        task.add_done_callback(self._seen_to.discard)

    async def keep_delay(self) -> None:
        """Announce another delay where the rooms' lines ask for one, until cancelled. Each process
        that has lines of the class sees the same; who is second finds it announced."""
        while True:
            await asyncio.sleep(DELAY_LOOKED_AT_EVERY_S)
            try:
                await self._look_at_delay()
            except TongkeError as error:
                # A class that has just ended, a database that is away: the next second asks again.
                _log.info("delay-not-announced", code=error.code)
            except Exception:
                _log.exception("delay-not-announced")

    async def _look_at_delay(self) -> None:
        # While nobody publishes, every line looks as if it needed more and more.
        known = self.presence.needs_ms() if self.state.publishing else []
        due = self._delay.due(self.delay_ms, known, time.monotonic())
        if due is not None:
            await self.command(TONGKE, Delay(ms=due))

    async def catch_up(self) -> None:
        """Take what the log has and this process does not know yet, and tell whoever is here."""
        async with self._reading:
            log = await self.ground.database.read(kept_log.whole_log, self._class_id, self.seq)
            for taken, (seq, happened) in enumerate(log, 1):
                self.state.apply(happened)
                self.seq = seq
                gone = gone_by(happened)
                for listener in list(self.listeners):
                    listener.tell(seq, happened)
                    if gone is not None and str(listener.who) == str(gone):
                        self.called_away.add(listener)
                if taken % MOST_AT_ONCE == 0:
                    await asyncio.sleep(0)

    async def prepare(self, live: LiveClass) -> None:
        """Say what was booked: the first thing in the log, and again when it has changed."""
        taking_part = [seat for seat in live.seats if seat.state != SeatState.DECLINED]
        rooms = [BookedRoom(id=str(s.room_id), name=s.room.name) for s in taking_part]
        known = {room.id for room in self.state.rooms.values() if room.booked}
        is_new = not {room.id for room in rooms} <= known
        if self.seq == 0 or is_new or self.state.lesson != LessonKind(live.mode):
            # A room that the lead has sent out stays out.
            let_in = [r for r in rooms if r.id not in known or self.state.is_admitted(r.id)]
            await self.command(TONGKE, Prepare(lesson=LessonKind(live.mode), rooms=tuple(let_in)))


def _add(session: Session, class_id: int, known: int, events: Sequence[Event]) -> bool:
    """Add events behind a number; False when others have been added there."""
    last = session.scalar(select(func.max(ClassEvent.seq)).where(ClassEvent.class_id == class_id))
    if (last or 0) != known:
        return False
    for number, happened in enumerate(events, known + 1):
        row: dict[str, JsonValue] = happened.to_dict()
        session.add(ClassEvent(class_id=class_id, seq=number, **row))
        if row["kind"] in queries.ADMISSION:
            tell_of_rights(session, class_thing(class_id))
    return True
