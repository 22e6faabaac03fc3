"""The class's own line, as the lead of the demonstration's class uses it: begins, turns pages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, Final

import aiohttp
from aiohttp import ClientWebSocketResponse
from pydantic import JsonValue

from tongke.cli.demo import running_class
from tongke.demo_library import live_lesson
from tongke.demo_library.live_feed import now_us
from tongke.live.vocabulary import View
from tongke.storage.database import Database

AGAIN_AFTER_S: Final = 1.0
_MINUTE_MS = live_lesson.SECONDS * 1000


async def lead(database: Database, http: aiohttp.ClientSession, class_id: int) -> None:
    """Lead a class for as long as it goes on, on as many lines as that takes."""
    while True:
        try:
            async with http.ws_connect(f"/live/{class_id}/socket") as socket:
                # What is said to the lead is read, so that the line stays open.
                reading = asyncio.create_task(_read(socket))
                turning = asyncio.create_task(_turn_pages(database, socket, class_id))
                try:
                    await asyncio.wait({reading, turning}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    reading.cancel()
                    turning.cancel()
                    await asyncio.gather(reading, turning, return_exceptions=True)
        except (aiohttp.ClientError, OSError):
            pass  # the web process starts anew
        await asyncio.sleep(AGAIN_AFTER_S)


async def _read(socket: ClientWebSocketResponse) -> None:
    async for _ in socket:
        pass


async def _turn_pages(database: Database, socket: ClientWebSocketResponse, class_id: int) -> None:
    await _ask(socket, "begin")
    await _ask(socket, "layout", view=View.SLIDES)
    deck = await _deck(database, class_id)
    for begins_ms, number in turns(now_us() // 1000):
        await asyncio.sleep(max(0.0, begins_ms / 1000 - now_us() / 1e6))
        page: dict[str, JsonValue] = {"deck": str(deck), "number": number}
        await _ask(socket, "slide", page=page, media_ms=begins_ms)


async def _deck(database: Database, class_id: int) -> int:
    """The slides, once their pages are there."""
    while True:
        match await database.read(running_class.deck):
            case (number, True):
                await database.write(running_class.give_deck, class_id, number)
                return number
        await asyncio.sleep(AGAIN_AFTER_S)


def turns(now_ms: int) -> Iterator[tuple[int, int]]:
    """When which page is shown, of the film and so of the clock; first the one that is."""
    starts = live_lesson.page_starts()
    minute_ms = now_ms - now_ms % _MINUTE_MS
    shown = max(n for n, start in enumerate(starts) if minute_ms + start * 1000 <= now_ms)
    yield now_ms, shown + 1
    while True:
        for number, start in enumerate(starts, 1):
            if minute_ms + start * 1000 > now_ms:
                yield minute_ms + start * 1000, number
        minute_ms += _MINUTE_MS


async def _ask(socket: ClientWebSocketResponse, command: str, **body: Any) -> None:
    await socket.send_json({"command": command, **body})
