"""The library page at 100,000 resources: server time with facets.

`python -m bench.library_page [--resources 100000] [--json]` fills the database and the index,
starts the real web process, and asks it for the page as a teacher: browsing, searching, filtering.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bench.search_corpus import SEED, TOPICS
from bench.service import Running, service
from tongke import bootstrap, clock
from tongke.bootstrap import Ground
from tongke.library.models import Grant, Resource, ResourceToken
from tongke.library.vocabulary import Kind, State, Subject, stage_of
from tongke.settings import Settings
from workers import indexing

BATCH = 5_000
PAGES = 120


def rows(count: int, account_id: int) -> list[dict[str, object]]:
    """Resources of one school, shown to everyone. Seeded: two runs have the same."""
    draw = random.Random(SEED)
    now = clock.now()
    found = []
    for number in range(1, count + 1):
        grade = str(draw.randint(1, 12))
        topic = draw.choice(TOPICS)
        made = now - timedelta(minutes=number)
        found.append(
            {
                "id": number,
                "kind": draw.choice(list(Kind)).value,
                "title": f"{topic}（第{draw.randint(1, 4)}课时）{number}",
                "summary": f"{topic}，{draw.choice(TOPICS)}，{draw.choice(TOPICS)}",
                "stage": stage_of(grade).value,
                "grade": grade,
                "subject": draw.choice(list(Subject)).value,
                "edition": draw.choice(["人教版（2024）", "湘教版（2024）", "北师大版"]),
                "unit": f"第{draw.randint(1, 8)}章",
                "lesson": "",
                "author_id": account_id,
                "school_id": 1,
                "filename": "课.mp4",
                "original_key": f"originals/bench{number}",
                "size_bytes": 1,
                "medium": "document",
                "text": draw.choice(TOPICS) * 20,
                "state": State.PUBLISHED.value,
                "viewable_at": made,
                "published_at": made,
                "created_at": made,
                "updated_at": made,
                "views": draw.randint(0, 500),
                "version": 0,
            }
        )
    return found


def fill(session: Session, batch: list[dict[str, object]]) -> None:
    tokens = [{"resource_id": row["id"], "token": "everyone"} for row in batch]
    session.execute(insert(Resource), batch)
    session.execute(insert(Grant), tokens)
    session.execute(insert(ResourceToken), tokens)


async def prepare(ground: Ground, count: int, account_id: int) -> None:
    made = rows(count, account_id)
    for start in range(0, count, BATCH):
        await ground.database.write(fill, made[start : start + BATCH])
    await indexing.rebuild(ground)


ADDRESSES = (
    "/library",
    "/library?q={topic}",
    "/library?subject=math&grade=7",
    "/library?q=七年级数学 {topic}",
    "/library?kind=courseware&sort=newest",
    "/library?q={topic}&kind=lesson_recording",
)


async def measure(running: Running) -> dict[str, float]:
    draw = random.Random(SEED)
    times = []
    async with running.client() as client:
        for number in range(PAGES + len(ADDRESSES)):
            address = ADDRESSES[number % len(ADDRESSES)].format(topic=draw.choice(TOPICS))
            started = time.perf_counter()
            async with client.get(address) as response:
                assert response.status == 200, await response.text()
                await response.read()
            times.append((time.perf_counter() - started) * 1000)
    times = sorted(times[len(ADDRESSES) :])
    return {
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(times[int(len(times) * 0.95)], 1),
    }


async def main(count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="tongke-bench") as folder:
        async with service(workers=False, folder=Path(folder)) as running:
            ground = bootstrap.build(
                Settings(_env_file=None, data_dir=Path(folder), min_free_bytes=0)
            )
            await prepare(ground, count, running.account_id)
            await ground.close()
            return {"resources": count, **await measure(running)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resources", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    result = asyncio.run(main(arguments.resources))
    if arguments.json:
        print(json.dumps(result))
    else:
        print(
            f"library page at {result['resources']:,} resources: p50 {result['p50_ms']} ms,"
            f" p95 {result['p95_ms']} ms (bar < 100)"
        )
