"""A class ends: how soon its recording can be watched, and is found.

`python -m bench.live_end [--seconds 60] [--json]` gives a class of that length to the whole service
asks a question in it, and ends it. Given: seconds until the API says how its recording is played,
and until a search for the question's words finds it.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp

from bench.live.command import answer
from bench.live.lesson import fed, lesson, say
from bench.service import until_playable

LIMIT_S = 120.0
QUESTION = {"kind": "single", "text": "绝对值相等的两个加数", "options": ["甲", "乙"], "right": []}


async def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        held = await stack.enter_async_context(lesson(1, workers=True))
        http = await stack.enter_async_context(held.running.client())
        async with fed(held):
            await asyncio.sleep(chosen.seconds)
            await say(http, held, {"command": "open_quiz", "quiz": "q1", "question": QUESTION})
            began = time.perf_counter()
            await held.ended()
        async with http.get(f"/api/v1/classes/{held.class_id}") as told:
            resource = (await told.json())["resource_id"]
        playable, found = await asyncio.gather(
            _after(began, lambda: until_playable(http, str(resource))),
            _after(began, lambda: _until_found(http, resource)),
        )
        return {"lesson_s": chosen.seconds, "playable_s": playable, "found_s": found}


async def _after(began: float, work: Callable[[], Awaitable[object]]) -> float:
    async with asyncio.timeout(LIMIT_S):
        await work()
    return round(time.perf_counter() - began, 2)


async def _until_found(http: aiohttp.ClientSession, resource: int) -> None:
    while True:
        async with http.get("/api/v1/search", params={"q": QUESTION["text"]}) as answer:
            hits = (await answer.json())["items"]
        if any(hit["resource"]["id"] == resource for hit in hits):
            return
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    answer(__doc__, measure, seconds=60)
