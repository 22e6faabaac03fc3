"""Tells a class how far its rooms are apart, whatever process each is on.

Each process says what it knows of its own lines once a second, for as long as it knows anything;
what it has not said again for a while is forgotten. So nobody has to be told that a process died.
Whose line died with it is found out in the same way (`lost`), as the log still calls them present.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final, Protocol
from weakref import WeakKeyDictionary

import structlog
from pydantic import BaseModel, JsonValue

from services.live.signalling.relay import End
from tongke.live import presence
from tongke.live.presence import Lag, Silence
from tongke.live.rules import COMES_AND_GOES
from tongke.live.state import ClassState
from tongke.live.vocabulary import Phase, Role, Who
from tongke.storage.bus.errors import BusUnavailable
from tongke.storage.bus.port import Bus, Connected, Disconnected

_log = structlog.get_logger("tongke.live")

TOLD_EVERY_S: Final = 1.0
# A room says every five seconds how far it is behind. What comes faster than this is dropped.
MEASURED_EVERY_S: Final = 1.0
KEPT_S: Final = 15.0
# Whose coming and going is written down. Observers, teachers beside their pupils and phones come
# and go unseen.
SEEN: Final = COMES_AND_GOES | {Role.TRAINEE}


class Attending(End, Protocol):
    """Somebody's line. `connection` is what the log calls it."""

    connection: str


class Said(BaseModel):
    """What one process knows of its lines: what rooms have measured, and the connections of those
    whose coming is in the log; an earlier version says nothing of these."""

    by: str
    lags: dict[str, Lag]
    connections: list[str] | None = None


class Presence:
    """Of one class."""

    def __init__(
        self,
        bus: Bus,
        class_id: int,
        state: ClassState,
        lines: AbstractSet[Attending],
    ) -> None:
        """`lines`: those of this process, as they come and go."""
        self._bus, self._state, self._lines = bus, state, lines
        self._name = secrets.token_hex(8)
        self.channel = f"presence:{class_id}"
        # By room and by process, with the time until when it counts.
        self._measured: dict[str, tuple[float, Lag]] = {}
        self._others: dict[str, tuple[float, Said]] = {}
        self._told: WeakKeyDictionary[End, dict[str, JsonValue]] = WeakKeyDictionary()
        self._was_said = False
        self._silence = Silence()
        self._hears = False

    def measured(self, who: Who, said: object) -> None:
        """A room says how far it is behind.

        Raises:
            NotYoursToDo, Invalid.
        """
        lag = presence.lag(who, said)
        until, _ = self._measured.get(who.id, (0.0, lag))
        if until - KEPT_S + MEASURED_EVERY_S <= time.monotonic():
            self._measured[who.id] = time.monotonic() + KEPT_S, lag

    def hear(self, message: bytes) -> None:
        """Another process, or this one, has said what it knows."""
        said = Said.model_validate_json(message)
        if said.by != self._name:
            now = time.monotonic()
            self._others[said.by] = now + KEPT_S, said
            self._silence.say(said.connections or (), now)

    def follow(self, event: Connected | Disconnected) -> None:
        """Whether other processes are heard has changed."""
        self._hears = isinstance(event, Connected)
        self._silence.begin_anew()

    def lost(self) -> dict[Who, str]:
        """Who is present by the log, and by it alone: with the connection of which no process has
        said anything for a while. To be asked every second or so."""
        now = time.monotonic()
        self._silence.say((line.connection for line in self._lines), now)
        if not self._hears or any(said.connections is None for _, said in self._others.values()):
            self._silence.begin_anew()
        known = {} if self._state.phase is Phase.ENDED else self._state.present()
        lost = self._silence.lost(known.values(), now, KEPT_S)
        return {who: connection for who, connection in known.items() if connection in lost}

    async def keep_telling(self) -> None:
        """Say and tell what is so, until cancelled. It waits for no database: who is silent is
        taken for dead."""
        while True:
            await asyncio.sleep(TOLD_EVERY_S)
            try:
                await self._tell_once()
            except Exception:
                # The next second says it again: this goes on for as long as the class is open.
                _log.exception("presence-not-told")

    async def _tell_once(self) -> None:
        own = self._own()
        knows = bool(own.lags or own.connections)
        if knows or self._was_said:
            self._was_said = knows
            with contextlib.suppress(BusUnavailable):
                await self._bus.publish(self.channel, own.model_dump_json().encode())
        self._tell(self._lags(own))

    def needs_ms(self) -> list[int]:
        """How much delay each room that follows the lesson needs, in milliseconds."""
        return presence.needs_ms(self._state, self._lags(self._own()))

    def _own(self) -> Said:
        now = time.monotonic()
        self._others = {name: row for name, row in self._others.items() if row[0] > now}
        # A room that came back by another process is measured there.
        rooms = {line.who.id for line in self._lines if line.who.role is Role.ROOM}
        self._measured = {
            room: row for room, row in self._measured.items() if row[0] > now and room in rooms
        }
        lags = {room: lag for room, (_, lag) in self._measured.items()}
        seen = sorted(line.connection for line in self._lines if line.who.role in SEEN)
        return Said(by=self._name, lags=lags, connections=seen)

    def _lags(self, own: Said) -> dict[str, Lag]:
        """What the rooms of all processes measured."""
        # Ours last, so that it holds of our own rooms: what a process said that died is old.
        said = [*(other for _, other in self._others.values()), own]
        return {room: lag for each in said for room, lag in each.lags.items()}

    def _tell(self, lags: Mapping[str, Lag]) -> None:
        """Each line, where it is news there."""
        for line in list(self._lines):
            told = presence.told(self._state, line.who, lags)
            # A line that reads slowly has more important things to read.
            if told is not None and told != self._told.get(line) and not line.is_behind:
                self._told[line] = told
                line.put({"presence": told})
