"""Signs of life of recording appliances, on the bus: who sets one up sees whether it works.

They go by the key (its digest): a new one has shown nothing yet. Who pushes says so once a second.
What was seen before is lost with the bus, and then nothing is said of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from tongke import clock
from tongke.storage.bus.port import Bus

# Signs come once a second, and some are late.
PUSHING_S: Final = 5.0
# Longer than the holidays between two terms.
REMEMBERED_S: Final = 60 * 86_400.0


@dataclass(frozen=True)
class Seen:
    """What an appliance has shown: whether it pushes, when it did last, and when it was turned away
    last because its room had no class. Its key is right either way."""

    is_pushing: bool = False
    pushed_at: datetime | None = None
    turned_away_at: datetime | None = None

    @property
    def is_turned_away(self) -> bool:
        """Whether that was what came of it last."""
        away, pushed = self.turned_away_at, self.pushed_at
        return away is not None and (pushed is None or pushed < away)


async def pushes(bus: Bus, key_hash: str) -> None:
    """It pushes now. Raises `BusUnavailable`."""
    await bus.set(_pushed(key_hash), _now(), REMEMBERED_S)


async def turned_away(bus: Bus, key_hash: str) -> None:
    """It has come, and its room has no class now. Raises `BusUnavailable`."""
    await bus.set(_turned_away(key_hash), _now(), REMEMBERED_S)


async def seen(bus: Bus, key_hash: str) -> Seen:
    """Raises `BusUnavailable`."""
    pushed_at = _moment(await bus.get(_pushed(key_hash)))
    turned_away_at = _moment(await bus.get(_turned_away(key_hash)))
    silent_s = (clock.now() - pushed_at).total_seconds() if pushed_at else math.inf
    return Seen(silent_s < PUSHING_S, pushed_at, turned_away_at)


def _now() -> bytes:
    return str(clock.now().timestamp()).encode()


def _moment(kept: bytes | None) -> datetime | None:
    return datetime.fromtimestamp(float(kept), UTC) if kept else None


def _pushed(key_hash: str) -> str:
    return f"appliance:pushed:{key_hash}"


def _turned_away(key_hash: str) -> str:
    return f"appliance:turned-away:{key_hash}"
