"""From the parts of one machine to those of many: objects, rows, and at the end a comparison.

The service stands still meanwhile; nothing of the old installation is changed. The rows go last and
in one transaction. Interrupted and begun again, it goes on with the objects that are missing; when
the rows are there already, they must be the same.

Every installation has the same numbers, so the same keys: what another has at the target would be
overwritten. Before the first object the target has to be empty, or what this installation began
there: `claim` marks a store that was empty, and `release` takes the mark away at the end, when the
rows themselves say whose it is.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from tongke.archive import contents, tables
from tongke.archive.contents import Copied, OnObject
from tongke.archive.errors import NotTheSame, TargetInUse, TargetStoreInUse
from tongke.archive.tables import Tally
from tongke.library import keys
from tongke.people.models import Account
from tongke.storage import migrate
from tongke.storage.database import Database
from tongke.storage.objects.errors import ObjectMissing
from tongke.storage.objects.port import (
    AppendableObjects,
    ObjectStore,
    ReadableUnfinished,
    once,
)
from tongke.storage.objects.probe import PROBES


@dataclass(frozen=True)
class Place:
    """An installation's parts, as far as they are moved. `unfinished` is None where a store cannot
    read what is still growing: those uploads begin anew."""

    database: Database
    objects: ObjectStore
    appendable: AppendableObjects
    unfinished: ReadableUnfinished | None = None


async def claim(source: Place, target: Place) -> None:
    """Make sure that the target is empty, or holds what an earlier run of this move brought; mark
    it as ours. Nothing else may be written there before.

    Raises:
        TargetInUse: the database holds other rows.
        TargetStoreInUse: the store holds objects that this installation did not bring.
    """
    if await asyncio.to_thread(_has_our_rows, source.database, target.database):
        return
    ours = await source.database.read(_name)
    if await _mark(target.objects) == ours:
        return
    # A store may have been tried out, and a city without anything in it backed up.
    async for info in target.objects.list():
        if info.key != keys.LAST_BACKUP and not info.key.startswith(PROBES):
            raise TargetStoreInUse(key=info.key)
    await target.objects.delete(keys.LAST_BACKUP)
    await target.objects.put(keys.MOVED_FROM, once(ours), "text/plain")


async def release(target: Place) -> None:
    """Take the mark away: all is there, and the same."""
    await target.objects.delete(keys.MOVED_FROM)


def _has_our_rows(source: Database, target: Database) -> bool:
    with tables.snapshot(source) as reading:
        return _moved_before(reading, target) is not None


def _name(session: Session) -> bytes:
    """What tells an installation from every other, as long as it lives: the moment to which its
    first account was made, to the microsecond. Accounts are never deleted."""
    first = session.execute(select(Account.id, Account.created_at).order_by(Account.id)).first()
    said = "" if first is None else f"{first.id} {first.created_at.isoformat()}"
    return hashlib.sha256(said.encode()).hexdigest().encode()


async def _mark(objects: ObjectStore) -> bytes | None:
    try:
        return b"".join([chunk async for chunk in objects.read(keys.MOVED_FROM)])
    except ObjectMissing:
        return None


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
    with tables.snapshot(source) as reading:
        if (before := _moved_before(reading, target)) is not None:
            return before
        migrate.upgrade(target)
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


def _moved_before(source: Connection, target: Database) -> dict[str, Tally] | None:
    """What the target holds, when it is what the source does; None where it is empty.

    Raises:
        TargetInUse: it holds something else.
    """
    current = migrate.current(target)
    if current is None:
        return None
    with tables.snapshot(target) as there:
        filled = tables.first_filled(there)
        if filled is None:
            return None
        found = tables.tallies(source)
        # Of another version the rows are not ours: they come to this one before the first of them.
        if current != migrate.head() or tables.tallies(there) != found:
            raise TargetInUse(table=filled[0], rows=filled[1])
        return found


async def compare(source: Place, target: Place) -> None:
    """Read both installations whole. An object that differs is copied once more.

    Raises:
        NotTheSame: with the first thing that differs all the same.
    """
    if (key := await contents.mend(source.objects, target.objects)) is not None:
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
