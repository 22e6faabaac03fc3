"""A backup of an older schema, brought back by this version and by those to come."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import MetaData, Table, insert, inspect, select, text

from tests.archive.conftest import Installation, Make, backed_up, brought_back
from tongke.archive import tables
from tongke.archive.errors import DamagedBackup, TargetInUse
from tongke.archive.folder import BackupFolder, Manifest, write_lines
from tongke.library.models import OutboxEntry
from tongke.people.models import Account
from tongke.storage import migrate
from tongke.storage.database import Base, Database

# An index that is not reflected is made by its migration all the same.
pytestmark = pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")

LONG_AGO = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
NAME = "20260901T083000.000000Z"


@pytest.mark.parametrize("migrated", [False, True], ids=["without tables", "at this version"])
@pytest.mark.parametrize("named", [False, True], ids=["unnamed columns", "named columns"])
async def test_it_comes_back_and_is_brought_to_this_version(
    make: Make,
    kinds: tuple[str, str],
    folder: BackupFolder,
    monkeypatch: pytest.MonkeyPatch,
    named: bool,
    migrated: bool,
) -> None:
    """Columns that came since have what their migration gives the rows that are there."""
    old = make(kinds[0])
    migrate.upgrade(old.ground.database, "0003")
    found = tables_of(old.ground.database)
    sign_in(old.ground.database, found)
    with monkeypatch.context() as older:
        older.setattr(tables, "tables", lambda: found)
        made = await backed_up(old, folder)
    if not named:
        await folder.finish(made.name, replace(made.manifest, columns={}))
    back = make(kinds[1])
    if migrated:
        migrate.upgrade(back.ground.database)
    await brought_back(back, folder)
    assert migrate.current(back.ground.database) == migrate.head()
    account = await back.ground.database.read(
        lambda session: session.scalars(select(Account)).one()
    )
    assert (account.id, account.username, account.created_at) == (5, "zhou", LONG_AGO)
    assert (account.disabled_above, account.last_sign_in_at) == (False, LONG_AGO)
    # Begun again, as after a cut, its rows are known behind what the migrations added: by the names
    # of their columns.
    if named:
        await brought_back(back, folder)


async def test_one_that_was_cut_short_before_its_migration_goes_on(
    make: Make, kinds: tuple[str, str], folder: BackupFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = make(kinds[0])
    migrate.upgrade(old.ground.database, "0003")
    found = tables_of(old.ground.database)
    sign_in(old.ground.database, found)
    with monkeypatch.context() as older:
        older.setattr(tables, "tables", lambda: found)
        await backed_up(old, folder)
    back, upgrade = make(kinds[1]), migrate.upgrade

    def killed(database: Database, revision: str = "head") -> None:
        if revision == "head":
            raise ConnectionAbortedError
        upgrade(database, revision)

    with monkeypatch.context() as cut:
        cut.setattr(migrate, "upgrade", killed)
        with pytest.raises(ConnectionAbortedError):
            await brought_back(back, folder)
    assert migrate.current(back.ground.database) == "0003"
    await brought_back(back, folder)
    assert migrate.current(back.ground.database) == migrate.head()


def tables_of(database: Database) -> list[Table]:
    """The tables as the program of that revision has them."""
    found = MetaData()
    found.reflect(database.engine)
    held = [table for table in found.sorted_tables if table.name in Base.metadata.tables]
    for table in held:
        for column in table.columns:
            column.type = Base.metadata.tables[table.name].columns[column.name].type
    return held


def sign_in(database: Database, found: list[Table]) -> None:
    named = {table.name: table for table in found}
    account = {"id": 5, "username": "zhou", "name": "周老师", "created_at": LONG_AGO}
    session = {
        "token_hash": "0" * 64,
        "account_id": 5,
        "created_at": LONG_AGO,
        "expires_at": LONG_AGO,
        "address": "",
        "user_agent": "",
    }
    with database.engine.begin() as connection:
        connection.execute(insert(named["account"]).values(account))
        connection.execute(insert(named["login_session"]).values(session))


# As the models of revision 0005 had them, the last that made backups without names; in the
# database `deaths`, `touched_at` and `disabled_above` come last.
UNNAMED = {
    "account": "id username name password_hash language created_at disabled_at disabled_above"
    " last_sign_in_at",
    "job_step": "id job_id position name state percent attempts deaths started_at finished_at",
    "upload": "id account_id filename length fields metadata_header created_at expires_at"
    " touched_at resource_id",
}


@pytest.mark.parametrize("table", UNNAMED)
def test_unnamed_values_are_in_the_order_of_the_models_of_then(tmp_path: Path, table: str) -> None:
    """Only a digest would be right if they came into each other's columns."""
    database = Database(f"sqlite:///{tmp_path / 'tongke.db'}")
    migrate.upgrade(database, "0005")
    with database.engine.begin() as connection:
        held = [column.name for column in tables.columns(connection, table, ())]
    database.engine.dispose()
    assert held == UNNAMED[table].split()


BRINGS_A_TABLE = """
import sqlalchemy as sa
from alembic import op
from tongke.storage.database import UtcDateTime

revision, down_revision, branch_labels, depends_on = "9000", {head!r}, None, None

def upgrade():
    op.create_table("passing", sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("on_day", sa.Date), sa.Column("at", UtcDateTime(timezone=True)))
    with op.batch_alter_table("outbox") as outbox:
        outbox.add_column(sa.Column("passing_id", sa.Integer))
        outbox.create_foreign_key("of_passing", "passing", ["passing_id"], ["id"])
"""
TAKES_IT_AWAY = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9001", "9000", None, None

def upgrade():
    rows = op.get_bind().execute(sa.text("SELECT id, on_day, at FROM passing")).all()
    assert [str(value)[:10] for value in rows[0]] == ["7", "2026-09-02", "2026-09-01"], rows
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_constraint("of_passing", type_="foreignkey")
        outbox.drop_column("passing_id")
    op.drop_table("passing")
"""


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions that brought a table, and took it away again: the models know nothing of it."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.MIGRATIONS, folder)
    (folder / "versions" / "9000.py").write_text(BRINGS_A_TABLE.format(head=migrate.head()))
    (folder / "versions" / "9001.py").write_text(TAKES_IT_AWAY)
    monkeypatch.setattr(migrate, "MIGRATIONS", folder)


async def keep(folder: BackupFolder, rows: dict[str, dict[str, object]]) -> None:
    """A backup of revision 9000: of each table one row."""
    tallies = {}
    for name, row in [*rows.items(), ("objects", None)]:
        count = tables.Count()
        path = folder.root / name
        write_lines(path, [count.add(json.dumps(list(row.values())))] if row else [])
        await folder.keep_lines(NAME, name, path)
        path.unlink()
        if row:
            tallies[name] = count.tally
    columns = {name: list(row) for name, row in rows.items()}
    await folder.finish(NAME, Manifest(NAME, "9000", tallies, {}, 0, 0, columns))


OUTBOX: dict[str, object] = {
    "id": 3,
    "resource_id": 1,
    "created_at": LONG_AGO.isoformat(),
    "request_id": "",
    "passing_id": 7,
}
PASSING: dict[str, object] = {"id": 7, "on_day": "2026-09-02", "at": LONG_AGO.isoformat()}


@pytest.mark.usefixtures("later")
async def test_what_this_version_knows_no_more_is_brought_back_for_its_migrations(
    make: Make, kinds: tuple[str, str], folder: BackupFolder
) -> None:
    """Also a table that others point to, and times in it."""
    await keep(folder, {"outbox": OUTBOX, "passing": PASSING})
    back = make(kinds[1])
    await brought_back(back, folder)
    assert migrate.current(back.ground.database) == "9001"
    found = await back.ground.database.read(
        lambda session: session.scalars(select(OutboxEntry)).one()
    )
    assert (found.id, found.created_at) == (3, LONG_AGO)


@pytest.mark.usefixtures("later")
async def test_a_table_that_its_schema_has_not_is_damage(
    make: Make, kinds: tuple[str, str], folder: BackupFolder
) -> None:
    await keep(folder, {"passing": PASSING, "strange": PASSING})
    with pytest.raises(DamagedBackup, match="strange"):
        await brought_back(make(kinds[1]), folder)


async def test_what_another_program_keeps_in_the_database_is_left_alone(
    school: Installation, make: Make, kinds: tuple[str, str], folder: BackupFolder
) -> None:
    """Tables of another revision are removed and made anew: only ours."""
    made = await backed_up(school, folder)
    await folder.finish(made.name, replace(made.manifest, revision="0003"))
    back = make(kinds[1])
    migrate.upgrade(back.ground.database)
    with back.ground.database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE theirs (id INTEGER)"))
    with pytest.raises(TargetInUse, match="theirs"):
        await brought_back(back, folder)
    with back.ground.database.engine.connect() as connection:
        assert {"theirs", "account"} <= set(inspect(connection).get_table_names())
