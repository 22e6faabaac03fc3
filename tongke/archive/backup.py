"""A backup: all rows as of one moment, and every object they name.

The rows are read first, in one snapshot; the objects after it. What a row names was there when it
was read and is removed only after a grace of hours (the sweeper), so it is still there when its
bytes are copied. The service goes on meanwhile. What comes after the snapshot is not in the backup,
nor are the bytes of unfinished uploads, which their clients still have.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Table

from tongke import clock
from tongke.archive import tables
from tongke.archive.contents import OnObject, in_turns
from tongke.archive.folder import (
    OBJECTS,
    BackupFolder,
    KeptObject,
    Manifest,
    object_line,
    write_lines,
)
from tongke.archive.tables import Count, Tally
from tongke.storage import migrate
from tongke.storage.database import Database
from tongke.storage.objects.errors import ObjectMissing
from tongke.storage.objects.port import ObjectInfo, ObjectStore


@dataclass(frozen=True)
class Made:
    """A backup that was made: its name, its manifest, and how many older ones were removed."""

    name: str
    manifest: Manifest
    removed: int


async def make(
    database: Database,
    objects: ObjectStore,
    folder: BackupFolder,
    *,
    keep: int,
    on_object: OnObject | None = None,
) -> Made:
    """Make a backup, and keep so many of the newest.

    Raises:
        BackupUnderWay, BackupFolderFull, BackupFolderUnusable.
    """
    with folder.told(), folder.held(alone=True):
        await folder.clear()
        return await _make(database, objects, folder, keep, on_object)


async def _make(
    database: Database,
    objects: ObjectStore,
    folder: BackupFolder,
    keep: int,
    on_object: OnObject | None,
) -> Made:
    made_at = clock.now()
    name = made_at.strftime("%Y%m%dT%H%M%S.%fZ")
    before = await _known(folder)
    with folder.scratch() as place:
        found, last_numbers, revision = await asyncio.to_thread(_write_tables, database, place)
        kept = await _keep_objects(objects, folder, before, on_object)
        await asyncio.to_thread(write_lines, place / OBJECTS, map(object_line, kept))
        for part in (*found, OBJECTS):
            await folder.keep_lines(name, part, place / part)
    manifest = Manifest(
        made_at.isoformat(),
        revision,
        found,
        last_numbers,
        objects=len(kept),
        bytes=sum(one.size for one in kept),
        columns={table.name: table.columns.keys() for table in tables.tables()},
    )
    await folder.finish(name, manifest)
    return Made(name, manifest, await folder.keep_newest(keep))


async def _known(folder: BackupFolder) -> dict[str, KeptObject]:
    """What the backup before has: what did not change is not read again."""
    names = await folder.names()
    return {kept.key: kept for kept in await folder.objects(names[-1])} if names else {}


def _write_tables(database: Database, place: Path) -> tuple[dict[str, Tally], dict[str, int], str]:
    revision = migrate.current(database)
    assert revision is not None, "a migrated database"
    with tables.snapshot(database) as connection:
        found = {table.name: _write_table(connection, table, place) for table in tables.tables()}
        return found, tables.last_numbers(connection), revision


def _write_table(connection: Connection, table: Table, place: Path) -> Tally:
    count = Count()
    write_lines(place / table.name, map(count.add, tables.lines(connection, table)))
    return count.tally


async def _keep_objects(
    objects: ObjectStore,
    folder: BackupFolder,
    before: dict[str, KeptObject],
    on_object: OnObject | None,
) -> list[KeptObject]:
    async def keep(info: ObjectInfo) -> KeptObject | None:
        known = before.get(info.key)
        same = known is not None and (known.size, known.etag) == (info.size, info.etag)
        if known is not None and same and await folder.has_blob(known.sha256):
            return known
        try:
            sha256 = await folder.keep_blob(objects.read(info.key))
        except ObjectMissing:
            return None  # removed since it was listed: no row of the snapshot names it
        return KeptObject(info.key, info.size, info.etag, info.content_type, sha256)

    kept = []
    looked = size = 0
    async for one in in_turns(objects.list(), keep):
        looked += 1
        if one is not None:
            kept.append(one)
            size += one.size
        if on_object:
            on_object(looked, size)
    return kept
