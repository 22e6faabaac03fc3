"""Each part fails under a load, for real, and what people saw is counted.

Half a minute of uploads, watching and searching each, through nginx; the part dies or is restarted
in the middle. Then nothing that was acknowledged is missing, nothing is there twice, and the index
agrees with the database within a minute.

`TONGKE_FAULTS_TABLE=docs/faults.md make test-topology` writes the table of what was seen.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.chaos import census
from tests.chaos.client import Uploader
from tests.chaos.files import lesson
from tests.servers.process import Server
from tests.topology.conftest import City
from tests.topology.load import KINDS, SEARCHING, UPLOADING, WATCHING, Notes, under_load
from tests.waiting import until_true
from tongke import bootstrap
from tongke.bootstrap import Ground

LOAD_S = 30.0
# The fault comes when all are at work, and what died stays away so long.
BEFORE_S = 5.0
AWAY_S = 8.0
# Work goes on at least so long when it is back.
AFTER_S = 8.0
REST_LIMIT_S = 240.0
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


@pytest.fixture
async def ground(city: City) -> AsyncIterator[Ground]:
    found = bootstrap.build(city.topology.settings("test"))
    yield found
    await found.close()


@pytest.fixture
async def media(city: City, ground: Ground, tmp_path: Path) -> list[str]:
    """A lesson's playlist and segments, as a player would fetch them."""
    token = city.tokens["zhou"]
    recording = await lesson(ground.programs, tmp_path, f"课{tmp_path.name}.mp4", 6, 240)
    headers = {"Authorization": f"Bearer {token}"}
    async with ClientSession(city.url, headers=headers) as session:
        uploader = Uploader(session, city.url, token)
        number = await uploader.upload(recording.name, recording.content, recording.title)
        await _at_rest(ground)
        files = await census.files_named(ground)
    mine = sorted(file for file in files if file.startswith(f"resources/{number}/"))
    playable = [file for file in mine if file.endswith((".m3u8", ".m4s", ".mp4"))]
    assert playable
    return [f"/media/{file.removeprefix('resources/')}" for file in playable]


@pytest.mark.media
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_nothing_acknowledged_is_lost(
    city: City, ground: Ground, media: list[str], table: list[Row], fault: Fault
) -> None:
    before = {row.id for row in await ground.database.read(census.resources)}
    async with under_load(city.url, city.tokens["zhou"], media, "结对学校") as notes:
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
    await _at_rest(ground)
    drift_s = await _until_agreed(ground)
    rows = {row.id: row for row in await ground.database.read(census.resources)}
    lost = await _lost(ground, notes)
    twice = len(rows.keys() - before) - len(set(notes.acknowledged.values()))
    table.append(Row(fault.name, notes, at, lost, twice, drift_s))
    assert (lost, twice) == (0, 0)
    assert drift_s < DRIFT_LIMIT_S
    for kind in KINDS:
        assert any(fine for moment, fine in notes.answers[kind] if moment > ready), kind


async def _at_rest(ground: Ground) -> None:
    async def quiet() -> bool:
        return await ground.database.read(census.at_rest)

    await until_true(quiet, REST_LIMIT_S, "all is published and indexed")


async def _until_agreed(ground: Ground) -> float:
    """Wait until the index has what the database has; how long that took."""
    began = time.monotonic()

    async def agreed() -> bool:
        wanted = {row.id: row.version for row in await ground.database.read(census.resources)}
        found = dict([pair async for pair in ground.index.versions()])
        return wanted == found

    await until_true(agreed, DRIFT_LIMIT_S, "the index agrees with the database")
    return time.monotonic() - began


async def _lost(ground: Ground, notes: Notes) -> int:
    """Uploads that were acknowledged and are not there, byte for byte."""
    rows = {row.id: row for row in await ground.database.read(census.resources)}
    lost = 0
    for name, number in notes.acknowledged.items():
        row = rows.get(number)
        kept = row is not None and await census.sha256(ground, row.original_key)
        lost += kept != notes.sent[name].sha256
    return lost


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
processes of one machine with two processors. Each fault comes {BEFORE_S:.0f} s into {LOAD_S:.0f} s
of uploads, watching and searching, and what died stays away for {AWAY_S:.0f} s and its own start.
*Failed* counts requests that were not answered as they should be, of all in those {LOAD_S:.0f} s;
uploads and players ask again by themselves. *Recovered* is the last such request, counted from the
fault. Made by `TONGKE_FAULTS_TABLE=docs/faults.md make test-topology`.
"""
