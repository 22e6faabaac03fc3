"""What a backup brings back, and what it does not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.archive.conftest import Installation, Make, one
from tongke.archive import backup, restore, tables
from tongke.archive.errors import (
    BackupTooNew,
    BackupUnderWay,
    DamagedBackup,
    NoBackup,
    TargetInUse,
)
from tongke.archive.folder import BackupFolder, Manifest, write_lines
from tongke.people.models import Account
from tongke.storage import migrate


@pytest.fixture
def folder(tmp_path: Path) -> BackupFolder:
    place = tmp_path / "backups"
    place.mkdir()
    return BackupFolder(place)


async def backed_up(school: Installation, folder: BackupFolder, keep: int = 5) -> backup.Made:
    return await backup.make(school.ground.database, school.ground.objects, folder, keep=keep)


async def brought_back(
    target: Installation, folder: BackupFolder, name: str | None = None
) -> restore.Restored:
    return await restore.restore(target.ground.database, target.ground.objects, folder, name)


async def test_everything_comes_back_and_numbers_go_on(
    school: Installation, make: Make, kinds: tuple[str, str], folder: BackupFolder
) -> None:
    tallies, contents = school.tallies(), await school.contents()
    made = await backed_up(school, folder)
    assert made.manifest.objects == len(contents)
    back = make(kinds[1])
    await brought_back(back, folder)
    assert back.tallies() == tallies
    assert await back.contents() == contents
    # A number that was given once is never given again: it may stand in somebody's address.
    back.teacher = school.teacher
    assert await back.upload(b"new") == await school.upload(b"new") == 4


async def test_what_came_after_it_is_not_in_it_and_nothing_else_is_missing(
    school: Installation, make: Make, kinds: tuple[str, str], folder: BackupFolder
) -> None:
    before = await school.titles()
    await backed_up(school, folder)
    await school.upload(b"later", "后来的")
    back = make(kinds[1])
    await brought_back(back, folder)
    assert await back.titles() == before


async def test_a_second_backup_keeps_the_same_bytes_once(
    school: Installation, folder: BackupFolder
) -> None:
    await backed_up(school, folder)
    blobs = set((folder.root / "kept" / "blobs").rglob("*"))
    await backed_up(school, folder)
    assert set((folder.root / "kept" / "blobs").rglob("*")) == blobs
    assert len(await folder.names()) == 2


async def test_older_ones_go_and_the_bytes_that_only_they_had(
    school: Installation, make: Make, kinds: tuple[str, str], folder: BackupFolder
) -> None:
    objects = school.ground.objects
    await objects.put("resources/9/a9-1/only-then", one(b"only then"), "text/plain")
    await backed_up(school, folder)
    await objects.delete("resources/9/a9-1/only-then")
    made = await backed_up(school, folder, keep=1)
    assert made.removed == 1
    assert await folder.names() == [made.name]
    kept = {one.sha256 for one in await folder.objects(made.name)}
    blobs = (folder.root / "kept" / "blobs").rglob("*")
    assert {path.name for path in blobs if path.is_file()} == kept
    back = make(kinds[1])
    await brought_back(back, folder)
    assert await back.contents() == await school.contents()


async def test_one_that_was_cut_short_is_none(
    school: Installation, make: Make, kinds: tuple[str, str], folder: BackupFolder
) -> None:
    made = await backed_up(school, folder)
    (folder.root / "kept" / "backups" / made.name / "manifest.json").unlink()
    back = make(kinds[1])
    with pytest.raises(NoBackup):
        await brought_back(back, folder)
    with pytest.raises(NoBackup):
        await brought_back(back, folder, made.name)


async def test_bytes_that_changed_on_the_disk_are_found(
    school: Installation, make: Make, kinds: tuple[str, str], folder: BackupFolder
) -> None:
    await backed_up(school, folder)
    blobs = [path for path in (folder.root / "kept" / "blobs").rglob("*") if path.is_file()]
    largest = max(blobs, key=lambda path: path.stat().st_size)
    content = bytearray(largest.read_bytes())
    content[len(content) // 2] ^= 1
    largest.write_bytes(content)
    back = make(kinds[1])
    with pytest.raises(DamagedBackup):
        await brought_back(back, folder)


async def test_it_goes_on_where_it_was_interrupted_and_only_into_an_empty_place(
    school: Installation, make: Make, kinds: tuple[str, str], folder: BackupFolder
) -> None:
    made = await backed_up(school, folder)
    first, *_ = await folder.objects(made.name)
    back = make(kinds[1])
    # As after a cut: one object is whole, of another only a part is there.
    whole = b"".join([chunk async for chunk in folder.blob(first.sha256)])
    await back.ground.objects.put(first.key, one(whole[:7]), first.content_type)
    await brought_back(back, folder)
    assert await back.contents() == await school.contents()
    with pytest.raises(TargetInUse):
        await brought_back(back, folder)


@pytest.mark.parametrize(
    ("migrated", "names_columns"),
    [(False, False), (True, True)],
    ids=["empty, without names", "at this version, with names"],
)
async def test_one_of_an_older_schema_comes_back_and_is_brought_to_this_one(
    make: Make, kinds: tuple[str, str], folder: BackupFolder, migrated: bool, names_columns: bool
) -> None:
    """The columns that came since have their defaults."""
    old = make(kinds[0])
    migrate.upgrade(old.ground.database, "0003")
    await keep_old(old, folder, names_columns=names_columns)
    back = make(kinds[1])
    if migrated:
        migrate.upgrade(back.ground.database)
    await brought_back(back, folder)
    assert migrate.current(back.ground.database) == migrate.head()
    found = await back.ground.database.read(
        lambda session: [
            (account.username, account.disabled_above, account.created_at)
            for account in session.scalars(select(Account))
        ]
    )
    assert found == [("zhou", False, LONG_AGO)]


LONG_AGO = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)


async def keep_old(old: Installation, folder: BackupFolder, *, names_columns: bool) -> None:
    """The backup that a program of revision 0003 made: with its columns."""
    columns = ["id", "username", "name", "password_hash", "language", "created_at", "disabled_at"]
    line = json.dumps([5, "zhou", "周老师", None, None, LONG_AGO.isoformat(), None])
    count = tables.Count()
    path = folder.root / "account"
    write_lines(path, [count.add(line)])
    await folder.keep_lines("20260901T083000.000000Z", "account", path)
    write_lines(path, [])
    await folder.keep_lines("20260901T083000.000000Z", "objects", path)
    path.unlink()
    manifest = Manifest(
        LONG_AGO.isoformat(), "0003", {"account": count.tally}, {"account": 5}, 0, 0,
        {"account": columns} if names_columns else {},
    )  # fmt: skip
    await folder.finish("20260901T083000.000000Z", manifest)


async def test_one_of_a_later_version_is_refused(
    school: Installation, make: Make, kinds: tuple[str, str], folder: BackupFolder
) -> None:
    made = await backed_up(school, folder)
    await folder.finish(made.name, replace(made.manifest, revision="9999"))
    with pytest.raises(BackupTooNew):
        await brought_back(make(kinds[1]), folder)


async def test_two_at_once_do_not_harm_each_other(
    school: Installation, make: Make, kinds: tuple[str, str], folder: BackupFolder
) -> None:
    """Each would remove what the other has just written, as used by no backup that is complete."""
    await backed_up(school, folder)
    with BackupFolder(folder.root).held(alone=True):
        for attempt in (backed_up(school, folder), brought_back(make(kinds[1]), folder)):
            with pytest.raises(BackupUnderWay):
                await attempt
    with BackupFolder(folder.root).held(alone=False):
        with pytest.raises(BackupUnderWay):
            await backed_up(school, folder)
        await brought_back(make(kinds[1]), folder)
    await backed_up(school, folder)
