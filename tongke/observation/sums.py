"""What the forms of lessons come to: the mean of each item, over whatever rubrics they had.

Pure. An item is known by its name: two rubrics that ask the same mean the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ItemSum:
    """How an item was rated: the mean of its stars, and by how many forms."""

    name: str
    mean: float
    forms: int


@dataclass(frozen=True)
class Sums:
    forms: int
    # Over every star that was given; None while there is none.
    mean: float | None
    items: tuple[ItemSum, ...]


def sums(forms: Iterable[Mapping[str, int]]) -> Sums:
    """The sums of forms, each the stars by item; items in the order they are first met."""
    rated = list(forms)
    given: dict[str, list[int]] = {}
    for stars in rated:
        for name, star in stars.items():
            given.setdefault(name, []).append(star)
    every = [star for stars in given.values() for star in stars]
    items = (ItemSum(name, sum(s) / len(s), len(s)) for name, s in given.items())
    return Sums(len(rated), sum(every) / len(every) if every else None, tuple(items))
