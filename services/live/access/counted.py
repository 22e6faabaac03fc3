"""How many lines each may have is bounded: they are counted while they are there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def counted(lines: Counter[T], whose: T) -> Iterator[None]:
    """One more of somebody's while the block runs; of whom none is left nothing is kept."""
    lines[whose] += 1
    try:
        yield
    finally:
        lines[whose] -= 1
        if not lines[whose]:
            del lines[whose]
