"""Space that stays free on a disk, whoever writes to it: the database stands there too."""

from __future__ import annotations

from typing import Final

# A school's line brings so much in seconds; looking costs a fraction of a millisecond.
LOOK_EVERY_BYTES: Final = 32 * 2**20


def is_left(free: int | None, least: int, more: int = 0) -> bool:
    """Whether the least is still free with so many bytes more. A store of which nobody knows what
    is free (None) says itself when it is full."""
    return free is None or free - more >= least
