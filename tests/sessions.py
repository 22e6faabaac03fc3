"""Sessions for tests that are not on an event loop.

The product goes through `Database.read` and `Database.write` alone. A test of a query function, of
threads that meet in a transaction, or of a command run as a process needs a `Session` in hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from tongke.storage.database import Database


@contextmanager
def reading(database: Database) -> Iterator[Session]:
    """A session that only reads."""
    engine = database.engine.execution_options(**database.reading)
    with Session(engine, expire_on_commit=False) as session:
        yield session


@contextmanager
def writing(database: Database) -> Iterator[Session]:
    """One transaction: commits when its block ends well, rolls back otherwise. Tells no hook."""
    engine = database.engine.execution_options(**database.writing)
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session
