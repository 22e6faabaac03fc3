"""Who comes into a class and goes: a fact of the lesson for some, and unseen of others.

It is Tongke's own word, said of a line that is there. What cannot be written down at that moment
is written a little later: who comes oftener than the log takes (`tongke.live.bounds`), and whoever
comes or goes while the database is away. Otherwise the list would be wrong for the rest of the
line, or of the class.

A process that is killed writes down nothing. What it had is let go by whoever is left in the class
(`keep_true`), and where that was a mistake, since the word of a process was lost, whoever is there
comes again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Final

import structlog

from services.live.signalling.presence import SEEN
from tongke.bootstrap import Ground
from tongke.classes import places
from tongke.errors import TongkeError, Unavailable
from tongke.live.bodies import Depart, Join, Leave
from tongke.live.bounds import CameTooOften
from tongke.live.decide import TONGKE
from tongke.live.rules import COMES_AND_GOES
from tongke.live.vocabulary import Role, Who

if TYPE_CHECKING:
    from services.live.signalling.classroom import Classroom

_log = structlog.get_logger("tongke.live")

# How soon somebody whose coming or going is not taken yet is tried again.
AGAIN_AFTER_S: Final = 1.0
# A database that stays away is not asked by all who have gone every second.
LONGEST_WAIT_S: Final = 30.0
# How often it is looked whether who is there and who the log says is there are the same.
LOOK_S: Final = 1.0


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
    if who.role not in SEEN:
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
        else:
            await _let_go(classroom, who, connection, dropped=dropped)


async def _let_go(classroom: Classroom, who: Who, connection: str, *, dropped: bool) -> None:
    if who.role is Role.TRAINEE:
        gone = Depart(trainee=who.id, connection=connection, dropped=dropped)
        await classroom.command(TONGKE, gone)
    else:
        await classroom.command(who, Leave(connection=connection, dropped=dropped))


async def keep_true(classroom: Classroom) -> None:
    """Keep the log true of who is there, until cancelled. Each process that holds the class sees
    the same, and who is second finds it written."""
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            for who, connection in classroom.presence.lost().items():
                await _let_go(classroom, who, connection, dropped=True)
            await _come_again(classroom)
        except TongkeError as error:
            # A database that is away: it is due the next time too.
            _log.warning("presence-not-true", code=error.code)
        except Exception:
            _log.exception("presence-not-true")


async def _come_again(classroom: Classroom) -> None:
    """Who was called away and is here comes again: as a line that was thought lost, or by another
    window, which was on another process than the one that closed."""
    ground = classroom.ground
    for line in list(classroom.called_away):
        who, connection = line.who, line.connection
        is_settled = line not in classroom.listeners or bool(classroom.state.connection(who))
        if is_settled or await come(ground, classroom, who, connection):
            classroom.called_away.discard(line)
        if line not in classroom.listeners:
            # It may have gone while its coming was written.
            await go(ground, classroom, who, connection, dropped=True)


async def _is_taken(ground: Ground, classroom: Classroom, who: Who, connection: str) -> bool:
    """Whether another window stands for somebody now. Raises Unavailable."""
    try:
        await _come(ground, classroom, who, connection)
    except Unavailable:
        raise
    except TongkeError:
        return False
    return True
