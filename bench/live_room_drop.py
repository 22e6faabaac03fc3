"""A room's line breaks and comes back.

`python -m bench.live_room_drop [--seconds 10] [--times 5] [--json]` cuts a room's line several
times. Given: how long after the line is back it is in step again, and whether it has the seat, the
raised hand and the slide that it had.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
from contextlib import AsyncExitStack
from typing import Any

from bench.live.browser import browsers
from bench.live.command import answer
from bench.live.lesson import Lesson, fed, lesson, say
from bench.live.room import Room, now_ms
from tests.servers.bad_line import Line, line

BETWEEN_S = 8.0
HANDS = 3


async def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        held = await stack.enter_async_context(lesson(1))
        opened = await stack.enter_async_context(browsers())
        await stack.enter_async_context(fed(held))
        rural = await stack.enter_async_context(line(held.running.settings.port))
        room = await Room.open(opened, rural.url, held.cookies[0], held.class_id)
        await room.until_in_step()
        seat = (await room.hello())["seat"]
        await room.page.evaluate(
            "(body) => session.command('raise_hand', body)", {"room": seat, "count": HANDS}
        )
        back, right = [], []
        for number in range(1, chosen.times + 1):
            await asyncio.sleep(BETWEEN_S)
            back.append(await _drop(held, rural, room, chosen.seconds, number))
            right.append(_is_as_it_was(await room.hello(), seat, number))
    return {
        "cut_s": chosen.seconds,
        "in_step_after_s": round(statistics.median(back), 2),
        "in_step_after_max_s": round(max(back), 2),
        "seat_and_state_right": f"{sum(right)}/{len(right)}",
    }


async def _drop(held: Lesson, rural: Line, room: Room, seconds: float, page: int) -> float:
    """Cut the line; the lead turns a page meanwhile. Seconds until the room is in step again and
    has been told what has happened."""
    hellos = await room.hellos()
    rural.cut()
    async with held.running.client() as http:
        slide = {"command": "slide", "page": {"deck": "d", "number": page}}
        await say(http, held, slide)
    await asyncio.sleep(seconds)
    rural.restore()
    restored_ms = now_ms()
    await room.until_shown(restored_ms - 2000)
    await room.until_in_step()
    await room.until_hellos(hellos + 1)
    return (now_ms() - restored_ms) / 1000


def _is_as_it_was(hello: dict[str, Any], seat: str, page: int) -> bool:
    mine = next(room for room in hello["state"]["rooms"] if room["id"] == seat)
    shown = hello["state"]["stage"]["page"]
    return hello["seat"] == seat and mine["hand"] == HANDS and shown["number"] == page


if __name__ == "__main__":
    answer(__doc__, measure, seconds=10, times=5)
