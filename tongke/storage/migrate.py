"""Brings a database to the schema of this version.

Safe to run by several processes at once: the first holds SQLite's write lock or, on PostgreSQL,
an advisory lock while it migrates; the others wait and then find nothing to do.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import SAWarning

from tongke.storage.database import Base, Database

# Of PostgreSQL's advisory locks, the one that who migrates holds ("tongke" in ASCII).
MIGRATION_LOCK = 0x746F6E676B65

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(database: Database, revision: str = "head") -> None:
    """Apply what is missing up to a revision; nothing where nothing is."""
    with _sole(database) as connection:
        command.upgrade(_config(connection), revision)


def knows(revision: str) -> bool:
    """Whether a revision is one of this version's, or older."""
    return any(each.revision == revision for each in _scripts().walk_revisions())


def clear(database: Database) -> None:
    """Remove every table, with whatever it holds: to begin anew at another revision."""
    with _sole(database) as connection:
        there = MetaData()
        with warnings.catch_warnings():
            # An index that cannot be read goes with its table.
            warnings.simplefilter("ignore", SAWarning)
            there.reflect(connection)
        there.drop_all(connection)


@contextmanager
def _sole(database: Database) -> Iterator[Connection]:
    """A transaction in which nobody else migrates. On PostgreSQL it is not serializable: who
    waited must see what the one before it did."""
    if database.is_sqlite:
        with database.engine.execution_options(**database.writing).begin() as connection:
            yield connection
        return
    with database.engine.begin() as connection:
        # Filling an index of a province's library takes as long as it takes.
        for limit in ("statement_timeout", "lock_timeout"):
            connection.execute(text(f"SET LOCAL {limit} = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        yield connection


def revision(message: str) -> None:
    """Write a migration from this version's tables to what the models say (`make migration`).

    The models have to be imported before; what was written has to be read, and often mended.
    """
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/tongke.db")
        upgrade(database)
        with database.engine.begin() as connection:
            command.revision(_config(connection), message, autogenerate=True)
        database.engine.dispose()


def current(database: Database) -> str | None:
    """The revision the database is at; None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """The revision this version of the code needs."""
    return _scripts().get_current_head()


def differences(database: Database) -> list[Any]:
    """What the models say and the tables do not; empty when the migrations are complete."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        found: list[Any] = compare_metadata(context, Base.metadata)
        return found


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
