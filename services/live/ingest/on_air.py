"""Who publishes a class, and that it is told in the class's log: rooms, observers and the patrol
read it there, on whichever process they are.

Each change is in the log for good and goes to every line of the class, so a line that breaks and is
back at once says nothing, and what keeps changing is written more and more seldom
(`tongke.live.bounds`). How it is in the end is written in the end, whatever was away meanwhile.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final, Protocol
from weakref import WeakKeyDictionary

import structlog
from aiohttp import web

from services.http.keys import GROUND
from services.live.access.closing import Close
from services.live.carrying.broadcast import Broadcast
from services.live.carrying.carrier import CARRIER
from services.live.signalling.classrooms import CLASSROOMS, whole_class
from tongke.errors import TongkeError, Unavailable
from tongke.live.bodies import Publisher
from tongke.live.bounds import CHANGES_AGAIN_MS, ChangedTooOften
from tongke.live.decide import TONGKE
from tongke.live.vocabulary import PictureSource

_log = structlog.get_logger("tongke.live")

# Who is back within it was not away. A browser comes back after 0.3 s, an appliance in a second.
FLAP_S: Final = 1.0
# How long who comes or goes waits until it is told; after that it is told beside.
TOLD_WITHIN_S: Final = 3.0
AGAIN_AFTER_S: Final = CHANGES_AGAIN_MS / 1000


class Publishing(Protocol):
    """Who publishes a class now."""

    source: PictureSource

    def end(self, code: int) -> None: ...


@dataclass
class Telling:
    """A class of which it is being told who publishes it; `sources` came or went meanwhile."""

    sources: set[PictureSource]
    task: asyncio.Task[None]


# Who publishes now, by class.
PUBLISHERS: Final = web.AppKey("publishers", dict[int, Publishing])
TELLING: Final = web.AppKey("telling", dict[int, Telling])
# What the log has of the classes that are carried here, and nobody else has written since.
TOLD: Final = web.AppKey("told", WeakKeyDictionary[Broadcast, PictureSource | None])
STOPPING: Final = web.AppKey("stopping", asyncio.Event)


def take_over(app: web.Application, class_id: int, publishing: Publishing) -> None:
    """Publish a class, in place of whoever does."""
    before = app[PUBLISHERS].get(class_id)
    app[PUBLISHERS][class_id] = publishing
    if before is not None:
        before.end(Close.REPLACED)


def give_up(app: web.Application, class_id: int, publishing: Publishing) -> bool:
    """Publish a class no longer; whether it was still this one who did."""
    if app[PUBLISHERS].get(class_id) is not publishing:
        return False
    del app[PUBLISHERS][class_id]
    return True


async def tell(app: web.Application, class_id: int, own: PictureSource) -> None:
    """Write down who publishes, if it can be: a lesson does not wait for a database that is away.
    `own` is of the one who comes or goes.

    It is seen when it is written, not when it is asked for: who comes may overtake who goes.
    """
    if class_id in app[TELLING]:
        app[TELLING][class_id].sources.add(own)
    else:
        sources = {own}
        task = asyncio.create_task(_until_told(app, class_id, sources))
        app[TELLING][class_id] = Telling(sources, task)
    await asyncio.wait({app[TELLING][class_id].task}, timeout=TOLD_WITHIN_S)


def _now(app: web.Application, class_id: int) -> PictureSource | None:
    publishing = app[PUBLISHERS].get(class_id)
    return None if publishing is None else publishing.source


async def _until_told(app: web.Application, class_id: int, sources: set[PictureSource]) -> None:
    """Tell of a class until the log has what is so."""
    try:
        while True:
            try:
                told = await _tell_once(app, class_id, sources)
            except (ChangedTooOften, Unavailable) as error:
                _log.info("on-air-told-later", class_id=class_id, code=error.code)
                await asyncio.sleep(AGAIN_AFTER_S)
            else:
                if told is _now(app, class_id):
                    return
    except TongkeError as error:
        _log.warning("on-air-not-told", class_id=class_id, code=error.code)
    except Exception:
        _log.exception("on-air-not-told", class_id=class_id)
    finally:
        del app[TELLING][class_id]


async def _tell_once(
    app: web.Application, class_id: int, sources: set[PictureSource]
) -> PictureSource | None:
    """What the log has now."""
    if _now(app, class_id) is None:
        await _rest(app)
    broadcast = app[CARRIER].carried(class_id)
    if broadcast is not None and app[TOLD].get(broadcast, broadcast) is _now(app, class_id):
        return _now(app, class_id)
    if await app[CARRIER].elsewhere(class_id) is not None:
        # It has gone there, and says so itself.
        return _now(app, class_id)
    live = await app[GROUND].database.read(whole_class, class_id)
    async with app[CLASSROOMS].entered(live) as classroom:
        now = _now(app, class_id)
        # Of two that came and went meanwhile the log may have either.
        changes = [Publisher(on=True, source=now)] if now else _all_off(sources)
        for change in changes:
            await classroom.command(TONGKE, change)
    if broadcast is not None:
        app[TOLD][broadcast] = now
    return now


def _all_off(sources: set[PictureSource]) -> list[Publisher]:
    return [Publisher(on=False, source=source) for source in sources]


async def _rest(app: web.Application) -> None:
    """A while, or until the process stops."""
    stopping = asyncio.create_task(app[STOPPING].wait())
    await asyncio.wait({stopping}, timeout=FLAP_S)
    stopping.cancel()


def mount(app: web.Application) -> None:
    app[PUBLISHERS], app[TELLING], app[TOLD] = {}, {}, WeakKeyDictionary()
    app[STOPPING] = asyncio.Event()
    app.on_shutdown.append(_stop)
    app.on_cleanup.append(_close)


async def _stop(app: web.Application) -> None:
    app[STOPPING].set()


async def _close(app: web.Application) -> None:
    for telling in list(app[TELLING].values()):
        telling.task.cancel()
