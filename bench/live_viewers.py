"""Viewers a core, of the origin in the web process, with rights.

`python -m bench.live_viewers [--viewers 400] [--seconds 40] [--part 500] [--nginx 1] [--json]`
gives a class to so many players, each with a session of its own, which plays as a classroom does:
it is pushed the playlist of every part, and asks for the part. Counted is user and system time of
the web process, not of the players: without any, which is what carrying the class takes, and with
all of them. Viewers a core is so many as fill one core beside that, if each took as much as these.
`--part`: milliseconds of a part; the service's own is `services.live.carrying.broadcast.PART_MS`.
Then so many players are given as many bytes by the barest handlers (`bench.live.bare`), which is
what a machine can do at all. With `--nginx 1` they ask an nginx that `tongke nginx` configures,
which keeps parts and asks the web process now and then who may have them; what nginx itself takes
is told beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy.orm import Session

from bench.live.command import answer
from bench.live.lesson import Lesson, fed, lesson, new_cookie
from bench.live.viewers import SPREAD_S
from bench.service import cpu_s
from tests.servers import nginx
from tests.servers.ports import free_port
from tests.servers.process import short_folder
from tongke.storage.database import Database
from tongke.supervisor.part import Part

WITH_PARTS = (
    "import services.live.carrying.broadcast as b; "
    "b.PART_MS = {ms}; from tongke.cli import main; main()"
)
SETTLE_S = 5.0
# A difference of ours, packed.
PLAYLIST_BYTES = 600


async def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    def change(part: Part) -> Part:
        """The web process with parts of another length."""
        if part.name != "web":
            return part
        words = part.command[part.command.index("serve") :]
        return replace(
            part, command=[sys.executable, "-c", WITH_PARTS.format(ms=chosen.part), *words]
        )

    if chosen.nginx:
        os.environ["TONGKE_TRUSTED_PROXIES"] = '["127.0.0.0/8"]'
    async with AsyncExitStack() as stack:
        held = await stack.enter_async_context(lesson(1, change=change))
        await stack.enter_async_context(fed(held))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tongke-bench")))
        cookies = folder / "cookies"
        cookies.write_text("\n".join(await _cookies(held, chosen.viewers)))
        web = held.running.process("serve", "--only", "web")
        front = await _front(stack, held, chosen.viewers) if chosen.nginx else None
        await asyncio.sleep(SETTLE_S)
        idle, _ = await _cpu(chosen.seconds, [web], [])
        url = front.url if front else held.running.url
        watching = await _players(held, url, cookies, 2 * SPREAD_S + chosen.seconds)
        await asyncio.sleep(SPREAD_S + SETTLE_S)
        busy, before = await _cpu(chosen.seconds, [web], _workers(front) if front else [])
        counted = json.loads((await watching.communicate())[0])
        part_bytes = counted.pop("bytes") // max(1, counted["parts"])
        bare = 0.0 if front else await _bare(chosen, held, cookies, part_bytes)
    return {
        "viewers": chosen.viewers,
        "part_ms": chosen.part,
        "web_cores": round(busy, 3),
        "web_cores_unwatched": round(idle, 3),
        "nginx_cores": round(before, 3),
        "viewers_a_core": round((1 - idle) / (busy - idle) * chosen.viewers),
        **({"bare_viewers_a_core": round(chosen.viewers / bare)} if bare else {}),
        **counted,
    }


async def _cookies(held: Lesson, count: int) -> list[str]:
    database = Database(held.running.settings.sqlalchemy_url)

    def write(session: Session) -> list[str]:
        return [new_cookie(session, held.running.account_id) for _ in range(count)]

    try:
        return await database.write(write)
    finally:
        await database.close()


async def _front(stack: AsyncExitStack, held: Lesson, viewers: int) -> nginx.Nginx:
    """An nginx before the web process. All viewers come from one address, each on two lines."""
    folder = short_folder("bench")
    stack.callback(shutil.rmtree, folder)
    upstream = held.running.url.removeprefix("http://")
    front = await asyncio.to_thread(nginx.start, folder, (upstream,), connections=3 * viewers)
    stack.enter_context(front.server)
    return front


def _workers(front: nginx.Nginx) -> list[psutil.Process]:
    """Without the one that reads what was kept, and then ends."""
    master = psutil.Process(front.server.pid)
    return [each for each in master.children() if "loader" not in each.cmdline()[0]]


async def _players(
    held: Lesson, url: str, cookies: Path, seconds: float
) -> asyncio.subprocess.Process:
    words = (url, str(held.class_id), str(cookies), str(seconds))
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.live.viewers", *words, stdout=asyncio.subprocess.PIPE
    )


async def _bare(chosen: argparse.Namespace, held: Lesson, cookies: Path, part_bytes: int) -> float:
    """Cores that the barest handlers take for the same."""
    port = free_port()
    shape = (port, chosen.part, PLAYLIST_BYTES, part_bytes)
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.live.bare", *map(str, shape)
    )
    try:
        await asyncio.sleep(SETTLE_S)
        url = f"http://127.0.0.1:{port}"
        watching = await _players(held, url, cookies, 2 * SPREAD_S + chosen.seconds)
        await asyncio.sleep(SPREAD_S + SETTLE_S)
        [busy] = await _cpu(chosen.seconds, [psutil.Process(server.pid)])
        await watching.communicate()
    finally:
        server.kill()
        await server.wait()
    return busy


async def _cpu(seconds: float, *groups: list[psutil.Process]) -> list[float]:
    """Cores that each group of processes takes, over so many seconds."""
    before = [cpu_s(group) for group in groups]
    await asyncio.sleep(seconds)
    after = [cpu_s(group) for group in groups]
    return [(late - early) / seconds for early, late in zip(before, after, strict=True)]


if __name__ == "__main__":
    answer(__doc__, measure, viewers=400, seconds=40, part=500, nginx=0)
