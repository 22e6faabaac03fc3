"""A generated lead classroom publishes like a browser, and goes on after a break."""

from __future__ import annotations

import asyncio
import contextlib

import aiohttp
import pytest

from services.live.access.closing import Close
from services.live.carrying.carrier import CARRIER
from tests.services.house import House
from tests.services.live.camera import Camera
from tests.waiting import until_true
from tongke.demo_library.live_feed import publish

pytestmark = pytest.mark.media


async def test_it_plays_over_and_over_and_hears_that_the_class_has_ended(
    house: House, running: int, camera: Camera
) -> None:
    camera.seconds = 4
    carrier = house.client.server.app[CARRIER]  # type: ignore[attr-defined]
    broadcast = await carrier.broadcast(running)
    async with aiohttp.ClientSession(
        house.client.make_url("/"), headers=house.bearer("zhou")
    ) as http:
        first = asyncio.create_task(publish(http, running, camera.film))
        await until_true(lambda: broadcast.kept.durable.up_to > 50)
        first.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await first
        again = asyncio.create_task(publish(http, running, camera.film))
        await until_true(lambda: broadcast.kept.last_stream == 1)
        before = broadcast.kept.durable.up_to
        await until_true(lambda: broadcast.kept.durable.up_to > before + 50)
        assert not broadcast.kept.durable.above, "numbers go on where they ended"
        again.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await again
        await carrier.end(running)
        assert await publish(http, running, camera.film) == Close.OVER
