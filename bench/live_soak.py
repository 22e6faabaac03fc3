"""One class at normal speed for a whole lesson: does memory grow, do the rooms drift?

`python -m bench.live_soak [--minutes 45] [--rooms 2] [--json]` takes the resident memory of the web
process each ten seconds, the heaps of the rooms' pages and how far apart the rooms are each
minute. Given are medians of the first and of the last quarter, the first minute left out.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

from bench.live import figures
from bench.live.browser import browsers
from bench.live.command import answer
from bench.live.lesson import fed, lesson
from bench.live.room import Room

LOOK_EVERY_S = 10.0
LOOKS_A_MINUTE = 6


async def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        held = await stack.enter_async_context(lesson(chosen.rooms))
        opened = await stack.enter_async_context(browsers())
        await stack.enter_async_context(fed(held))
        rooms = [
            await Room.open(opened, held.running.url, cookie, held.class_id)
            for cookie in held.cookies
        ]
        await asyncio.gather(*(room.until_in_step() for room in rooms))
        web = held.running.process("serve", "--only", "web")
        memory, heaps, minutes = [], [], []
        for minute in range(chosen.minutes):
            for _ in range(LOOKS_A_MINUTE):
                await asyncio.sleep(LOOK_EVERY_S)
                memory.append(web.memory_info().rss / 1e6)
            shown = await asyncio.gather(*(room.shown() for room in rooms))
            heaps.append(max([await room.heap_mb() for room in rooms]))
            if minute:
                minutes.append(figures.skew(shown))
        still = max([await room.longest_still_s() for room in rooms])
        missing_s = await held.missing_s()
    return {
        "minutes": chosen.minutes,
        "rooms": chosen.rooms,
        "web_mb": _ends(memory[LOOKS_A_MINUTE:]),
        "page_heap_mb": _ends(heaps[1:]),
        "medians_apart_ms": _ends([float(str(m["medians_apart_ms"])) for m in minutes]),
        "apart_p95_ms": _ends([float(str(m["apart_p95_ms"])) for m in minutes]),
        "longest_still_s": round(still, 2),
        "missing_s": round(missing_s, 2),
    }


def _ends(values: Sequence[float]) -> list[float]:
    """The medians of the first and of the last quarter."""
    quarter = max(1, len(values) // 4)
    return [round(statistics.median(part), 1) for part in (values[:quarter], values[-quarter:])]


if __name__ == "__main__":
    answer(__doc__, measure, minutes=45, rooms=2)
