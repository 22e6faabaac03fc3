"""Files that no row names: when there are too many of them to be believed, and how that is told.

Whether a file is an orphan is asked of the database, and the answer is only as good as that is. One
that is empty (a restore failed and the service was started all the same) or is another's (a wrong
`TONGKE_DATABASE_URL`) names none of the files, and all of them would be removed. So none is where
nobody has an account, nor where orphans outnumber what is named. Room that is taken in vain can be
had back any day.

Counted are originals, folders of attempts and unfinished uploads, not objects: a lesson of an hour
is a thousand of those.
"""

from __future__ import annotations

import contextlib
from typing import NamedTuple

from tongke.storage.bus.errors import BusUnavailable
from tongke.storage.bus.port import Bus

# Of a school with two lessons, one that was tried five times leaves more than all that is named.
FEW = 10
# Looked for each hour; who stopped looking has told nothing of today.
_REMEMBERED_S = 86_400.0
_LEFT = "sweep:orphans-left"


class Counted(NamedTuple):
    """How many the rows name, and how many old ones none does."""

    named: int
    orphans: int


def believable(counted: Counted, *, somebody: bool) -> bool:
    """Whether the orphans are some; `somebody` says that there is an account."""
    if not counted.orphans:
        return True
    return somebody and (counted.orphans < FEW or counted.orphans <= counted.named)


async def tell(bus: Bus, left: Counted | None) -> None:
    """Say that orphans were not believed, and are left, for the doctor; or that none is. Without
    the bus nobody hears it: the next round says it again."""
    with contextlib.suppress(BusUnavailable):
        if left is None:
            await bus.delete(_LEFT)
        else:
            await bus.set(_LEFT, f"{left.named} {left.orphans}".encode(), _REMEMBERED_S)


async def left(bus: Bus) -> Counted | None:
    """What was counted when orphans were left last; None where they were removed since, or nobody
    looked in a day. Raises `BusUnavailable`."""
    said = await bus.get(_LEFT)
    return Counted(*map(int, said.split())) if said else None
