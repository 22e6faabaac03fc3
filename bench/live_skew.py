"""How far apart the rooms of one class are, and their cues.

`python -m bench.live_skew [--rooms 3] [--seconds 120] [--svg docs/live-skew.svg] [--json]` feeds a
class with small pictures that carry their number (320×180 at 30 a second, so that the steering is
measured and not the machine), opens a browser a room, and notes by `requestVideoFrameCallback`
when each picture is on its screen. Compared are the rooms' median lags, and picture by picture the
time between the first room and the last. A cue is sent each second: when it fires in each room.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from bench.live import figures
from bench.live.browser import browsers
from bench.live.command import answer
from bench.live.lesson import Lesson, fed, lesson, say
from bench.live.plot import plot
from bench.live.room import Room, Shown, now_ms

CUE_EVERY_S = 1.0


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
        await asyncio.gather(*(room.until_delay_stays() for room in rooms))
        began_ms = now_ms()
        await _forget(rooms)
        await _cue(held, chosen.seconds)
        shown = await asyncio.gather(*(room.shown() for room in rooms))
        cues = await asyncio.gather(*(room.cues() for room in rooms))
        delay_ms = await rooms[0].delay_ms()
    if chosen.svg:
        await asyncio.to_thread(Path(chosen.svg).write_text, _plot(shown, began_ms), "utf-8")
    return {
        "rooms": chosen.rooms,
        "seconds": chosen.seconds,
        "delay_ms": delay_ms,
        **figures.skew(shown),
        **_cues(cues),
    }


async def _forget(rooms: Sequence[Room]) -> None:
    for room in rooms:
        await room.shown()
        await room.page.evaluate("() => seen.cues.splice(0)")


async def _cue(held: Lesson, seconds: int) -> None:
    """One cue after the other, all along."""
    cues = int(seconds / CUE_EVERY_S)
    async with held.running.client() as http:
        for number in range(1, cues + 1):
            await say(http, held, {"command": "slide", "page": {"deck": "d", "number": number}})
            await asyncio.sleep(CUE_EVERY_S)


def _cues(rooms: Sequence[Sequence[tuple[float, str, float]]]) -> dict[str, object]:
    """Of each cue that every room has fired: between the first and the last; and how late it is
    against the picture that it belongs to."""
    fired = [{due: at for at, kind, due in room if kind == "slide"} for room in rooms]
    common = set(fired[0]).intersection(*fired[1:])
    apart = [max(room[due] for room in fired) - min(room[due] for room in fired) for due in common]
    return {
        "cues": len(apart),
        "cue_apart_p50_ms": round(figures.quantile(apart, 0.5), 1),
        "cue_apart_max_ms": round(max(apart), 1),
    }


def _plot(rooms: Sequence[Sequence[Shown]], began_ms: float) -> str:
    middle = statistics.median(shown.lag_ms for room in rooms for shown in room)
    lines = [
        [(at, lag - middle) for at, lag in figures.by_second(room, began_ms)] for room in rooms
    ]
    names = [f"教室 {number}" for number in range(1, len(rooms) + 1)]
    return plot(f"各教室相对中位数 {middle:.0f} 毫秒的早晚（每秒中位数）", names, lines)


if __name__ == "__main__":
    answer(__doc__, measure, rooms=3, seconds=120, svg="")
