"""Migrations: they make what the models say, once, whoever runs them."""

from __future__ import annotations

import multiprocessing
import re
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Column, Integer, MetaData, Table, inspect, text

from tests.databases import Databases, opened
from tests.waiting import LIMIT_S
from tongke.classes import plan_models
from tongke.library import models as library_models
from tongke.observation import models as observation_models
from tongke.people import models as people_models
from tongke.storage import migrate
from tongke.storage.database import Base, Database

# Alembic says that it passes over `ux_role`: that is why a test here compares more than it does.
pytestmark = [
    pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified"),
    pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index"),
]

TABLES = {
    people_models.Account.__tablename__,
    library_models.Resource.__tablename__,
    plan_models.Notice.__tablename__,
    observation_models.Observation.__tablename__,
}


@pytest.fixture
def url(databases: Databases) -> str:
    return databases.empty()


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    with opened(url) as found:
        yield found


def schema(database: Database) -> dict[str, set[str]]:
    """Tables with their columns, and every index in its own words, as the database keeps them."""
    return _schema_of_sqlite(database) if database.is_sqlite else _schema_of_postgres(database)


# Constraints go by other names where Alembic made them; what they demand is in their indexes and
# in what Alembic compares.
POSTGRES_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, o.collname,
    pg_get_expr(d.adbin, d.adrelid), s.seqtypid::regtype::text
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_collation o ON o.oid = a.attcollation
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
LEFT JOIN pg_sequence s ON s.seqrelid = pg_get_serial_sequence(c.relname, a.attname)::regclass
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    AND c.relname <> 'alembic_version'
"""
POSTGRES_INDEXES = """
SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
"""


def _schema_of_postgres(database: Database) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    with database.engine.connect() as connection:
        for table, *column in connection.execute(text(POSTGRES_COLUMNS)):
            found.setdefault(table, set()).add(str(column))
        found["indexes"] = set(connection.scalars(text(POSTGRES_INDEXES)))
    return found


def _schema_of_sqlite(database: Database) -> dict[str, set[str]]:
    with database.engine.connect() as connection:
        tables = [
            name
            for (name,) in connection.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'table'")
            )
            if name != "alembic_version"
        ]
        found = {
            name: {
                str(tuple(row)[1:])
                for row in connection.execute(text(f"PRAGMA table_info({name})"))
            }
            for name in tables
        }
        indexes = connection.execute(
            text("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        )
        found["indexes"] = {" ".join(sql.replace('"', "").split()) for (sql,) in indexes}
        return found


def test_a_fresh_installation_has_what_the_models_say(database: Database) -> None:
    migrate.upgrade(database)
    assert migrate.current(database) == migrate.head()
    assert migrate.differences(database) == []


def test_migrations_leave_nothing_out_that_alembic_does_not_compare(
    database: Database, databases: Databases
) -> None:
    """Indexes on expressions above all."""
    migrate.upgrade(database)
    with opened(databases.empty()) as made:
        Base.metadata.create_all(made.engine)
        expected = schema(made)
    assert expected.keys() >= TABLES
    assert any("ux_role" in index for index in expected["indexes"])
    assert schema(database) == expected


def test_doing_it_again_changes_nothing(database: Database) -> None:
    migrate.upgrade(database)
    before = changes(database)
    migrate.upgrade(database)
    assert changes(database) == before


def changes(database: Database) -> object:
    """Something that every change of the schema changes."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            return connection.execute(text("PRAGMA schema_version")).scalar()
        # The transactions that wrote the rows of the catalogue of tables.
        return connection.execute(text("SELECT max(xmin::text::bigint) FROM pg_class")).scalar()


def upgrade_in_another_process(url: str, start: Any) -> None:
    start.wait()
    with opened(url) as database:
        migrate.upgrade(database)


def test_two_processes_at_once(database: Database, url: str) -> None:
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(2)
    both = [context.Process(target=upgrade_in_another_process, args=(url, start)) for _ in "ab"]
    for process in both:
        process.start()
    for process in both:
        process.join(LIMIT_S)
    assert [process.exitcode for process in both] == [0, 0]
    assert migrate.current(database) == migrate.head()
    assert migrate.differences(database) == []


def test_who_comes_second_to_a_new_file_waits(tmp_path: Path) -> None:
    """SQLite itself would not: it refuses to change the journal at once."""
    first = sqlite3.connect(tmp_path / "new.db", isolation_level=None, check_same_thread=False)
    first.execute("BEGIN IMMEDIATE")
    first.execute("CREATE TABLE early (id INTEGER)")
    release = threading.Timer(0.3, first.execute, ["COMMIT"])
    release.start()
    with (
        closing(first),
        opened(f"sqlite:///{tmp_path}/new.db") as second,
        second.engine.connect() as connection,
    ):
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert inspect(connection).has_table("early")
    release.join()


def test_a_new_migration_has_what_the_models_say_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(migrate.MIGRATIONS, tmp_path / "migrations")
    monkeypatch.setattr(migrate, "MIGRATIONS", tmp_path / "migrations")
    metadata = MetaData()
    for table in Base.metadata.tables.values():
        table.to_metadata(metadata)
    Table("novelty", metadata, Column("id", Integer, primary_key=True))
    monkeypatch.setattr(Base, "metadata", metadata)
    migrate.revision("a novelty")
    (written,) = (tmp_path / "migrations" / "versions").glob("*_a_novelty.py")
    created = re.findall(r"create_table\(\s*['\"](\w+)", written.read_text("utf-8"))
    assert created == ["novelty"]


def test_the_way_back_leaves_nothing(database: Database) -> None:
    migrate.upgrade(database)
    with database.engine.begin() as connection:
        command.downgrade(migrate._config(connection), "base")
    with database.engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
