"""What the clock does to many classes at once is done to a few in each transaction: on SQLite
nobody else writes as long as one lasts, and the lessons that run have to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

# Each takes some hundredths of a second.
AT_ONCE: Final = 20


def of(together: Iterable[Sequence[int]]) -> list[list[int]]:
    """These classes, so many at once; those that are named together, as of a series, are not torn
    apart, however many they are."""
    found: list[list[int]] = []
    for group in together:
        if not found or len(found[-1]) + len(group) > AT_ONCE:
            found.append([])
        found[-1] += group
    return found
