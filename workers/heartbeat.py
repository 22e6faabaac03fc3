"""A worker says that it lives, whatever its main thread is doing: on the bus, to the metrics
(`tongke.heartbeats`), and to the health check of its container (`tongke.alive`)."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Sequence
from threading import Thread

from tongke import alive, heartbeats
from tongke.library.vocabulary import Queue
from tongke.settings import Settings
from tongke.storage.bus.errors import BusUnavailable
from tongke.storage.bus.valkey import ValkeyBus


def begin(settings: Settings, queues: Sequence[Queue]) -> None:
    """Say so until the process ends, on a thread and a line of its own. Raises `OSError`."""
    # Else one that was set up a moment ago has no scratch to tell of until its first task.
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    Thread(
        target=asyncio.run, args=(_go_on(settings, queues),), name="heartbeat", daemon=True
    ).start()


async def _go_on(settings: Settings, queues: Sequence[Queue]) -> None:
    bus = ValkeyBus(settings.bus_address)
    while True:
        # While the bus is away nobody could hear it; who has lost the folder of its scratch does no
        # work, and is silent until it is back.
        with contextlib.suppress(BusUnavailable, OSError):
            await heartbeats.beat(bus, queues, shutil.disk_usage(settings.work_dir).free)
            alive.tell(settings.alive_file, alive.WORDS * heartbeats.EVERY_S)
        await asyncio.sleep(heartbeats.EVERY_S)
