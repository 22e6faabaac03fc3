"""The web process dies while a recording appliance pushes: what it had taken is recorded."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

import pytest
from aiohttp import ClientSession

from tests.chaos.conftest import Installation
from tests.chaos.processes import Processes
from tests.services.house import House
from tests.services.live.ingest.appliance import booked, has_segments, pushing, rooms, until
from tongke.classes import queries
from tongke.classes.models import LiveClass, LiveSegment
from tongke.live.packager import LONGEST_PICTURE_US
from tongke.media.rendition import SOURCE

pytestmark = pytest.mark.media

# What was on its way, in ffmpeg and in the kernel: less than of the segment that was under way.
UNDER_WAY_S = 1.7
IN_FLIGHT_S = 1.2
PICTURE_US = 1_000_000 // 25
LIMIT_S = 60.0


async def test_an_appliance_goes_on_in_the_same_lesson_which_lacks_what_was_in_flight(
    installation: Installation,
) -> None:
    ground = installation.ground
    # Its people and its database: what is pushed goes to the processes.
    house = House(ground, None, installation.ids, installation.tokens)  # type: ignore[arg-type]
    await ground.database.write(rooms)
    number = await ground.database.write(booked, house, -1.0)
    async with Processes(installation.settings, ("valkey", "web")) as processes:
        async with pushing(house) as cut_off:
            await until(has_segments(house, number, 2), LIMIT_S)
            await asyncio.sleep(UNDER_WAY_S)
            killed_us = time.time() * 1e6
            processes.kill("web")
            assert await cut_off.wait() != 0
        # What is shorter than this is made good by a picture that stands.
        await asyncio.sleep(LONGEST_PICTURE_US / 1e6 + 0.5)
        kept = len(await ground.database.read(queries.segments, number, SOURCE))
        processes.start("web")
        await processes.until_ready(["web"])
        async with pushing(house):
            await until(has_segments(house, number, kept + 2), LIMIT_S)
        async with (
            ClientSession(installation.url, headers=house.bearer("zhou")) as teacher,
            teacher.post(f"/api/v1/classes/{number}/end") as answer,
        ):
            assert answer.status == 200, await answer.text()
    rows = await ground.database.read(queries.lesson, number, SOURCE)
    holes = [
        (before.began_us + before.duration_us, after.began_us)
        for before, after in pairwise(rows)
        if after.began_us - before.began_us - before.duration_us > PICTURE_US
    ]
    ((lost_us, again_us),) = holes
    assert killed_us - IN_FLIGHT_S * 1e6 < lost_us, described(rows)
    assert killed_us < again_us
    live = await ground.database.read(lambda session: session.get_one(LiveClass, number))
    assert live.started_at is not None and live.ended_at is not None


def described(rows: list[LiveSegment]) -> list[tuple[float, float]]:
    """Where each begins, in seconds, and how long it is."""
    return [(row.began_us / 1e6, row.duration_us / 1e6) for row in rows]
