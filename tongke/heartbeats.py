"""Signs of life on the bus: that some process still takes from a queue, and that it is swept.

A worker in the middle of a step answers no question, so it says of itself, from a thread, that it
lives. What is lost with the bus is said again within seconds.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable

from tongke.library.vocabulary import Queue
from tongke.storage.bus.port import Bus

EVERY_S = 10.0
# Longer than anybody looks away; then it was as if it had never been.
REMEMBERED_S = 86_400.0
_SWEPT = "heartbeat:sweep"


async def beat(bus: Bus, queues: Iterable[Queue]) -> None:
    """Say that a worker of these queues lives. Raises `BusUnavailable`."""
    for queue in queues:
        await bus.set(_key(queue), str(time.time()).encode(), REMEMBERED_S)


async def silences_s(bus: Bus) -> dict[Queue, float]:
    """How long each queue's workers have been silent; infinite where none was heard in a day.

    Raises `BusUnavailable`.
    """
    found = {}
    for queue in Queue:
        last = await bus.get(_key(queue))
        found[queue] = max(0.0, time.time() - float(last)) if last else math.inf
    return found


async def swept(bus: Bus) -> None:
    """Say that a round of the sweeper has ended. Raises `BusUnavailable`."""
    await bus.set(_SWEPT, str(time.time()).encode(), REMEMBERED_S)


async def since_swept_s(bus: Bus) -> float:
    """Since the last such word; infinite where there was none in a day. Raises `BusUnavailable`."""
    last = await bus.get(_SWEPT)
    return max(0.0, time.time() - float(last)) if last else math.inf


def _key(queue: Queue) -> str:
    return f"heartbeat:{queue.value}"
