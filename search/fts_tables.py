"""The tables of the embedded engine.

One SQLite file in WAL mode, apart from the database: written by workers, read by web processes.
The tables stand twice, as side `a` and side `b`, of which `state.active` names the one that
answers. A rebuild fills the other; while it does, every change is written to both sides in one
transaction, so nothing is missed, and the swap is one row.

FTS5 keeps no copy of the texts (`content=''`) and gets ready-made tokens, which its `ascii`
tokenizer parts at the spaces. To take a document out of such a table, its tokens are made again
from the stored texts: that is why a file made by another analysis is emptied when it is opened.
The sweeper, which compares the index with the database, fills it again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from search import text as analysis
from search.fields import Streams, TitleStreams
from tongke import write_ahead

# Moves on when the tables change; analysis has its own number, and either empties the file.
TABLES_VERSION = 1
FORMAT = TABLES_VERSION * 1000 + analysis.ANALYSIS_VERSION

# Four writers with batches of some tenths of a second each; beyond this something is stuck.
BUSY_SECONDS = 30
CACHE_KIBIBYTES = 32 * 1024
MAPPED_BYTES = 1 << 30

SIDES = ("a", "b")

_STATE = """
CREATE TABLE state (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    active TEXT NOT NULL,
    building TEXT,
    build TEXT,
    sequence INTEGER NOT NULL
)
"""

# `@` stands for the side. The opening stands before the text so that SQLite can stop reading.
_TABLES = (
    """
    CREATE TABLE documents_@ (
        id INTEGER PRIMARY KEY,
        version INTEGER NOT NULL,
        sequence INTEGER NOT NULL,
        deleted INTEGER NOT NULL,
        audience TEXT NOT NULL,
        facets TEXT NOT NULL,
        published INTEGER NOT NULL,
        views INTEGER NOT NULL,
        collation TEXT NOT NULL,
        title TEXT NOT NULL,
        author TEXT NOT NULL,
        school TEXT NOT NULL,
        unit TEXT NOT NULL
    )
    """,
    "CREATE INDEX documents_@_sequence ON documents_@ (sequence)",
    "CREATE TABLE texts_@ (id INTEGER PRIMARY KEY, opening TEXT NOT NULL, text TEXT NOT NULL)",
    f"""
    CREATE VIRTUAL TABLE words_@ USING fts5(
        {", ".join(Streams._fields)}, content='', columnsize=0, tokenize='ascii'
    )
    """,
    f"""
    CREATE VIRTUAL TABLE titles_@ USING fts5(
        {", ".join(TitleStreams._fields)}, content='', columnsize=0, tokenize='ascii'
    )
    """,
)
_NAMES = ("documents_@", "texts_@", "words_@", "titles_@")


def on_side(side: str, statement: str) -> str:
    """A statement for one side. Sides are our own letters, never input."""
    return statement.replace("@", side)


def connect(path: Path, *, writing: bool) -> sqlite3.Connection:
    """A connection for one thread at a time, in autocommit: transactions are explicit."""
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        _configure(connection, writing=writing)
    except BaseException:
        connection.close()
        raise
    return connection


def _configure(connection: sqlite3.Connection, *, writing: bool) -> None:
    write_ahead.keep(connection, patience_s=BUSY_SECONDS)
    # The index can be made again; what a power cut takes of it, the sweeper brings back.
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute(f"PRAGMA cache_size=-{CACHE_KIBIBYTES}")
    connection.execute(f"PRAGMA mmap_size={MAPPED_BYTES}")
    _prepare(connection)
    if not writing:
        connection.execute("PRAGMA query_only=ON")


@contextmanager
def transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    """`begin` is BEGIN for a snapshot to read, BEGIN IMMEDIATE to write."""
    connection.execute(begin)
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _format(connection: sqlite3.Connection) -> int:
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    return int(found)


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the tables where they are missing or of another format."""
    if _format(connection) == FORMAT:
        return
    with transaction(connection, "BEGIN IMMEDIATE"):
        # Another process may have been quicker.
        if _format(connection) == FORMAT:
            return
        for side in SIDES:
            drop(connection, side)
        connection.execute("DROP TABLE IF EXISTS state")
        connection.execute(_STATE)
        connection.execute("INSERT INTO state VALUES (1, 'a', NULL, NULL, 0)")
        create(connection, "a")
        connection.execute(f"PRAGMA user_version={FORMAT}")


def create(connection: sqlite3.Connection, side: str) -> None:
    for statement in _TABLES:
        connection.execute(on_side(side, statement))


def drop(connection: sqlite3.Connection, side: str) -> None:
    for name in _NAMES:
        connection.execute(on_side(side, "DROP TABLE IF EXISTS " + name))


@dataclass(frozen=True, slots=True)
class State:
    """Which side answers, which is being built by whom, and the number of the last change."""

    active: str
    building: str | None
    build: str | None
    sequence: int


def read_state(connection: sqlite3.Connection) -> State:
    row = connection.execute("SELECT active, building, build, sequence FROM state").fetchone()
    return State(*row)


def versions(
    connection: sqlite3.Connection, after: int | None, limit: int
) -> list[tuple[int, int]]:
    """The next ids with their versions, by id."""
    with transaction(connection, "BEGIN"):
        statement = (
            "SELECT id, version FROM documents_@ WHERE NOT deleted AND (? IS NULL OR id > ?)"
            " ORDER BY id LIMIT ?"
        )
        side = read_state(connection).active
        return connection.execute(on_side(side, statement), (after, after, limit)).fetchall()
