"""The lead's line breaks for half a minute and comes back.

`python -m bench.live_publisher_drop [--seconds 30] [--json]` publishes from a browser through a
line that is cut, with a room that watches. Given: how long after the line is back the room shows
something new, whether it ever thought that the class had ended, and what is missing in the
recording when the class is over.
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
from tests.servers.bad_line import line

BEFORE_S = AFTER_S = 15.0


async def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        held = await stack.enter_async_context(lesson(1, workers=True))
        opened = await stack.enter_async_context(browsers())
        running = held.running
        lead = await stack.enter_async_context(line(running.settings.port))
        publisher = await open_publisher(opened, lead.url, running.cookie, held.class_id)
        room = await Room.open(opened, running.url, held.cookies[0], held.class_id, captured_ms)
        await room.until_in_step()
        await asyncio.sleep(BEFORE_S)
        lead.cut()
        await asyncio.sleep(chosen.seconds)
        lead.restore()
        restored_ms = now_ms()
        shown_ms = await room.until_shown(restored_ms)
        states = await room.page.evaluate("() => seen.states.map(([, state]) => state)")
        await asyncio.sleep(AFTER_S)
        await until_all_is_kept(publisher)
        await held.ended()
        return {
            "cut_s": chosen.seconds,
            "goes_on_after_s": round((shown_ms - restored_ms) / 1000, 2),
            "thought_it_ended": "ended" in states,
            "missing_s": round(await held.missing_s(), 2),
        }


if __name__ == "__main__":
    answer(__doc__, measure, seconds=30)
