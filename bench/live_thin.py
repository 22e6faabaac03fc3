"""A room on a village's line: does it come down by itself to what the line carries, and stay there?

`python -m bench.live_thin [--seconds 180] [--kbit 400] [--picture 1500] [--json]` gives a class
whose picture takes `--picture` kbit/s to the page that a classroom's device has open (`/room`),
behind a line of `--kbit` down. Given: what the room came down to and after how long, the longest
that its sound stood still from then on, and whether it began with that after a reload.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from contextlib import AsyncExitStack
from itertools import pairwise
from typing import Any

from playwright.async_api import Page

from bench.live.browser import browsers
from bench.live.command import answer
from bench.live.lesson import fed, lesson
from tests.servers.bad_line import Shape, line

DELAY_MS = 25.0
LOOK_EVERY_S = 0.2
# After it has come down the player fills its buffers.
SETTLE_S = 10.0
VIDEO = "document.querySelector('.room-video')"
LOOK = f"() => [localStorage.getItem('tongke.room-level'), {VIDEO}?.currentTime ?? 0]"

Seen = list[tuple[float, str | None, float]]


async def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        held = await stack.enter_async_context(lesson(1))
        opened = await stack.enter_async_context(browsers())
        await stack.enter_async_context(fed(held, chosen.picture))
        shape = Shape(DELAY_MS, bits_s=chosen.kbit * 1000)
        rural = await stack.enter_async_context(line(held.running.settings.port, shape))
        page = await opened.open(rural.url, held.cookies[0], "/room")
        first = await _watch(page, chosen.seconds)
        await page.reload()
        again = await _watch(page, 2 * SETTLE_S)
    level = first[-1][1]
    down_s = next(at for at, seen, _ in first if seen == level)
    return {
        "kbit_s": chosen.kbit,
        "picture_kbit_s": chosen.picture,
        "seconds": chosen.seconds,
        "level": level or "full",
        "down_after_s": round(down_s, 1),
        "longest_still_s": round(_still(first, down_s + SETTLE_S), 2),
        "remembered": {seen for _, seen, _ in again} == {level},
    }


async def _watch(page: Page, seconds: float) -> Seen:
    """Since when: the room's level, and where its player is."""
    began, seen = time.monotonic(), []
    while (at := time.monotonic() - began) < seconds:
        level, place = await page.evaluate(LOOK)
        seen.append((at, level, place))
        await asyncio.sleep(LOOK_EVERY_S)
    return seen


def _still(seen: Seen, since_s: float) -> float:
    moving = [
        at for (_, _, before), (at, _, place) in pairwise(seen) if place != before and at > since_s
    ]
    moving = [since_s, *moving, seen[-1][0]]
    return max(later - at for at, later in pairwise(moving))


if __name__ == "__main__":
    answer(__doc__, measure, seconds=180, kbit=400, picture=1500)
