"""A process that answers nobody says until when it counts as alive, for the health checks of
containers: they look at a file, since to start a program that asks would cost more than it tells.
"""

from __future__ import annotations

import math
import time
from pathlib import Path

# For so many of its words a process counts: one that comes late, or is lost, is no reason.
WORDS = 3


def tell(file: Path | None, for_s: float) -> None:
    """Count as alive for so long from now; nothing where nobody looks. Raises `OSError`."""
    if file is None:
        return
    written = file.with_name(f"{file.name}.new")
    written.write_text(f"{math.ceil(time.time() + for_s)}\n", encoding="ascii")
    # Never half of it.
    written.replace(file)
