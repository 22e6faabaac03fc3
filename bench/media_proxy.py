"""Segments through nginx: CPU per GB of nginx and web together, against the web process alone.

`python -m bench.media_proxy [--rounds 9] [--passes 30] [--json]`

A lesson of 60 segments is watched by 3,000 signed-in people, who take turns: more than are served
in a second, so that nobody asks twice within the one for which nginx keeps a verdict. Every segment
costs a question to the web process. In turn and several times the same requests go to the web
process itself and to the nginx that `tongke nginx` configures. Counted is user and system time of
the processes that serve, not of the client; the ratio is of the medians, in one run.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import shutil
import statistics
import sys
from collections.abc import AsyncIterator, Iterator

import aiohttp
import psutil
from sqlalchemy.orm import Session

from bench.service import FORWARDED, Running, cpu_s, service
from tests.servers import nginx
from tests.servers.process import short_folder
from tongke import clock
from tongke.library import resources
from tongke.library.fields import parse_fields
from tongke.library.models import Rendition, Upload
from tongke.library.vocabulary import Medium
from tongke.people import sign_in
from tongke.people.models import Account
from tongke.people.queries import viewer_of
from tongke.storage.database import Database
from tongke.storage.objects.files import FileObjects

PEOPLE = 3000
SEGMENTS = 60
# Six seconds of 720p at 1.5 Mbit/s.
SEGMENT_BYTES = 1_125_000
LINES = 8
GB = 1e9
# The bar of the issue.
MOST = 1 / 3


def lesson(session: Session, account_id: int) -> tuple[int, list[str]]:
    """A lesson that everybody of the school may watch, and the cookies of those who do."""
    account = session.get_one(Account, account_id)
    viewer = viewer_of(session, account_id)
    assert viewer is not None
    now = clock.now()
    upload = Upload(
        id="0" * 32, account_id=account_id, filename="lesson.mp4", length=8,
        fields=parse_fields({"title": "bench", "audience": ["school:1"]}).model_dump(mode="json"),
        metadata_header="", created_at=now, expires_at=now,
    )  # fmt: skip
    session.add(upload)
    session.flush()
    resource = resources.create_from_upload(session, upload, viewer)
    resource.viewable_at, resource.medium, resource.duration_s = now, Medium.VIDEO, 360.0
    session.add(
        Rendition(
            resource_id=resource.id, name="720p", kind="video", prefix="a1-1/",
            playlist="720p.m3u8", codecs="avc1.4d401f", bandwidth=1_500_000,
            average_bandwidth=1_500_000, width=1280, height=720, frame_rate=25.0,
        )
    )  # fmt: skip
    resources.settle(session, resource)
    cookies = [
        sign_in.start(
            session, account_id, verified=account.password_hash or "", address="", user_agent="",
            days=1,
        )[1]
        for _ in range(PEOPLE)
    ]  # fmt: skip
    return resource.id, cookies


async def prepare(running: Running) -> tuple[int, list[str]]:
    database = Database(running.settings.sqlalchemy_url)
    number, cookies = await database.write(lesson, running.account_id)
    await database.close()
    store = FileObjects(running.settings.objects_dir)

    async def segment() -> AsyncIterator[bytes]:
        yield os.urandom(SEGMENT_BYTES)

    for index in range(SEGMENTS):
        await store.put(f"resources/{number}/a1-1/720p/{index}.m4s", segment(), "video/iso.segment")
    return number, cookies


async def watch(url: str, number: int, people: Iterator[str], passes: int) -> int:
    """Fetch all segments so many times, each as the next person; bytes."""
    paths = iter([f"/media/{number}/a1-1/720p/{i}.m4s" for i in range(SEGMENTS)] * passes)
    taken = 0

    async def line(client: aiohttp.ClientSession) -> None:
        nonlocal taken
        for path in paths:
            headers = {**FORWARDED, "Cookie": f"tongke={next(people)}"}
            async with client.get(path, headers=headers) as response:
                assert response.status == 200, response.status
                async for chunk in response.content.iter_any():
                    taken += len(chunk)

    connector = aiohttp.TCPConnector(limit=LINES)
    async with aiohttp.ClientSession(
        url, connector=connector, cookie_jar=aiohttp.DummyCookieJar()
    ) as client:
        await asyncio.gather(*(line(client) for _ in range(LINES)))
    return taken


async def measure(rounds: int, passes: int) -> dict[str, object]:
    os.environ["TONGKE_TRUSTED_PROXIES"] = '["127.0.0.0/8"]'
    folder = short_folder("bench")
    try:
        async with service(workers=False) as running:
            number, cookies = await prepare(running)
            people = itertools.cycle(cookies)
            upstream = running.url.removeprefix("http://")
            front = await asyncio.to_thread(nginx.start, folder, (upstream,))
            with front.server:
                web = running.process("serve", "--only", "web")
                master = psutil.Process(front.server.pid)
                # Every verdict is known, and every segment kept, before anything is counted.
                for url in (running.url, front.url):
                    await watch(url, number, people, PEOPLE // SEGMENTS)
                # But for the one that reads what is kept at the start, and ends within a minute.
                workers = [p for p in master.children() if "loader" not in " ".join(p.cmdline())]
                behind = [web, master, *workers]
                sides = {"web": (running.url, [web]), "nginx": (front.url, behind)}
                found: dict[str, list[float]] = {name: [] for name in sides}
                for _ in range(rounds):
                    for name, (url, processes) in sides.items():
                        before = cpu_s(processes)
                        taken = await watch(url, number, people, passes)
                        found[name].append((cpu_s(processes) - before) / (taken / GB))
    finally:
        shutil.rmtree(folder)
    medians = {name: statistics.median(values) for name, values in found.items()}
    return {
        "cpu_s_per_gb": {name: [round(value, 3) for value in found[name]] for name in found},
        "median": {name: round(value, 3) for name, value in medians.items()},
        "ratio": round(medians["nginx"] / medians["web"], 3),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--passes", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    found = asyncio.run(measure(chosen.rounds, chosen.passes))
    if chosen.json:
        print(json.dumps(found, indent=2))
    else:
        median = found["median"]
        print(f"CPU seconds per GB, median of {chosen.rounds}: {median}; ratio {found['ratio']}")
    return 0 if float(str(found["ratio"])) <= MOST else 1


sys.exit(main())
