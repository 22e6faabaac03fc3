"""From the parts of one machine to those of many: objects, rows, and at the end a comparison.

The service stands still meanwhile; nothing of the old installation is changed. The rows go last and
in one transaction. Interrupted and begun again, it goes on with the objects that are missing; when
the rows are there already, they must be the same.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy import Connection

from tongke.archive import contents, tables
from tongke.archive.contents import Copied, OnObject
from tongke.archive.errors import NotTheSame, TargetInUse
from tongke.archive.tables import Tally
from tongke.storage import migrate
from tongke.storage.database import Database
from tongke.storage.objects.port import (
    AppendableObjects,
    ObjectStore,
    ReadableUnfinished,
)


@dataclass(frozen=True)
class Place:
    """An installation's parts, as far as they are moved. `unfinished` is None where a store cannot
    read what is still growing: those uploads begin anew."""

    database: Database
    objects: ObjectStore
    appendable: AppendableObjects
    unfinished: ReadableUnfinished | None = None


async def move_objects(
    source: Place, target: Place, on_object: OnObject | None = None
) -> tuple[Copied, int]:
    """Copy what the target has not; what there is, and how many unfinished uploads."""
    copied = await contents.copy_all(source.objects, target.objects, on_object)
    return copied, await _move_unfinished(source, target)


async def _move_unfinished(source: Place, target: Place) -> int:
    """Uploads that are under way go on at their byte."""
    moved = 0
    if source.unfinished is None:
        return moved
    async for info in source.appendable.pending():
        if await contents.size_of(target.objects, info.key) is None:
            await target.appendable.create(info.key)
            at = await target.appendable.size(info.key)
            rest = source.unfinished.read_unfinished(info.key, at)
            await target.appendable.append(info.key, at, rest)
        moved += 1
    return moved


async def move_rows(source: Database, target: Database) -> dict[str, Tally]:
    """Copy every row; what each table holds.

    Raises:
        TargetInUse: the target holds rows, and they are others.
    """
    return await asyncio.to_thread(_move_rows, source, target)


def _move_rows(source: Database, target: Database) -> dict[str, Tally]:
    migrate.upgrade(target)
    with tables.snapshot(source) as reading:
        with tables.snapshot(target) as connection:
            filled = tables.first_filled(connection)
            if filled is not None:
                return _moved_before(reading, connection, filled)
        writing = target.engine.execution_options(**target.writing)
        with writing.begin() as connection:
            tables.unhurried(connection)
            found = {
                table.name: tables.load(
                    connection,
                    table.name,
                    tables.columns(connection, table.name, table.columns.keys()),
                    tables.lines(reading, table),
                )
                for table in tables.tables()
            }
            tables.set_last_numbers(connection, tables.last_numbers(reading))
        return found


def _moved_before(
    source: Connection, target: Connection, filled: tuple[str, int]
) -> dict[str, Tally]:
    found = tables.tallies(source)
    if tables.tallies(target) != found:
        raise TargetInUse(table=filled[0], rows=filled[1])
    return found


async def compare(source: Place, target: Place) -> None:
    """Read both installations whole. Raises `NotTheSame`, naming the first thing that differs."""
    if (key := await contents.first_difference(source.objects, target.objects)) is not None:
        raise NotTheSame(what=key)
    table = await asyncio.to_thread(_first_differing_table, source.database, target.database)
    if table is not None:
        raise NotTheSame(what=table)


def _first_differing_table(source: Database, target: Database) -> str | None:
    with tables.snapshot(source) as here, tables.snapshot(target) as there:
        for table in tables.tables():
            if tables.tally(here, table) != tables.tally(there, table):
                return table.name
    return None
