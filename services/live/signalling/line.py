"""What waits for somebody on a class's line: what happens as they get it, sent as they read it."""

from __future__ import annotations

import asyncio
from typing import Final

from pydantic import JsonValue

from services.live.signalling.classroom import Classroom
from tongke.live.bodies import Remove
from tongke.live.events import Event
from tongke.live.views import for_role
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

    def tell(self, seq: int, happened: Event) -> None:
        """Put an event in the queue, as this one gets it."""
        role, seat = self.who.role, seat_of(self.who)
        here = role not in (Role.ROOM, Role.TEACHER) or self._classroom.state.is_admitted(seat)
        # A room that is sent out learns of that as the last thing.
        here = here or (isinstance(happened.body, Remove) and happened.body.room == seat)
        told = for_role(happened, role, seat) if here else None
        if told is not None:
            self.put({"event": {"seq": seq, **told}})

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
