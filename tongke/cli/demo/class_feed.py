"""Plays the lead classroom of the demonstration's class: a process that the supervisor keeps.

`python -m tongke.cli.demo.class_feed` publishes a generated film to the class that runs, says on
the class's line which slide is shown, ends it when its time is over and begins the next. When a
newcomer signs in as its teacher and publishes, the class is the newcomer's; and when a newcomer
ends it, so are its rooms: no other begins until the demonstration is started anew.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Final

import aiohttp
import structlog

from services.live.access.closing import Close
from tongke import bootstrap, clock, lifeline, logs
from tongke.bootstrap import Ground
from tongke.cli import parts
from tongke.cli.demo import record, running_class
from tongke.cli.demo.client import API, Member
from tongke.cli.demo.lead_line import lead
from tongke.cli.demo.members import give_tokens
from tongke.cli.demo.running_class import Running
from tongke.cli.opening import load_settings
from tongke.demo_library import live_lesson
from tongke.demo_library.live_feed import publish
from tongke.demo_library.live_film import Film
from tongke.errors import TongkeError
from tongke.settings import Settings

TOKEN_NAME = "tongke demo class"  # noqa: S105 - what the token is for
FILM, DECK = "望岳.film.mp4", "望岳（第 2 课时）课件.pdf"

AGAIN_AFTER_S: Final = 1.0
# Somebody else leads the class, or has booked its rooms.
LOOK_EVERY_S: Final = 5.0

_log = structlog.get_logger("tongke.supervisor")


def main() -> None:
    lifeline.die_with_named_parent()
    settings = load_settings()
    logs.configure(settings)
    # It tells of each table of a font that it puts into the slides.
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    ground = bootstrap.build(settings)
    film = await asyncio.to_thread(_film, ground)
    while not await ground.database.read(running_class.settled):  # noqa: ASYNC110 - no event
        await asyncio.sleep(AGAIN_AFTER_S)
    tokens = await ground.database.write(give_tokens, {running_class.TEACHER}, TOKEN_NAME)
    token = tokens[running_class.TEACHER]
    # Our own service on this machine; its certificate names the addresses that people type.
    connector = aiohttp.TCPConnector(ssl=False)
    headers = {"Authorization": f"Bearer {token}"}
    url = parts.local_url(settings)
    async with (
        aiohttp.ClientSession(url, headers=headers, connector=connector) as http,
        asyncio.TaskGroup() as both,
    ):
        both.create_task(_bring_deck(ground, Member(http, token, "zh")))
        both.create_task(_teach(ground, http, film))
    # What ends is started anew by the supervisor.
    await asyncio.Event().wait()


def _film(ground: Ground) -> Film:
    """Made once, under another name until it is whole."""
    path = _folder(ground) / FILM
    if not path.exists():
        unfinished = path.with_name(f"unfinished-{FILM}")
        live_lesson.write_film(unfinished, ground.programs.ffmpeg)
        unfinished.rename(path)
    return Film.read(path, ground.programs.ffprobe)


def _folder(ground: Ground) -> Path:
    folder = ground.settings.data_dir / "class"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def _bring_deck(ground: Ground, teacher: Member) -> None:
    """The slides, uploaded as their teacher would, once; after the library, which is waited for."""
    if await ground.database.read(running_class.deck) is not None:
        return
    while not (ground.settings.data_dir / record.NAME).exists():  # noqa: ASYNC110 - no event
        await asyncio.sleep(LOOK_EVERY_S)
    path = _folder(ground) / DECK
    await asyncio.to_thread(live_lesson.write_deck, path)
    said = {"kind": "courseware", "title": running_class.DECK_TITLE}
    said |= {"subject": running_class.SUBJECT, "grade": running_class.GRADE, "stage": "junior"}
    await teacher.upload(path, {"filename": DECK, **said, "audience": ""}, lambda _sent: None)


async def _teach(ground: Ground, http: aiohttp.ClientSession, film: Film) -> None:
    """One class after the other, until somebody ends one before its time."""
    while True:
        try:
            held = await _current(ground, http)
            await _hold(ground, http, held, film)
            if await ground.database.read(running_class.ended_early, held):
                return
        except (aiohttp.ClientError, TongkeError) as error:
            _log.info("class-waits", error=str(error))
            await asyncio.sleep(LOOK_EVERY_S)
        await asyncio.sleep(AGAIN_AFTER_S)


async def _current(ground: Ground, http: aiohttp.ClientSession) -> Running:
    """The class that runs, or a new one; what is over its time is ended."""
    for found in await ground.database.read(running_class.running):
        if found.ends_at > clock.now():
            return found
        async with http.post(f"{API}/classes/{found.id}/end") as response:
            response.raise_for_status()
    return await ground.database.write(running_class.begin)


async def _hold(ground: Ground, http: aiohttp.ClientSession, held: Running, film: Film) -> None:
    """Lead a class until its time is over, or it is no longer ours."""
    leading = asyncio.create_task(lead(ground.database, http, held.id))
    code: int | None = None
    try:
        async with asyncio.timeout((held.ends_at - clock.now()).total_seconds()):
            while (code := await _published(http, held, film)) not in set(Close):  # noqa: ASYNC110
                await asyncio.sleep(AGAIN_AFTER_S)
    except TimeoutError:
        return
    finally:
        leading.cancel()
        await asyncio.gather(leading, return_exceptions=True)
    ours = running_class.running
    while code == Close.REPLACED and held in await ground.database.read(ours):  # noqa: ASYNC110
        await asyncio.sleep(LOOK_EVERY_S)


async def _published(http: aiohttp.ClientSession, held: Running, film: Film) -> int | None:
    try:
        return await publish(http, held.id, film)
    except (aiohttp.ClientError, OSError):
        return None  # the web process starts anew


if __name__ == "__main__":
    main()
