"""What is computed from pictures that were seen in several rooms."""

from __future__ import annotations

import os
import statistics
from collections.abc import Sequence

from bench.live.room import Shown


def quantile(values: Sequence[float], part: float) -> float:
    """The value below which so many of them are. ValueError: there are none."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("nothing was measured")
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def median_lags(rooms: Sequence[Sequence[Shown]]) -> list[float]:
    """Of each room: half of its pictures are shown sooner after their capture."""
    return [statistics.median(shown.lag_ms for shown in room) for room in rooms]


def spreads(rooms: Sequence[Sequence[Shown]]) -> list[float]:
    """Of each picture that every room has shown: between the first and the last of them, in ms."""
    times = [{round(shown.captured_ms): shown.at_ms for shown in room} for room in rooms]
    common = set(times[0]).intersection(*times[1:])
    return [max(t[key] for t in times) - min(t[key] for t in times) for key in sorted(common)]


def skew(rooms: Sequence[Sequence[Shown]]) -> dict[str, object]:
    """How far apart the rooms are."""
    medians, apart = median_lags(rooms), spreads(rooms)
    return {
        "median_lag_ms": [round(lag) for lag in medians],
        "medians_apart_ms": round(max(medians) - min(medians), 1),
        "apart_p50_ms": round(quantile(apart, 0.5), 1),
        "apart_p95_ms": round(quantile(apart, 0.95), 1),
        "apart_max_ms": round(max(apart), 1),
        "pictures": len(apart),
    }


def machine() -> dict[str, object]:
    """What a figure is to be read with."""
    return {"cores": os.cpu_count(), "load": [round(load, 1) for load in os.getloadavg()]}


def by_second(room: Sequence[Shown], began_ms: float) -> list[tuple[float, float]]:
    """The median lag of each second: seconds since `began_ms`, and ms."""
    seconds: dict[int, list[float]] = {}
    for shown in room:
        seconds.setdefault(int((shown.at_ms - began_ms) / 1000), []).append(shown.lag_ms)
    return [(second, statistics.median(lags)) for second, lags in sorted(seconds.items())]
