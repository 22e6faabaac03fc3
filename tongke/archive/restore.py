"""An installation brought back from a backup, on whatever parts the settings name.

The objects come first, the rows last and in one transaction: an installation that has rows is
whole. What was interrupted is begun again, and goes on with the objects that are missing; rows that
are there already must be those of the backup, and what comes after them is done.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnClause, Connection

from tongke.archive import tables
from tongke.archive.contents import OnObject, in_turns, size_of
from tongke.archive.errors import BackupTooNew, DamagedBackup, NoBackup, TargetInUse
from tongke.archive.folder import BackupFolder, KeptObject, Manifest
from tongke.storage import migrate
from tongke.storage.database import Database
from tongke.storage.objects.errors import ObjectMissing
from tongke.storage.objects.port import ObjectStore


@dataclass(frozen=True)
class Restored:
    """The backup that was brought back."""

    name: str
    manifest: Manifest


async def restore(
    database: Database,
    objects: ObjectStore,
    folder: BackupFolder,
    name: str | None = None,
    on_object: OnObject | None = None,
) -> Restored:
    """Bring a backup back into an empty installation; without a name the newest.

    Raises:
        NoBackup, BackupTooNew, DamagedBackup, BackupUnderWay.
        TargetInUse: the database holds other rows than the backup, or would have to be cleared of
            what others keep there.
    """
    with folder.held(alone=False):
        return await _restore(database, objects, folder, name, on_object)


async def newest(folder: BackupFolder) -> str:
    """The name of the newest backup. Raises `NoBackup`."""
    names = await folder.names()
    if not names:
        raise NoBackup(place=folder.root)
    return names[-1]


async def _restore(
    database: Database,
    objects: ObjectStore,
    folder: BackupFolder,
    name: str | None,
    on_object: OnObject | None,
) -> Restored:
    name = name or await newest(folder)
    manifest = await folder.manifest(name)
    if not migrate.knows(manifest.revision):
        raise BackupTooNew(name=name, revision=manifest.revision)
    await asyncio.to_thread(_has_its_rows, database, manifest)
    kept = await folder.objects(name)
    if len(kept) != manifest.objects:
        raise DamagedBackup(what=f"{len(kept)} of {manifest.objects} objects are listed")
    await _restore_objects(objects, folder, kept, on_object)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        for table in manifest.tables:
            await _fetch(folder, name, table, place)
        await asyncio.to_thread(_restore_rows, database, folder, manifest, place)
    return Restored(name, manifest)


def _has_its_rows(database: Database, manifest: Manifest) -> bool:
    """Whether the rows of the backup are there already, as after a cut; not where there are none.

    Raises:
        TargetInUse.
    """
    current = migrate.current(database)
    if current is None:
        return False
    with tables.snapshot(database) as connection:
        filled = tables.first_filled(connection)
        if filled is not None and _holds(connection, manifest):
            return True
        # Those of another revision will go, all of them: they must be ours.
        if filled is None and current != manifest.revision:
            filled = tables.first_of_others(connection)
    if filled is not None:
        raise TargetInUse(table=filled[0], rows=filled[1])
    return False


def _holds(connection: Connection, manifest: Manifest) -> bool:
    """Whether the tables say what they said in the backup; what a migration has added since is not
    looked at, and what one has changed is another."""
    there = set(tables.in_order(connection))
    return manifest.tables.keys() <= there and all(
        tables.tally_of(connection, name, _columns(connection, name, manifest)) == tally
        for name, tally in manifest.tables.items()
    )


def _columns(connection: Connection, name: str, manifest: Manifest) -> list[ColumnClause[Any]]:
    return tables.columns(connection, name, manifest.columns.get(name, ()))


async def _fetch(folder: BackupFolder, name: str, table: str, place: Path) -> None:
    try:
        await folder.fetch(name, table, place / table)
    except ObjectMissing as error:
        raise DamagedBackup(what=table) from error


async def _restore_objects(
    objects: ObjectStore,
    folder: BackupFolder,
    kept: list[KeptObject],
    on_object: OnObject | None,
) -> None:
    async def bring(one: KeptObject) -> int:
        if await size_of(objects, one.key) != one.size:
            await objects.put(one.key, _checked(folder, one), one.content_type)
        return one.size

    done = size = 0
    async for brought in in_turns(_each(kept), bring):
        done += 1
        size += brought
        if on_object:
            on_object(done, size)


async def _checked(folder: BackupFolder, one: KeptObject) -> AsyncIterator[bytes]:
    """The bytes of an object; fails before the last of them is taken when they are not those."""
    found = hashlib.sha256()
    try:
        async for chunk in folder.blob(one.sha256):
            found.update(chunk)
            yield chunk
    except ObjectMissing as error:
        raise DamagedBackup(what=one.key) from error
    if found.hexdigest() != one.sha256:
        raise DamagedBackup(what=one.key)


async def _each(kept: list[KeptObject]) -> AsyncIterator[KeptObject]:
    for one in kept:
        yield one


def _restore_rows(
    database: Database, folder: BackupFolder, manifest: Manifest, place: Path
) -> None:
    """At the schema that they had, and then on to this version's."""
    if _has_its_rows(database, manifest):
        migrate.upgrade(database)
        return
    if migrate.current(database) not in {None, manifest.revision}:
        migrate.clear(database)
    migrate.upgrade(database, manifest.revision)
    with database.engine.execution_options(**database.writing).begin() as connection:
        tables.unhurried(connection)
        for name in _in_order(connection, manifest):
            held = _columns(connection, name, manifest)
            with folder.lines(place / name) as found:
                try:
                    loaded = tables.load(connection, name, held, found)
                except ValueError as error:
                    raise DamagedBackup(what=name) from error
            if loaded != manifest.tables[name]:
                raise DamagedBackup(what=name)
        tables.set_last_numbers(connection, manifest.last_numbers)
    migrate.upgrade(database)


def _in_order(connection: Connection, manifest: Manifest) -> list[str]:
    """The tables of a backup as its own schema has them, those that others point to first: this
    version may know some no more."""
    there = tables.in_order(connection)
    if unknown := manifest.tables.keys() - there:
        raise DamagedBackup(what=min(unknown))
    return [name for name in there if name in manifest.tables]
