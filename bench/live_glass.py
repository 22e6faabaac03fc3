"""From the lead's picture to the room's, and how much of that is the class's own delay.

`python -m bench.live_glass [--seconds 60] [--json]` publishes a canvas with the time in it from one
browser (WebCodecs over WebSocket) and plays it in another in step with the class. Given are the
median and p95 of the time from drawing to display, and the soonest that this way could be: the
time from drawing until a picture's part can be fetched (the playlist's end, measured by a player
that does not wait for the class's moment).
"""

from __future__ import annotations

import argparse
import asyncio
from contextlib import AsyncExitStack
from typing import Any

from bench.live.browser import browsers
from bench.live.command import answer
from bench.live.figures import quantile
from bench.live.lesson import lesson
from bench.live.publisher import captured_ms, open_publisher
from bench.live.room import Room

SETTLE_S = 10.0
# As near the playlist's end as a player gets without stalls: two parts, and the way.
NEAR_MS = 700
# At once: steering alone takes a second for each twentieth.
COME_NEARER = "(ms) => { receiver.delayMs = ms; receiver.following = true; }"


async def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        held = await stack.enter_async_context(lesson(1))
        opened = await stack.enter_async_context(browsers())
        url = held.running.url
        await open_publisher(opened, url, held.running.cookie, held.class_id)
        room = await Room.open(opened, url, held.cookies[0], held.class_id, captured_ms)
        await room.until_in_step()
        found: dict[str, float] = {"class_delay_ms": await room.until_delay_stays()}
        found |= await _lags(room, chosen.seconds, "")
        await room.page.evaluate(COME_NEARER, NEAR_MS)
        found |= await _lags(room, chosen.seconds, f"at_{NEAR_MS}_")
        return found


async def _lags(room: Room, seconds: int, name: str) -> dict[str, float]:
    await asyncio.sleep(SETTLE_S)
    await room.shown()
    await asyncio.sleep(seconds)
    lags = [shown.lag_ms for shown in await room.shown()]
    return {
        f"{name}glass_p50_ms": round(quantile(lags, 0.5)),
        f"{name}glass_p95_ms": round(quantile(lags, 0.95)),
    }


if __name__ == "__main__":
    answer(__doc__, measure, seconds=60)
