"""500 people browsing, searching and watching, on two web nodes behind nginx and the real servers.

`python -m bench.people [--people 500] [--seconds 60] [--json]`

What they do, and why so, says bench/people_mix.py. The library holds 5,000 resources that were
published over a year, and three lessons to watch. Everybody has an account, a session and a school
of their own. locust asks in a process of its own (it changes the standard library where it is
imported), on the same two processors as everything else: what it takes is in the output. Workers
are stopped before, as if they ran on other machines.

The figures are of the requests that began after everybody had arrived. The bar of the issue: p95
under 300 ms, no error.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import psutil
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from bench.city import City, city, cpu_s, family, send, uploading
from bench.library_page import fill, rows
from bench.search_corpus import SEED, TOPICS
from services.http.identity import csrf_token
from tests.chaos.files import lesson
from tests.services.house import SCHOOLS, populate
from tests.topology import account
from tongke import bootstrap, clock
from tongke.archive import tables
from tongke.library import outbox
from tongke.library.models import Grant, Resource, ResourceToken
from tongke.people import sign_in
from tongke.people.audience import EVERYONE
from tongke.people.models import Account, Role
from workers import indexing

RESOURCES = 5_000
# 5,000 in a year.
APART = timedelta(minutes=100)
LESSONS = 3
LESSON_S = 120
LESSON_LINES = 360
BATCH = 1_000
# Everybody arrives within these, and then has settled.
ARRIVE_S = 20
SETTLE_S = 10
P95_LIMIT_MS = 300.0
FILTERS = (
    "/library",
    "/library?subject=math&grade=7",
    "/library?kind=courseware&sort=newest",
    "/library?stage=junior",
)

# When it was asked (seconds since 1970), what, in how many milliseconds it came, whether right.
Answer = tuple[float, str, float, bool]


def inhabit(count: int, session: Session) -> tuple[str, list[tuple[str, str]]]:
    """People, each with a session, and the library; a teacher's token, and all sessions."""
    ids, tokens = populate(session)
    people = [_person(session, number) for number in range(count)]
    library = rows(RESOURCES, ids["tang"])
    for number, row in enumerate(library):
        made = clock.now() - APART * (number + 1)
        times = ("viewable_at", "published_at", "created_at", "updated_at")
        row.update(dict.fromkeys(times, made))
    for start in range(0, len(library), BATCH):
        fill(session, library[start : start + BATCH])
    tables.set_last_numbers(session.connection(), {"resource": len(library)})
    return tokens["zhou"], people


def _person(session: Session, number: int) -> tuple[str, str]:
    """A teacher; the secret of their session and its CSRF token."""
    school = number % len(SCHOOLS) + 1
    who = Account(
        username=f"t{number}", name=f"教师{number}", created_at=clock.now(), password_hash="none",
        roles=[Role(name="teacher", school_id=school)],
    )  # fmt: skip
    session.add(who)
    session.flush()
    _, secret = sign_in.start(session, who.id, verified="none", address="", user_agent="", days=1)
    return secret, csrf_token(secret)


async def prepare(town: City, token: str) -> list[int]:
    """The lessons to watch, and the index; the lessons' numbers."""
    ground = bootstrap.build(town.topology.settings("bench"))
    try:
        with tempfile.TemporaryDirectory() as folder:
            files = [
                await lesson(ground.programs, Path(folder), f"课{n}.mp4", LESSON_S, LESSON_LINES)
                for n in range(LESSONS)
            ]
        async with uploading(town.topology.url, token) as client:
            numbers = [await send(client, one.name, len(one.content), one.content) for one in files]
        await account.until_at_rest(ground)
        await ground.database.write(_show_everyone, numbers)
        await indexing.catch_up(ground)
        return numbers
    finally:
        await ground.close()


def _show_everyone(session: Session, numbers: list[int]) -> None:
    shown = [{"resource_id": number, "token": EVERYONE} for number in numbers]
    session.execute(insert(Grant), shown)
    session.execute(insert(ResourceToken), shown)
    for number in numbers:
        outbox.announce(session, session.get_one(Resource, number))
    # A database that has lived for a while knows its tables.
    session.execute(text("ANALYZE"))


def run(town: City, said: dict[str, object], seconds: int) -> tuple[list[Answer], dict[str, float]]:
    """Let locust ask; what was answered in the measured time, and processors taken in it."""
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = Path(folder) / "people.json", Path(folder) / "answers.json"
        asked.write_text(json.dumps(said, ensure_ascii=False))
        people = int(str(said["watching"])) + int(str(said["reading"]))
        whole = ARRIVE_S + SETTLE_S + seconds + SETTLE_S
        locust = subprocess.Popen(
            [
                *(sys.executable, "-m", "locust", "-f", "bench/people_mix.py", "--headless"),
                *("--host", town.topology.url, "--users", str(people), "--only-summary"),
                *("--spawn-rate", str(people / ARRIVE_S), "--run-time", f"{whole}s"),
                *("--loglevel", "WARNING", "--stop-timeout", "10"),
            ],
            env={**os.environ, "BENCH_PEOPLE": str(asked), "BENCH_ANSWERS": str(answered)},
            stdout=subprocess.DEVNULL,
        )
        try:
            time.sleep(ARRIVE_S + SETTLE_S)
            groups = {**town.processes, "locust": family(locust.pid)}
            began, before = time.time(), {name: cpu_s(each) for name, each in groups.items()}
            time.sleep(seconds)
            ended, after = time.time(), {name: cpu_s(each) for name, each in groups.items()}
            locust.wait(SETTLE_S + 60)
        finally:
            locust.kill()
        answers = json.loads(answered.read_text())
    taken = {name: (after[name] - before[name]) / (ended - began) for name in groups}
    return [one for one in answers if began <= one[0] < ended], taken


def figures(times: list[float], failed: int) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "requests": len(ordered),
        "p50_ms": round(statistics.median(ordered), 1),
        "p95_ms": round(ordered[int(len(ordered) * 0.95)], 1),
        "p99_ms": round(ordered[int(len(ordered) * 0.99)], 1),
        "errors": failed,
    }


def summary(answers: list[Answer]) -> dict[str, dict[str, float]]:
    """Per kind of request, and in all."""
    kinds: dict[str, list[Answer]] = defaultdict(list)
    for one in answers:
        kinds[one[1]].append(one)
        kinds["all"].append(one)
    return {
        kind: figures([ms for _, _, ms, _ in found], sum(not fine for *_, fine in found))
        for kind, found in sorted(kinds.items(), key=lambda pair: (pair[0] == "all", pair[0]))
    }


def measure(people: int, seconds: int) -> dict[str, object]:
    with city(lambda session: inhabit(people, session)) as (town, (token, sessions)):
        lessons = asyncio.run(prepare(town, token))
        town.stop_workers()
        chance = random.Random(SEED)
        said = {
            "people": sessions,
            "watching": people // 2,
            "reading": people - people // 2,
            "lessons": lessons,
            "resources": [chance.randint(1, RESOURCES) for _ in range(200)],
            "filters": FILTERS,
            "topics": [quote(topic) for topic in TOPICS],
        }
        answers, taken = run(town, said, seconds)
    return {
        "people": people,
        "seconds": seconds,
        "processors": psutil.cpu_count(),
        "requests_a_second": round(len(answers) / seconds, 1),
        "kinds": summary(answers),
        "processors_taken": {name: round(value, 2) for name, value in taken.items()},
    }


def show(found: dict[str, object]) -> None:
    kinds, taken = found["kinds"], found["processors_taken"]
    assert isinstance(kinds, dict) and isinstance(taken, dict)
    print(
        f"{found['people']} people, {found['seconds']} s, {found['requests_a_second']} requests/s;"
        f" the load is made on the same {found['processors']} processors"
    )
    print(f"{'':15}{'requests':>10}{'p50 ms':>10}{'p95 ms':>10}{'p99 ms':>10}{'errors':>8}")
    for kind, one in kinds.items():
        print(
            f"{kind:15}{one['requests']:10}{one['p50_ms']:10}{one['p95_ms']:10}{one['p99_ms']:10}"
            f"{one['errors']:8}"
        )
    print("processors: " + ", ".join(f"{name} {value}" for name, value in taken.items()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    found = measure(chosen.people, chosen.seconds)
    if chosen.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        show(found)
    kinds = found["kinds"]
    assert isinstance(kinds, dict)
    everything = kinds["all"]
    return 0 if everything["p95_ms"] < P95_LIMIT_MS and everything["errors"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
