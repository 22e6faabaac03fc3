"""Rooms on a bad line.

`python -m bench.live_line [--rooms 2] [--seconds 600] [--delay 100] [--loss 0.05] [--kbit 0]
[--json]` puts every room behind a line of its own with so many milliseconds more each way, so many
of a hundred pieces lost, and so many kbit/s down (0: as wide as it comes). Loss is shown as what it
is above TCP: a piece comes a retransmission later, and what follows waits. Given: how far the rooms
are apart, and the longest that a picture stood still.
"""

from __future__ import annotations

import argparse
import asyncio
from contextlib import AsyncExitStack
from typing import Any

from bench.live import figures
from bench.live.browser import browsers
from bench.live.command import answer
from bench.live.lesson import fed, lesson
from bench.live.room import Room
from tests.servers.bad_line import Shape, line

SETTLE_S = 30.0


async def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    shape = Shape(chosen.delay, chosen.loss, chosen.kbit * 1000 if chosen.kbit else None)
    async with AsyncExitStack() as stack:
        held = await stack.enter_async_context(lesson(chosen.rooms))
        opened = await stack.enter_async_context(browsers())
        await stack.enter_async_context(fed(held))
        rooms = []
        for cookie in held.cookies:
            rural = await stack.enter_async_context(line(held.running.settings.port, shape))
            rooms.append(await Room.open(opened, rural.url, cookie, held.class_id))
        await asyncio.gather(*(room.until_in_step() for room in rooms))
        await asyncio.sleep(SETTLE_S)
        for room in rooms:
            await room.shown()
            await room.page.evaluate("() => played.splice(0)")
        await asyncio.sleep(chosen.seconds)
        shown = await asyncio.gather(*(room.shown() for room in rooms))
        still = await asyncio.gather(*(room.longest_still_s() for room in rooms))
    return {
        "delay_ms": chosen.delay,
        "loss": chosen.loss,
        "kbit_s": chosen.kbit,
        "seconds": chosen.seconds,
        **figures.skew(shown),
        "longest_still_s": round(max(still), 2),
    }


if __name__ == "__main__":
    answer(__doc__, measure, rooms=2, seconds=600, delay=100.0, loss=0.05, kbit=0)
