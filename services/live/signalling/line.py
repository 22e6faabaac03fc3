"""What waits for somebody on a class's line: what happens as they get it, sent as they read it."""

from __future__ import annotations

import asyncio
from typing import Final

from pydantic import JsonValue

from services.live.signalling.classroom import Classroom
from tongke.live.bodies import End, Remove
from tongke.live.events import Event
from tongke.live.views import for_role, is_in, snapshot
from tongke.live.vocabulary import Role, Who

# Who reads so slowly gets the whole state anew with the next line.
MOST_WAITING: Final = 500


class Line:
    """Somebody's socket: what happens is put in its queue, and sent as fast as it reads."""

    def __init__(self, who: Who, classroom: Classroom, connection: str) -> None:
        """`connection`: what the class's log calls it."""
        self.who = who
        self.connection = connection
        self._classroom = classroom
        self.waiting: asyncio.Queue[dict[str, JsonValue] | None] = asyncio.Queue(MOST_WAITING)
        self._was_in = self._is_in()

    def hello(self) -> dict[str, JsonValue]:
        """Who this one is, and everything that they may know of the class now."""
        who, classroom = self.who, self._classroom
        self._was_in = self._is_in()
        return {
            "role": who.role,
            "seat": who.seat,
            "delay_ms": classroom.delay_ms,
            "seq": classroom.seq,
            "state": snapshot(classroom.state, who.role, seat_of(who), who.seat),
        }

    def tell(self, seq: int, happened: Event) -> None:
        """Put an event in the queue, as this one gets it."""
        role, seat = self.who.role, seat_of(self.who)
        was_in, self._was_in = self._was_in, self._is_in()
        if role is Role.DEVICE and was_in is not self._was_in:
            # Its question goes when its room does, and is there again when the room is.
            self.put({"hello": self.hello()})
            return
        # Who is sent out learns of that, and when all is over.
        body = happened.body
        is_told = isinstance(body, End) or (isinstance(body, Remove) and body.room == seat)
        told = for_role(happened, role, seat) if self._was_in or is_told else None
        if told is not None:
            self.put({"event": {"seq": seq, **told}})

    def _is_in(self) -> bool:
        return is_in(self._classroom.state, self.who.role, self.who.seat)

    @property
    def is_behind(self) -> bool:
        """Whether half of what may wait does."""
        return self.waiting.qsize() > MOST_WAITING // 2

    def put(self, told: dict[str, JsonValue]) -> None:
        """Put a message in the queue."""
        if self.waiting.full():
            # None ends the line.
            self.waiting.get_nowait()
            self.waiting.put_nowait(None)
        else:
            self.waiting.put_nowait(told)


def seat_of(who: Who) -> str:
    """By which `views` knows what is theirs."""
    return who.id if who.role in (Role.DEVICE, Role.TRAINEE) else who.seat
