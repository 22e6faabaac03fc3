"""A worker's signs of life, as the metrics and the alerts read them."""

from __future__ import annotations

import shutil

from tests.chaos.conftest import Installation
from tests.chaos.processes import Processes
from tests.waiting import until_true
from tongke import heartbeats
from tongke.library.vocabulary import Queue


async def test_one_on_a_fresh_data_folder_says_that_it_lives_before_its_first_task(
    installation: Installation,
) -> None:
    """There is no scheduler here, and nothing to do."""
    ground = installation.ground
    shutil.rmtree(installation.settings.work_dir)
    async with Processes(installation.settings, ["valkey", "worker-ladder"]):

        async def heard() -> bool:
            free = (await heartbeats.rooms_bytes(ground.bus))[Queue.LADDER]
            return (await heartbeats.silences_s(ground.bus))[Queue.LADDER] < 60 and free > 0

        await until_true(heard, 60)
