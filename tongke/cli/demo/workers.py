"""Whether every queue has a worker: pages answer without any, and nothing would be processed.

Run again, a demonstration whose library is complete would otherwise say that all is ready.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import click

from tongke.bootstrap import Ground
from tongke.cli.doctor import running
from tongke.cli.doctor.finding import Finding, State, broken
from tongke.cli.words import in_words, say

# Seven processes that start at once take half of this on the smallest machine we know of.
START_LIMIT_S = 60.0
LOOK_EVERY_S = 1.0


async def missing(ground: Ground, logs: Path, limit_s: float = START_LIMIT_S) -> dict[str, str]:
    """Look until all are there; what is wrong when they are not in time, which is also said at
    once: the library may wait for them without end."""
    limit = time.monotonic() + limit_s
    while (found := await _look(ground)).state is not State.OK:
        if time.monotonic() > limit:
            return _wrong(in_words(found.seen), logs)
        await asyncio.sleep(LOOK_EVERY_S)
    return {}


def _wrong(seen: str, logs: Path) -> dict[str, str]:
    what = say("后台处理", "Workers")
    why = say(f"{seen}。日志在 {logs}", f"{seen}. Logs: {logs}")
    click.secho(say(f"{what}：{why}", f"{what}: {why}"), fg="red")
    return {what: why}


async def _look(ground: Ground) -> Finding:
    try:
        return await running.workers(ground)
    except Exception as error:  # the bus or the database is what is wrong
        return broken("workers", error)
