"""How lessons of a series follow each other, as people say it: every Wednesday, the fourth period.
Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from tongke.clock import CHINA

WEEK: Final = timedelta(weeks=1)
# Every week, and every other (单周, 双周).
SAID: Final = (1, 2)


@dataclass(frozen=True)
class Rhythm:
    """On the day of the week and at the hour of `begins`, every `weeks` weeks."""

    begins: datetime
    weeks: int


def rhythm(begins: Sequence[datetime]) -> Rhythm | None:
    """What most of these moments, in their order, have in common; None where it is no more than
    half of them: a holiday leaves one out, a make-up day (调休) or a change moves one."""
    days = [each.astimezone(CHINA) for each in begins]
    by_hour = Counter((day.isoweekday(), day.time()) for day in days)
    common, times = by_hour.most_common(1)[0]
    regular = [day for day in days if (day.isoweekday(), day.time()) == common]
    if len(regular) < 2 or times * 2 <= len(days):
        return None
    apart = Counter((after - before) // WEEK for before, after in pairwise(regular))
    weeks = apart.most_common(1)[0][0]
    return Rhythm(regular[0], weeks) if weeks in SAID else None
