"""Times of day: as people type them, to the minute."""

from __future__ import annotations

import re
import unicodedata
from datetime import time
from typing import Final

# Some browsers send the seconds of a time field.
_TIME: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::[0-9]{2}(?:\.[0-9]+)?)?")


def read_time(text: str) -> time:
    """8:00, 08:00, 8：00, to the minute. Raises ValueError."""
    found = _TIME.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        raise ValueError(text)
    return time(int(found[1]), int(found[2]))


def by_the_minute(moment: time) -> time:
    """As a bell rings, by the clock of Hunan."""
    return moment.replace(second=0, microsecond=0, tzinfo=None)
