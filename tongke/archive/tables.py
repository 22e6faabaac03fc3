"""All rows of a database as lines of text, and back, whichever database it is.

A row is a JSON array of its values in the order of the table's columns, so that SQLite and
PostgreSQL give the same line for the same row. A table's digest does not depend on the order of its
rows (databases sort text differently): it is the sum of the lines' SHA-256, modulo 2^256.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnClause,
    Connection,
    Date,
    DateTime,
    Select,
    Table,
    TableClause,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.types import TypeEngine

# Every table is known to whoever copies all of them.
from tongke.classes import plan_models as _plan  # noqa: F401
from tongke.library import models as _library  # noqa: F401
from tongke.observation import models as _observation  # noqa: F401
from tongke.storage.database import Base, Database, UtcDateTime

# Rows in memory at a time; a resource's text may be a megabyte.
BATCH_ROWS = 200
# Alembic's own: says the schema's revision.
VERSION_TABLE = "alembic_version"
_MODULUS = 2**256

Row = dict[str, Any]


@dataclass(frozen=True)
class Tally:
    """What a table holds: how many rows, and the digest of all of them (hexadecimal)."""

    rows: int
    digest: str


class Count:
    """A tally that is being made, line by line."""

    def __init__(self) -> None:
        self._rows = 0
        self._sum = 0

    def add(self, line: str) -> str:
        self._rows += 1
        value = int.from_bytes(hashlib.sha256(line.encode()).digest())
        self._sum = (self._sum + value) % _MODULUS
        return line

    @property
    def tally(self) -> Tally:
        return Tally(self._rows, f"{self._sum:064x}")


def tables() -> list[Table]:
    """Every table, those that others point to first."""
    return list(Base.metadata.sorted_tables)


def snapshot(database: Database) -> Connection:
    """A connection that sees the database as of one moment, whatever is written meanwhile."""
    return unhurried(database.engine.connect().execution_options(**database.reading))


def unhurried(connection: Connection) -> Connection:
    """Let this transaction stand still while the other side of a copy is read or written: a
    server ends those of the service that do."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    return connection


def columns(connection: Connection, table: str, named: Sequence[str]) -> list[ColumnClause[Any]]:
    """The columns of a backup's rows, in the order of their values.

    A table may have been given more since, or have lost some. Backups of before say no names: it
    is then the order of this version, without what the table did not have yet. (Not the order that
    the database has them in: what a migration adds comes last there, and in a row where the model
    says.) What this version knows no more has the type that the database tells.
    """
    kept = Base.metadata.tables.get(table)
    there = {found["name"]: found["type"] for found in inspect(connection).get_columns(table)}
    known = {} if kept is None else {one.name: one.type for one in kept.columns}
    names = [name for name in named or known if name in there]
    return [ColumnClause(name, known.get(name, there[name])) for name in names]


def lines(connection: Connection, table: Table) -> Iterator[str]:
    """Every row as a line without its end; those that others of the same table point to first."""
    yield from _lines(connection, select(table).order_by(*table.primary_key.columns))


def _lines(connection: Connection, asked: Select[Any]) -> Iterator[str]:
    for row in connection.execution_options(yield_per=BATCH_ROWS).execute(asked):
        yield json.dumps([_plain(value) for value in row], ensure_ascii=False, sort_keys=True)


def load(
    connection: Connection, name: str, held: Sequence[ColumnClause[Any]], found: Iterable[str]
) -> Tally:
    """Insert the rows of these lines, which hold these columns; what they were.

    Raises:
        ValueError: a line holds more or fewer.
    """
    # Of these columns alone: what the table has besides gets its default.
    target = TableClause(name, *held)
    count = Count()
    rows = (_row(held, count.add(line)) for line in found)
    while batch := list(islice(rows, BATCH_ROWS)):
        connection.execute(insert(target), batch)
    return count.tally


def tally(connection: Connection, table: Table) -> Tally:
    """What a table holds now."""
    return _counted(lines(connection, table))


def tally_of(connection: Connection, name: str, held: Sequence[ColumnClause[Any]]) -> Tally:
    """What a table holds now of these columns, as `load` would tell of the same rows."""
    return _counted(_lines(connection, select(TableClause(name, *held))))


def _counted(found: Iterable[str]) -> Tally:
    count = Count()
    for line in found:
        count.add(line)
    return count.tally


def tallies(connection: Connection) -> dict[str, Tally]:
    return {table.name: tally(connection, table) for table in tables()}


def first_filled(connection: Connection) -> tuple[str, int] | None:
    """A table that holds something, and how many rows; None for an empty database."""
    there = set(inspect(connection).get_table_names())
    for table in tables():
        if table.name not in there:
            continue
        rows = connection.execute(select(func.count()).select_from(table)).scalar_one()
        if rows:
            return table.name, rows
    return None


def first_of_others(connection: Connection) -> tuple[str, int] | None:
    """A table that is none of this version's, and how many rows; None where there is none."""
    known = {VERSION_TABLE, *(table.name for table in tables())}
    for name in sorted(set(inspect(connection).get_table_names()) - known):
        asked = select(func.count()).select_from(TableClause(name))
        return name, connection.execute(asked).scalar_one()
    return None


def in_order(connection: Connection) -> list[str]:
    """The tables that the database has, those that others point to first."""
    found = inspect(connection).get_sorted_table_and_fkc_names()
    return [name for name, _ in found if name is not None]


def last_numbers(connection: Connection) -> dict[str, int]:
    """The greatest number that each numbered table ever gave, that of a deleted row included:
    numbers stand in tokens and addresses, so none may be given twice."""
    return {table.name: _last_number(connection, table) for table in _numbered()}


def set_last_numbers(connection: Connection, numbers: dict[str, int]) -> None:
    """Let the numbers go on after these."""
    for table in _numbered():
        if last := numbers.get(table.name, 0):
            _set_last_number(connection, table, last)


def _numbered() -> list[Table]:
    return [table for table in tables() if table.autoincrement_column is not None]


def _last_number(connection: Connection, table: Table) -> int:
    column = table.autoincrement_column
    assert column is not None, "only of numbered tables"
    greatest = connection.execute(select(func.max(column))).scalar() or 0
    if connection.dialect.name == "sqlite":
        given = _remembered_by_sqlite(connection, table)
    else:
        given = connection.execute(
            text("SELECT pg_sequence_last_value(pg_get_serial_sequence(:table, :column))"),
            {"table": table.name, "column": column.name},
        ).scalar()
    return max(greatest, given or 0)


def _remembered_by_sqlite(connection: Connection, table: Table) -> int | None:
    """Only a table that must not reuse its numbers is remembered there."""
    if not table.dialect_options["sqlite"]["autoincrement"]:
        return None
    asked = text("SELECT seq FROM sqlite_sequence WHERE name = :table")
    given: int | None = connection.execute(asked, {"table": table.name}).scalar()
    return given


def _set_last_number(connection: Connection, table: Table, last: int) -> None:
    column = table.autoincrement_column
    assert column is not None, "only of numbered tables"
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)"),
            {"table": table.name, "column": column.name, "last": last},
        )
    elif table.dialect_options["sqlite"]["autoincrement"]:
        values = {"table": table.name, "last": last}
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :table"), values)
        connection.execute(text("INSERT INTO sqlite_sequence VALUES (:table, :last)"), values)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _row(held: Sequence[ColumnClause[Any]], line: str) -> Row:
    pairs = zip(held, json.loads(line), strict=True)
    return {one.name: _typed(one.type, value) for one, value in pairs}


def _typed(kind: TypeEngine[Any], value: Any) -> Any:
    """What `_plain` made of it, as it was."""
    if value is None:
        return None
    if isinstance(kind, UtcDateTime | DateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value
