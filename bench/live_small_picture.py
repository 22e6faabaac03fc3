"""What the small picture of a class costs, beside what carrying the class takes without it.

`python -m bench.live_small_picture [--seconds 40] [--height 720] [--kbit 1500] [--json]` gives a
class twice, once with its small picture and once without, and counts the user and system time of
the web process and of its encoders.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from contextlib import AsyncExitStack
from typing import Any

from bench.live.command import answer
from bench.live.lesson import Lesson, fed, lesson
from bench.service import cpu_s

SETTLE_S = 8.0
# However busy the machine is: what it costs is asked here, not whether there is room for it.
BEGUN_AT_ANY_LOAD = "1000"


async def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    os.environ["TONGKE_LIVE_SMALL_PICTURE_LOAD"] = BEGUN_AT_ANY_LOAD
    with_it, without = await _cores(chosen, "auto"), await _cores(chosen, "off")
    return {
        "seconds": chosen.seconds,
        "height": chosen.height,
        "kbit_s": chosen.kbit,
        "cores_with": round(with_it, 3),
        "cores_without": round(without, 3),
        "small_picture_cores": round(with_it - without, 3),
    }


async def _cores(chosen: argparse.Namespace, small_picture: str) -> float:
    """Cores that a class takes: its process and the encoders that it has started."""
    os.environ["TONGKE_LIVE_SMALL_PICTURE"] = small_picture
    async with AsyncExitStack() as stack:
        held = await stack.enter_async_context(lesson(1))
        await stack.enter_async_context(fed(held, chosen.kbit, chosen.height))
        await asyncio.sleep(SETTLE_S)
        if await _has_small_picture(held) != (small_picture == "auto"):
            raise RuntimeError("the service does not make what was to be measured")
        web = held.running.process("serve", "--only", "web")
        measured = [web, *web.children(recursive=True)]
        before = cpu_s(measured)
        await asyncio.sleep(chosen.seconds)
        return (cpu_s(measured) - before) / chosen.seconds


async def _has_small_picture(held: Lesson) -> bool:
    path = f"/live/{held.class_id}/program.m3u8"
    async with held.running.client() as http, http.get(path) as answer:
        return "hls/small/" in await answer.text()


if __name__ == "__main__":
    answer(__doc__, measure, seconds=40, height=720, kbit=1500)
