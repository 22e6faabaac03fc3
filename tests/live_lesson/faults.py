"""What a lesson has to live through, and what may not be missing afterwards."""

from __future__ import annotations

import signal
from contextlib import suppress
from urllib.request import urlopen

import psutil

from tests.browser.service import Service
from tests.waiting import until
from tongke.bootstrap import Ground
from tongke.classes import queries
from tongke.classes.models import LiveSegment

PICTURE_US = 1_000_000 // 15


def kill_web(service: Service) -> None:
    """As a power cut would; another web process takes its place."""
    for process in psutil.Process(service.process.pid).children(recursive=True):
        # Workers end children of their own meanwhile.
        with suppress(psutil.NoSuchProcess):
            if process.cmdline()[-2:] == ["--only", "web"]:
                process.send_signal(signal.SIGKILL)
    until(lambda: _answers(service.url), what="another web process has taken its place")


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/healthz", timeout=2):
            return True
    except OSError:
        return False


def holes_us(service: Service, class_id: int) -> list[int]:
    """What no segment of a lesson has, between the first and the last."""

    async def lesson(ground: Ground) -> list[LiveSegment]:
        return await ground.database.read(queries.lesson, class_id, "source")

    rows = service.on_ground(lesson)
    ends = [row.began_us + row.duration_us for row in rows]
    holes = [row.began_us - end for row, end in zip(rows[1:], ends, strict=False)]
    return [hole for hole in holes if hole > PICTURE_US]
