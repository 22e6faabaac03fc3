"""Who comes into a class and goes: a fact of the lesson for some, and unseen of others.

It is Tongke's own word, said of a line that is there. What cannot be written down at that moment
is written a little later: who comes oftener than the log takes (`tongke.live.bounds`), and whoever
comes or goes while the database is away. Otherwise the list would be wrong for the rest of the
line, or of the class.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import structlog

from services.live.signalling.classroom import Classroom
from tongke.bootstrap import Ground
from tongke.classes import places
from tongke.errors import TongkeError, Unavailable
from tongke.live.bodies import Depart, Join, Leave
from tongke.live.bounds import CameTooOften
from tongke.live.decide import TONGKE
from tongke.live.rules import COMES_AND_GOES
from tongke.live.vocabulary import Role, Who

_log = structlog.get_logger("tongke.live")

# How soon somebody whose coming or going is not taken yet is tried again.
AGAIN_AFTER_S: Final = 1.0
# A database that stays away is not asked by all who have gone every second.
LONGEST_WAIT_S: Final = 30.0
# Observers, teachers beside their pupils and phones come and go unseen.
_SEEN: Final = COMES_AND_GOES | {Role.TRAINEE}


async def come(ground: Ground, classroom: Classroom, who: Who, connection: str) -> bool:
    """Write down that somebody is there, where the class takes it at all. False: it could not be
    written yet (`come_late`)."""
    try:
        await _come(ground, classroom, who, connection)
    except (CameTooOften, Unavailable):
        return False
    except TongkeError:
        return True
    except Exception:
        _log.exception("coming-not-written")
        return False
    return True


async def come_late(classroom: Classroom, who: Who, connection: str) -> None:
    """Write it down as soon as that can be; to be cancelled when they go."""
    while True:
        await asyncio.sleep(AGAIN_AFTER_S)
        if await come(classroom.ground, classroom, who, connection):
            return


async def go(
    ground: Ground, classroom: Classroom, who: Who, connection: str, *, dropped: bool
) -> None:
    """Write down that somebody is there no more. Their line is off the class's listeners.

    What cannot be written yet is left to the classroom: neither the end of a line nor that of the
    process waits for a database."""
    if who.role not in _SEEN:
        return
    going = partial(_has_gone, ground, classroom, who, connection, dropped=dropped)
    if not await going():
        classroom.see_to(_go_late(going))


async def _go_late(going: Callable[[], Awaitable[bool]]) -> None:
    wait_s = AGAIN_AFTER_S
    while True:
        await asyncio.sleep(wait_s)
        if await going():
            return
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)


async def _has_gone(
    ground: Ground, classroom: Classroom, who: Who, connection: str, *, dropped: bool
) -> bool:
    """False: it could not be written yet."""
    try:
        await _go(ground, classroom, who, connection, dropped=dropped)
    except Unavailable:
        return False
    except TongkeError:
        return True
    except Exception:
        _log.exception("going-not-written")
        return False
    return True


async def _come(ground: Ground, classroom: Classroom, who: Who, connection: str) -> None:
    if who.role is Role.TRAINEE:
        arrival = await ground.database.read(places.arrival, int(who.id), connection)
        await classroom.command(TONGKE, arrival)
    elif who.role in COMES_AND_GOES:
        await classroom.command(who, Join(connection=connection))


async def _go(
    ground: Ground, classroom: Classroom, who: Who, connection: str, *, dropped: bool
) -> None:
    """They are there as long as one of their windows is; each of them may be closed meanwhile.
    Where another is not taken in its place (an account is shut, somebody came too often), they are
    gone."""
    # `come_late`, or a try before this one, may have been cut off while it was writing.
    await classroom.settle()
    while classroom.state.connection(who) == connection:
        left = next((line for line in classroom.listeners if line.who == who), None)
        if left is not None and await _is_taken(ground, classroom, who, left.connection):
            if left not in classroom.listeners:
                connection = left.connection
        elif who.role is Role.TRAINEE:
            gone = Depart(trainee=who.id, connection=connection, dropped=dropped)
            await classroom.command(TONGKE, gone)
        else:
            await classroom.command(who, Leave(connection=connection, dropped=dropped))


async def _is_taken(ground: Ground, classroom: Classroom, who: Who, connection: str) -> bool:
    """Whether another window stands for somebody now. Raises Unavailable."""
    try:
        await _come(ground, classroom, who, connection)
    except Unavailable:
        raise
    except TongkeError:
        return False
    return True
