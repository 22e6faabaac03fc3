"""What the parts write, in a folder: one file a part, put aside when it has grown large."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import IO

import structlog

_log = structlog.get_logger("tongke.supervisor")

# A day of an idle service at level info is well under one of these.
LOG_MOST_BYTES = 5 * 2**20
LOGS_KEPT = 3
LOG_LOOK_EVERY_S = 30.0


class PartLogs:
    """The logs of parts, by their names; without a folder all of it is our own standard error."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def path(self, part: str) -> Path:
        """Where a person finds what the part said."""
        return Path("stderr") if self._folder is None else self._folder / f"{part}.log"

    def open(self, part: str) -> IO[bytes] | None:
        """The log to write to; None for our own standard error."""
        if self._folder is None:
            return None
        self._folder.mkdir(parents=True, exist_ok=True)
        return self.path(part).open("ab")

    async def keep_small(self, parts: Sequence[str]) -> None:
        """Look at the logs of these parts for ever."""
        while self._folder is not None:
            for part in parts:
                try:
                    await asyncio.to_thread(rotate, self.path(part))
                except OSError as error:  # a full disk: the next look is another try
                    _log.warning("log-not-put-aside", part=part, why=str(error))
            await asyncio.sleep(LOG_LOOK_EVERY_S)


def rotate(log: Path, most_bytes: int = LOG_MOST_BYTES, kept: int = LOGS_KEPT) -> bool:
    """Put a log that has grown large aside as `.1`, and empty it; whether it was done.

    Whoever writes to it goes on at its new end, if it was opened for appending.
    """
    if not log.exists() or log.stat().st_size < most_bytes:
        return False
    older = [log.with_name(f"{log.name}.{number}") for number in range(kept, 0, -1)]
    for target, source in pairwise(older):
        if source.exists():
            source.replace(target)
    shutil.copyfile(log, older[-1])
    os.truncate(log, 0)
    return True
