"""Brings a database to the schema of this version.

Safe to run by several processes at once: the first holds the database's write lock while it
migrates, the others wait and then find nothing to do.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from tongke.storage.database import WRITING, Base, Database

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(database: Database) -> None:
    """Apply what is missing; nothing where nothing is."""
    engine = database.engine.execution_options(**{WRITING: True})
    with engine.begin() as connection:
        command.upgrade(_config(connection), "head")


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
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def differences(database: Database) -> list[Any]:
    """What the models say and the tables do not; empty when the migrations are complete."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        found: list[Any] = compare_metadata(context, Base.metadata)
        return found


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
