"""What is left to do for classes: those that nobody ended are ended, and a journal goes when the
recording no longer needs it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog
from aiohttp import web
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.http.keys import GROUND
from services.live import ending
from services.live.carrying.carrier import journals
from tongke import clock
from tongke.classes.models import LiveClass
from tongke.classes.running import forgotten
from tongke.classes.vocabulary import State
from tongke.errors import TongkeError

_log = structlog.get_logger("tongke.live")

LOOK_S: Final = 60.0
END_LIMIT_S: Final = 60.0
# Some hundred megabytes for a class; so long it may still be looked at when something went wrong.
JOURNAL_KEPT: Final = timedelta(hours=1)
# One whose class does not run, by the database. Whoever restored the wrong backup restores another.
UNUSED_KEPT: Final = timedelta(days=1)


async def end_forgotten(app: web.Application) -> None:
    """End what nobody ended: it becomes a lesson like any other."""
    for class_id in await app[GROUND].database.read(forgotten.to_end, clock.now()):
        try:
            # It goes on to its end all the same; a store that is away keeps no other class from it.
            async with asyncio.timeout(END_LIMIT_S):
                await ending.end(app, class_id)
            _log.info("forgotten-class-ended", class_id=class_id)
        except TongkeError as error:
            # Another process carries it, and ends it; or it is tried again.
            _log.info("forgotten-class-waits", class_id=class_id, code=error.code)
        except TimeoutError:
            _log.warning("forgotten-class-takes-long", class_id=class_id)
        except Exception:
            # One that cannot be ended keeps no other from it.
            _log.exception("forgotten-class-not-ended", class_id=class_id)


async def remove_journals(app: web.Application) -> None:
    """Remove the journals of this machine whose classes ended a while ago, and those that no class
    of the database has use for: it was restored as it was before them."""
    held = await asyncio.to_thread(journals, app[GROUND])
    over, running = await app[GROUND].database.read(_over_and_running, list(held))
    for class_id, folder in held.items():
        if class_id in over or (
            class_id not in running and await asyncio.to_thread(_is_old, folder)
        ):
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _over_and_running(session: Session, class_ids: Sequence[int]) -> tuple[set[int], set[int]]:
    of_these = select(LiveClass.id).where(LiveClass.id.in_(class_ids))
    over = of_these.where(
        LiveClass.state == State.ENDED, LiveClass.ended_at < clock.now() - JOURNAL_KEPT
    )
    running = of_these.where(LiveClass.state == State.RUNNING)
    return set(session.scalars(over)), set(session.scalars(running))


def _is_old(folder: Path) -> bool:
    """Whether nothing in it was written for long."""
    try:
        newest_s = max(each.stat().st_mtime for each in (folder, *folder.iterdir()))
    except FileNotFoundError:
        return False
    return clock.now().timestamp() - newest_s > UNUSED_KEPT.total_seconds()


async def _look(app: web.Application) -> None:
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            await end_forgotten(app)
            await remove_journals(app)
        except TongkeError as error:
            _log.warning("classes-not-looked-at", code=error.code)
        except Exception:
            # It is looked again: this goes on for as long as the process.
            _log.exception("classes-not-looked-at")


async def _looking(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(_look(app))
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def mount(app: web.Application) -> None:
    app.cleanup_ctx.append(_looking)
