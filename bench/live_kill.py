"""`kill -9` of the web process in the middle of a class.

`python -m bench.live_kill [--rooms 2] [--json]` publishes from a browser to rooms and kills the web
process, which the supervisor starts again. Given: how long until the last room is in step again
with something new on its screen, and what is missing in the recording when the class is over.
"""

from __future__ import annotations

import argparse
import asyncio
from contextlib import AsyncExitStack
from typing import Any

from bench.live.browser import browsers
from bench.live.command import answer
from bench.live.lesson import lesson
from bench.live.publisher import captured_ms, open_publisher, until_all_is_kept
from bench.live.room import Room, now_ms

BEFORE_S = AFTER_S = 15.0


async def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        held = await stack.enter_async_context(lesson(chosen.rooms, workers=True))
        opened = await stack.enter_async_context(browsers())
        url = held.running.url
        publisher = await open_publisher(opened, url, held.running.cookie, held.class_id)
        rooms = [
            await Room.open(opened, url, cookie, held.class_id, captured_ms)
            for cookie in held.cookies
        ]
        await asyncio.gather(*(room.until_in_step() for room in rooms))
        await asyncio.sleep(BEFORE_S)
        held.running.process("serve", "--only", "web").kill()
        killed_ms = now_ms()
        back = await asyncio.gather(*(_back(room, killed_ms) for room in rooms))
        await asyncio.sleep(AFTER_S)
        await until_all_is_kept(publisher)
        await held.ended()
        return {
            "rooms": chosen.rooms,
            "everyone_back_after_s": round(max(back), 2),
            "missing_s": round(await held.missing_s(), 2),
        }


async def _back(room: Room, killed_ms: float) -> float:
    await room.until_shown(killed_ms)
    await room.until_in_step()
    return (now_ms() - killed_ms) / 1000


if __name__ == "__main__":
    answer(__doc__, measure, rooms=2)
