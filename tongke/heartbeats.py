"""Signs of life on the bus: that some process still takes from a queue, and that it is swept.

A worker in the middle of a step answers no question, so it says of itself, from a thread, that it
lives, and how much room its scratch has: it may be on a disk that no web process sees. What is
lost with the bus is said again within seconds.
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
# The room of who fell silent is nobody's.
ROOM_REMEMBERED_S = 6 * EVERY_S
_SWEPT = "heartbeat:sweep"


async def beat(bus: Bus, queues: Iterable[Queue], work_free_bytes: int) -> None:
    """Say that a worker of these queues lives, with so much room. Raises `BusUnavailable`."""
    for queue in queues:
        await bus.set(_key(queue), str(time.time()).encode(), REMEMBERED_S)
        await bus.set(_room(queue), str(work_free_bytes).encode(), ROOM_REMEMBERED_S)


async def silences_s(bus: Bus) -> dict[Queue, float]:
    """How long each queue's workers have been silent; infinite where none was heard in a day.

    Raises `BusUnavailable`.
    """
    found = {}
    for queue in Queue:
        last = await bus.get(_key(queue))
        found[queue] = max(0.0, time.time() - float(last)) if last else math.inf
    return found


async def rooms_bytes(bus: Bus) -> dict[Queue, float]:
    """How much room the scratch has of the worker of each queue that spoke last; not a number
    where none did.

    Raises `BusUnavailable`.
    """
    found = {}
    for queue in Queue:
        last = await bus.get(_room(queue))
        found[queue] = float(last) if last else math.nan
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


def _room(queue: Queue) -> str:
    return f"{_key(queue)}:room"
