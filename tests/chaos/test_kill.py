"""Nothing that was acknowledged is lost: web, workers, scheduler and Valkey die at random.

Files are uploaded and published while one process after another gets a kill -9 and is started
again at once. Then the killing ends, the service comes to rest by itself, and everything is
counted: what the clients were told, the rows, the objects and their bytes, the index.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.chaos import census
from tests.chaos.client import Uploader
from tests.chaos.conftest import Installation
from tests.chaos.files import Sent, broken, lesson, paper, word
from tests.chaos.processes import Processes, media_programs
from tests.waiting import LOOK_EVERY_S, until_true
from tongke.bootstrap import Ground
from tongke.cli import parts
from tongke.library.jobs import JobState
from tongke.library.models import Resource
from tongke.library.vocabulary import Queue, State
from tongke.publishing import sweeping
from workers import indexing

# The order of deaths, and the pauses between them, are those of this seed.
SEED = 20261124
# How long each of these is let live once it is up, in seconds. The web process: from the middle
# of a first request to some files later; Valkey: time enough for workers to find it now and then.
LIVES_S = {"web": (0.1, 3.0), "valkey": (0.5, 8.0), "scheduler": (0.5, 8.0)}
# So many deaths of each of these, and of the workers together.
DEATHS = 4
# Steps of files as small as ours take from some tenths of a second to some seconds.
INTO_A_STEP_S = (0.0, 0.6)
# On a busy machine the processes come up slowly, and little gets through between two deaths.
KILLING_LIMIT_S = 180.0
AT_ONCE = 4
REST_LIMIT_S = 150.0


async def upload_all(
    installation: Installation, files: list[Sent], acknowledged: dict[str, int]
) -> None:
    """Upload the files, several at once; fills in the resource each was acknowledged as."""
    gate = asyncio.Semaphore(AT_ONCE)
    async with ClientSession() as session, asyncio.TaskGroup() as together:
        uploader = Uploader(session, installation.url, installation.tokens["zhou"])

        async def upload(file: Sent) -> None:
            async with gate:
                number = await uploader.upload(file.name, file.content, file.title)
                acknowledged[file.name] = number

        for file in files:
            together.create_task(upload(file))


class Killer:
    """Kills processes, and starts them again at once, in an order and at times of its seed."""

    def __init__(self, installation: Installation, processes: Processes, seed: int) -> None:
        self._database = installation.ground.database
        self._processes = processes
        self._chance = random.Random(seed)
        self._seen: set[tuple[int, int]] = set()
        self.deaths = Counter[str]()

    async def at_random(self, name: str) -> None:
        """Whatever it does at the moment, some time after it came up.

        When enough have died, each lives twice as long as the one before: on a slow machine
        something has to get through between two deaths.
        """
        while True:
            await self._processes.until_ready([name])
            longer = 2 ** max(0, self.deaths[name] - DEATHS)
            await asyncio.sleep(longer * self._chance.uniform(*LIVES_S[name]))
            self._kill(name)

    async def at_work(self) -> None:
        """Every other time that a worker has taken a step, somewhere within it."""
        while True:
            for queue in self._chance.sample(list(Queue), len(Queue)):
                found = await self._database.read(census.running, queue) - self._seen
                self._seen |= found
                if found and self._chance.random() < 0.5:
                    await asyncio.sleep(self._chance.uniform(*INTO_A_STEP_S))
                    self._kill(parts.worker_of(queue))
            await asyncio.sleep(LOOK_EVERY_S)

    def _kill(self, name: str) -> None:
        self._processes.kill(name)
        self._processes.start(name)
        self.deaths[name] += 1

    @property
    def enough(self) -> bool:
        workers = sum(self.deaths[name] for name in parts.WORKERS)
        return min(workers, *(self.deaths[name] for name in LIVES_S)) >= DEATHS


async def kill_until(killer: Killer, done: Callable[[], bool]) -> None:
    """Let it kill until enough has died, and enough got through between the deaths."""
    works = [killer.at_work(), *map(killer.at_random, LIVES_S)]
    killing = [asyncio.create_task(work) for work in works]

    def over() -> bool:
        for task in killing:
            if task.done():
                task.result()
        return killer.enough and done()

    try:
        await until_true(over, KILLING_LIMIT_S, "enough died, and something got through")
    finally:
        for task in killing:
            task.cancel()
        await asyncio.wait(killing)


async def made_for(installation: Installation, folder: Path) -> list[Sent]:
    """A dozen files that can be published, and one that cannot."""
    programs = installation.ground.programs
    lessons = [
        await lesson(
            programs, folder, f"课{number}.mp4", 2 + number % 3, (180, 240, 480)[number % 3]
        )
        for number in range(6)
    ]
    papers = [paper(f"办法{number}.txt") for number in range(3)]
    words = [word(f"通知{number}.docx") for number in range(3)]
    return [*lessons, *papers, *words, broken("坏.mp4")]


@pytest.mark.media
async def test_what_was_acknowledged_survives_any_death(
    installation: Installation, tmp_path: Path
) -> None:
    files = await made_for(installation, tmp_path)
    random.Random(SEED).shuffle(files)
    acknowledged: dict[str, int] = {}
    ground = installation.ground
    async with Processes(installation.settings) as processes:
        uploading = asyncio.create_task(upload_all(installation, files, acknowledged))
        await kill_until(
            Killer(installation, processes, SEED), lambda: len(acknowledged) >= len(files) // 2
        )
        await processes.until_ready()
        await asyncio.wait_for(uploading, REST_LIMIT_S)
        await until_true(
            lambda: ground.database.read(census.at_rest), REST_LIMIT_S, "the service is at rest"
        )
        assert media_programs(installation.settings.data_dir) == []
        codes = await processes.stop_all()
    assert set(codes.values()) == {0}, codes
    assert await ground.database.read(census.cut_short) > 0, "no step was cut short"
    await count_resources(installation, files, acknowledged)
    await count_objects(ground)
    await count_index(ground)


async def count_resources(
    installation: Installation, files: list[Sent], acknowledged: dict[str, int]
) -> None:
    """Each file is one resource with exactly its bytes; none is missing, none is there twice."""
    ground = installation.ground
    found = {resource.id: resource for resource in await ground.database.read(census.resources)}
    assert sorted(found) == sorted(acknowledged.values())
    assert len(acknowledged) == len(files)
    for file in files:
        resource = found[acknowledged[file.name]]
        assert (resource.filename, resource.title) == (file.name, file.title)
        assert await census.sha256(ground, resource.original_key) == file.sha256
        check_outcome(file, resource)
    jobs = await ground.database.read(census.jobs)
    assert sorted(job.resource_id for job in jobs) == sorted(found)
    for job in jobs:
        assert job.state == JobState.DONE or (job.state == JobState.FAILED and job.reason)


def check_outcome(file: Sent, resource: Resource) -> None:
    if file.sound:
        assert resource.state == State.PUBLISHED, file.name
        assert resource.viewable_at is not None
    else:
        assert resource.state == State.FAILED
        assert resource.viewable_at is None


async def count_objects(ground: Ground) -> None:
    """What rows name is there; what no row names is gone after a sweep without grace."""
    at_once = ground.settings.model_copy(update={"orphan_grace_h": 0})
    without_grace = dataclasses.replace(ground, settings=at_once)
    await sweeping.remove_orphans(without_grace)
    stored = await census.stored(ground)
    assert await census.files_named(ground) <= stored
    assert {census.folder_of(key) for key in stored} == await census.folders_named(ground)
    assert await sweeping.remove_orphans(without_grace) == 0


async def count_index(ground: Ground) -> None:
    """The index has every resource that can be looked at as it is, and says so."""
    assert await indexing.mend(ground) == 0
    indexed = {number async for number, _ in ground.index.versions()}
    found = await ground.database.read(census.resources)
    assert indexed == {resource.id for resource in found if resource.viewable_at}
