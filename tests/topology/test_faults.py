"""Each part fails under a load, for real, and what people saw is counted.

Half a minute of uploads, watching and searching each, through nginx; the part dies or is restarted
in the middle. Then nothing that was acknowledged is missing, nothing is there twice, and the index
agrees with the database within a minute, beside what is left of the load.

`TONGKE_FAULTS_TABLE=docs/faults.md make test-topology` writes the table of what was seen.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.chaos import census
from tests.chaos.files import lesson
from tests.servers.process import Server
from tests.topology import account
from tests.topology.conftest import City
from tests.topology.load import KINDS, SEARCHING, UPLOADING, WATCHING, Notes, under_load
from tests.topology.stack import WORKERS
from tests.waiting import until_true
from tongke.bootstrap import Ground
from tongke.library.vocabulary import State

LOAD_S = 30.0
# The fault comes when all are at work, and what died stays away so long.
BEFORE_S = 5.0
AWAY_S = 8.0
# Work goes on at least so long when it is back.
AFTER_S = 8.0
# From the end of the load, whose last file is a change for the index too.
DRIFT_LIMIT_S = 60.0
TABLE = "TONGKE_FAULTS_TABLE"


@dataclass(frozen=True)
class Fault:
    """What is done to which part; `name` is a row's first cell."""

    name: str
    strike: Callable[[Server], None]
    part: Callable[[City], Server]


def _node(name: str) -> Fault:
    return Fault(f"kill -9 of {name}", Server.kill, lambda city: city.topology.nodes[name])


def _server(name: str, attribute: str, *, killed: bool = False) -> Fault:
    return Fault(
        f"{'kill -9' if killed else 'restart'} of {name}",
        Server.kill if killed else Server.stop,
        lambda city: getattr(city.servers, attribute).server,
    )


FAULTS = (
    _node("web-1"),
    _node("worker-documents"),
    _server("Valkey", "valkey", killed=True),
    _server("PostgreSQL", "postgres"),
    _server("Elasticsearch", "elasticsearch"),
    _server("the object store", "objects", killed=True),
)


@dataclass
class Row:
    """What was seen of one fault."""

    fault: str
    notes: Notes
    at: float
    lost: int
    twice: int
    drift_s: float

    def cells(self) -> list[str]:
        seen = [f"{self.notes.failed(kind, self.at)} of {self.notes.asked(kind)}" for kind in KINDS]
        recovered = max(self.notes.recovered_after_s(kind, self.at) for kind in KINDS)
        return [self.fault, *seen, f"{recovered:.1f}", str(self.lost), str(self.twice),
                f"{self.drift_s:.0f}"]  # fmt: skip


@pytest.fixture(scope="module")
def table() -> Iterator[list[Row]]:
    """The rows of this run; written where the environment says."""
    rows: list[Row] = []
    yield rows
    if place := os.environ.get(TABLE):
        Path(place).write_text(_written(rows), encoding="utf-8")


@pytest.mark.media
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_nothing_acknowledged_is_lost(
    city: City, ground: Ground, table: list[Row], fault: Fault, tmp_path: Path
) -> None:
    token = city.tokens["zhou"]
    media = await account.playable_lesson(ground, city.url, token, tmp_path)
    before = {row.id for row in await ground.database.read(census.resources)}
    async with under_load(city.url, token, media, "结对学校") as notes:
        began = time.monotonic()
        await asyncio.sleep(BEFORE_S)
        at = time.monotonic()
        part = fault.part(city)
        await asyncio.to_thread(fault.strike, part)
        await asyncio.sleep(AWAY_S)
        # From this thread: a process ends with the thread that started it.
        part.begin()
        await asyncio.to_thread(part.until_ready)
        ready = time.monotonic()
        await asyncio.sleep(max(AFTER_S, LOAD_S - (ready - began)))
    await account.until_at_rest(ground, DRIFT_LIMIT_S)
    drift_s = time.monotonic() - ready
    there = {row.id for row in await ground.database.read(census.resources)}
    lost = len(await account.lost(ground, notes))
    twice = len(there - before) - len(set(notes.acknowledged.values()))
    table.append(Row(fault.name, notes, at, lost, twice, drift_s))
    assert (lost, twice) == (0, 0)
    for kind in KINDS:
        assert any(fine for moment, fine in notes.answers[kind] if moment > ready), kind


@pytest.mark.media
async def test_lessons_are_whole_though_the_worker_that_encodes_them_is_killed(
    city: City, ground: Ground, tmp_path: Path
) -> None:
    """In the middle of a step, while the next lesson comes in."""
    name, token, seconds = "worker-media", city.tokens["zhou"], 6
    node, cut_before = city.topology.nodes[name], await ground.database.read(census.cut_short)
    files = [await lesson(ground.programs, tmp_path, f"课{n}.mp4", seconds, 480) for n in range(2)]

    async def at_work() -> bool:
        found = [await ground.database.read(census.running, queue) for queue in WORKERS[name]]
        return any(found)

    uploading = asyncio.create_task(account.upload(city.url, token, files))
    await until_true(at_work, what=f"{name} has begun a step")
    node.kill()
    node.begin()
    numbers = await uploading
    await account.until_at_rest(ground)
    assert await ground.database.read(census.cut_short) > cut_before, "it died within a step"
    rows = {row.id: row for row in await ground.database.read(census.resources)}
    for file in files:
        row = rows[numbers[file.name]]
        assert row.state == State.PUBLISHED
        assert row.duration_s == pytest.approx(seconds, abs=0.5)
        assert await census.sha256(ground, row.original_key) == file.sha256
        for path in await account.played(city.url, token, row.id):
            assert await account.fetched(city.url, token, path), path
    for key in await census.files_named(ground):
        assert (await ground.objects.info(key)).size > 0, key


def _written(rows: list[Row]) -> str:
    head = [
        "fault", *(f"{kind}: failed" for kind in (UPLOADING, WATCHING, SEARCHING)),
        "recovered after, s", "lost", "twice", "drift gone after, s",
    ]  # fmt: skip
    lines = [head, ["---"] * len(head), *(row.cells() for row in rows)]
    body = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return f"{INTRODUCTION}\n{body}\n"


INTRODUCTION = f"""\
# What people see when a part fails

Two web nodes behind nginx, three workers, PostgreSQL, Valkey, SeaweedFS, Elasticsearch, as plain
processes of one machine with two processors. Each fault comes {BEFORE_S:.0f} s into uploads,
watching and searching, and what died stays away for {AWAY_S:.0f} s and its own start. The load
lasts {LOAD_S:.0f} s, and at least until {AFTER_S:.0f} s after the part is back.
*Failed* counts requests that were not answered as they should be, of all in that time; uploads and
players ask again by themselves. *Recovered* is the last such request, counted from the
fault. *Drift gone* counts from the part being back until every file is published and the index
agrees with the database: what is left of the load is in it, and no more than {DRIFT_LIMIT_S:.0f} s
after it. Made by `TONGKE_FAULTS_TABLE=docs/faults.md make test-topology`.
"""
