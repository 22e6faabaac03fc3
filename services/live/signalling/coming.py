"""Who comes into a class and goes: a fact of the lesson for some, and unseen of others.

It is Tongke's own word, said of a line that is there. Who comes oftener than the log takes is
written down a little later (`tongke.live.bounds`), and at once when they go.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from services.live.signalling.classroom import Classroom
from tongke.bootstrap import Ground
from tongke.classes import places
from tongke.errors import TongkeError
from tongke.live.bodies import Depart, Join, Leave
from tongke.live.bounds import CameTooOften
from tongke.live.decide import TONGKE
from tongke.live.rules import COMES_AND_GOES, HasEnded
from tongke.live.vocabulary import Role, Who

# How soon somebody whose coming is not taken yet is tried again.
AGAIN_AFTER_S: Final = 1.0


async def come(ground: Ground, classroom: Classroom, who: Who, connection: str) -> bool:
    """Write down that somebody is there, where the class still takes it. False: it takes it later
    (`come_late`)."""
    try:
        if who.role is Role.TRAINEE:
            await _arrive(ground, classroom, who, connection)
        elif who.role in COMES_AND_GOES:
            await classroom.command(who, Join(connection=connection))
    except CameTooOften:
        return False
    except TongkeError:
        return True
    return True


async def come_late(classroom: Classroom, who: Who, connection: str) -> None:
    """Write it down as soon as the class takes it; to be cancelled when they go."""
    while True:
        await asyncio.sleep(AGAIN_AFTER_S)
        try:
            await classroom.command(who, Join(connection=connection))
        except HasEnded:
            return
        except TongkeError:
            continue
        return


async def go(
    ground: Ground, classroom: Classroom, who: Who, connection: str, *, dropped: bool
) -> None:
    """Write down that somebody is there no more. Their line is off the class's listeners."""
    with contextlib.suppress(TongkeError):
        if who.role is Role.TRAINEE:
            await _depart(ground, classroom, who, connection, dropped=dropped)
        elif who.role in COMES_AND_GOES:
            # They may have gone while `come_late` was writing that they came.
            await classroom.catch_up()
            await classroom.command(who, Leave(connection=connection, dropped=dropped))


async def _arrive(ground: Ground, classroom: Classroom, who: Who, connection: str) -> None:
    arrival = await ground.database.read(places.arrival, int(who.id), connection)
    await classroom.command(TONGKE, arrival)


async def _depart(
    ground: Ground, classroom: Classroom, who: Who, connection: str, *, dropped: bool
) -> None:
    """She is there as long as one of her windows is; each of them may be closed meanwhile. Where
    another is not taken in her place (her account is shut, she came too often), she is gone."""
    while classroom.state.connection(who) == connection:
        left = next((line for line in classroom.listeners if line.who == who), None)
        if left is not None:
            with contextlib.suppress(TongkeError):
                await _arrive(ground, classroom, who, left.connection)
                if left not in classroom.listeners:
                    connection = left.connection
                continue
        gone = Depart(trainee=who.id, connection=connection, dropped=dropped)
        await classroom.command(TONGKE, gone)
