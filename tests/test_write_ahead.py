"""Of a new file that another is writing: SQLite refuses WAL at once, whatever its timeout."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Timer

import pytest

from tongke import write_ahead


@pytest.fixture
def first(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Holds the new file's lock, as the first of two processes does while it makes its tables."""
    path = tmp_path / "new.db"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as held:
        held.execute("BEGIN IMMEDIATE")
        held.execute("CREATE TABLE words (word TEXT)")
        yield held


@pytest.fixture
def second(first: sqlite3.Connection, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "new.db", timeout=30, isolation_level=None)) as later:
        yield later


def test_waits_for_whoever_was_first(first: sqlite3.Connection, second: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        second.execute("PRAGMA journal_mode=WAL")
    release = Timer(0.2, first.execute, ["COMMIT"])
    release.start()
    write_ahead.keep(second, patience_s=30)
    release.join()
    assert second.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_gives_up_in_the_end(first: sqlite3.Connection, second: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        write_ahead.keep(second, patience_s=0.1)
    first.execute("ROLLBACK")


def test_another_error_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_bytes(b"not a database" * 1000)
    with (
        closing(sqlite3.connect(path)) as connection,
        pytest.raises(sqlite3.DatabaseError, match="not a database"),
    ):
        write_ahead.keep(connection, patience_s=3600)
