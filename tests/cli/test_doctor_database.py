"""The doctor says of a database what it is, what it does not let us do, and what to do there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from tests.cli.conftest import Run
from tests.cli.test_doctor import checked, wrong
from tests.databases import POSTGRESQL, SQLITE, opened
from tongke import clock
from tongke.storage.database import Database

DATABASES = [SQLITE, POSTGRESQL]
SMALL = "small"


@pytest.fixture
def migrated(run: Run) -> Run:
    assert run("migrate").exit_code == 0
    return run


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with opened(database_url) as found:
        yield found


@pytest.fixture
def owner(migrated: Run, database_url: str) -> Iterator[psycopg.Connection]:
    """A line of who may do everything on a PostgreSQL."""
    if database_url.startswith("sqlite"):
        pytest.skip("a file has no users")
    with psycopg.connect(database_url, autocommit=True) as line:
        yield line


@pytest.fixture
def small(owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Of the installation's database only what a cautious administrator might grant."""
    owner.execute(f"CREATE ROLE {SMALL} LOGIN")
    rights = "SELECT, INSERT, UPDATE, DELETE"
    owner.execute(f"GRANT {rights} ON ALL TABLES IN SCHEMA public TO {SMALL}")
    there = owner.info
    url = f"postgresql://{SMALL}@{there.host}:{there.port}/{there.dbname}"
    monkeypatch.setenv("TONGKE_DATABASE_URL", url)
    yield url
    owner.execute(f"DROP OWNED BY {SMALL}")
    owner.execute(f"DROP ROLE {SMALL}")


@pytest.mark.parametrize("setting", [None, "1000"])
def test_a_server_says_its_version_and_its_connections(
    migrated: Run, database: Database, monkeypatch: pytest.MonkeyPatch, setting: str | None
) -> None:
    if database.is_sqlite:
        pytest.skip("a file has neither")
    if setting:
        monkeypatch.setenv("TONGKE_DATABASE_POOL", setting)
    checks = checked(migrated)
    assert re.fullmatch(
        r"PostgreSQL [\d.]+, \w+, \d+ of 200 connections", checks["database"]["seen"]
    )
    assert wrong(checks) == ({"database"} if setting else set())


def test_a_damaged_database_is_found(migrated: Run, database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL lets nobody past its references")
    with database.engine.connect() as line:
        line.exec_driver_sql("COMMIT")
        line.exec_driver_sql("PRAGMA foreign_keys=OFF")
        line.exec_driver_sql("INSERT INTO role (account_id, name) VALUES (77, 'teacher')")
    checks = checked(migrated)
    assert wrong(checks) == {"database"}
    assert "role -> account" in checks["database"]["seen"]


def test_a_database_of_another_version_is_said_to_be_behind_ahead_or_empty(
    run: Run, database_url: str, folder: Path
) -> None:
    folder.mkdir()
    (folder / "tongke.db").touch()
    assert "no tables yet" in checked(run)["database"]["seen"]
    run("migrate")
    for revision, seen, remedy in (
        ("0001", "At schema 0001", "Run tongke migrate"),
        ("9999", "A newer version", "Run that version"),
    ):
        with opened(database_url) as database, database.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
        found = checked(run)["database"]
        assert found["state"] == "wrong"
        assert found["seen"].startswith(seen)
        assert found["remedy"].startswith(remedy)


def test_a_file_says_which_sqlite_reads_it(migrated: Run, database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("a server says its own")
    assert re.fullmatch(r"SQLite 3\.[\d.]+, \w+", checked(migrated)["database"]["seen"])


def test_a_file_that_cannot_be_written_is_found(
    migrated: Run, database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not database.is_sqlite:
        pytest.skip("a server has rights instead")
    # Not by the file's mode, which says nothing to root.
    read_only = f"sqlite:///file:{folder / 'tongke.db'}?mode=ro&uri=true"
    monkeypatch.setenv("TONGKE_DATABASE_URL", read_only)
    found = checked(migrated)["database"]
    assert "cannot be written" in found["seen"]
    assert "tongke.db*" in found["remedy"]


def test_the_trial_leaves_nothing(migrated: Run, database: Database) -> None:
    assert checked(migrated)["database"]["state"] == "ok"
    with database.engine.connect() as line, pytest.raises(Exception, match="tongke_doctor"):
        line.execute(text("SELECT * FROM tongke_doctor"))


def test_a_user_that_may_not_make_tables_is_found(migrated: Run, small: str) -> None:
    """A migration would end on it in the middle of an upgrade."""
    found = checked(migrated)["database"]
    assert found["state"] == "wrong"
    assert "permission denied for schema public" in found["seen"]
    assert "OWNER TO" in found["remedy"]


def test_a_user_that_does_not_own_the_tables_is_found(
    migrated: Run, small: str, owner: psycopg.Connection
) -> None:
    owner.execute(f"GRANT CREATE ON SCHEMA public TO {SMALL}")
    found = checked(migrated)["database"]
    assert found["state"] == "wrong"
    assert "account, agreement, alembic_version" in found["seen"]
    tables = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    for (table,) in tables:
        owner.execute(f"ALTER TABLE {table} OWNER TO {SMALL}")
    assert checked(migrated)["database"]["state"] == "ok"
    owner.execute(f"REVOKE INSERT ON resource FROM {SMALL}")
    found = checked(migrated)["database"]
    assert found["seen"].endswith("to be done: resource")


def test_a_user_that_may_not_even_read_is_told_the_same(
    migrated: Run, small: str, owner: psycopg.Connection
) -> None:
    owner.execute(f"REVOKE ALL ON alembic_version FROM {SMALL}")
    assert "permission denied for table alembic_version" in checked(migrated)["database"]["seen"]


def test_a_server_that_is_for_reading_only_is_found(
    migrated: Run, owner: psycopg.Connection
) -> None:
    """As a standby is."""
    owner.execute(f"ALTER DATABASE {owner.info.dbname} SET default_transaction_read_only = on")
    found = checked(migrated)["database"]
    assert "for reading only" in found["seen"]
    assert "primary" in found["remedy"]


def test_a_servers_clock_that_differs_from_ours_is_found(
    migrated: Run, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(minutes=1))
    checks = checked(migrated)
    assert wrong(checks) == {"database"}
    assert checks["database"]["seen"].endswith("its clock is off by -60 s")
    assert "NTP" in checks["database"]["remedy"]
