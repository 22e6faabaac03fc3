"""SQLite's write-ahead log on a file that several processes open, which may be new.

https://www.sqlite.org/wal.html
"""

from __future__ import annotations

import sqlite3
import time
from typing import Any

_PAUSE_S = 0.01


def keep(cursor: Any, *, patience_s: float) -> None:
    """Set WAL, which the file remembers; `cursor` has an `execute`, as a connection of `sqlite3`.

    Where two processes are the first ones on a new file, SQLite refuses the later at once,
    whatever its `busy_timeout`: it would wait in a deadlock. Raises its OperationalError where
    the file is still locked after `patience_s` seconds.
    """
    give_up_at = time.monotonic() + patience_s
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
            time.sleep(_PAUSE_S)
