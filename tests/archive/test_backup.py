"""What a backup brings back, and what it does not."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.archive.conftest import Installation, Make, backed_up, brought_back, one
from tongke.archive.errors import (
    BackupTooNew,
    BackupUnderWay,
    DamagedBackup,
    NoBackup,
    TargetInUse,
)
from tongke.archive.folder import BackupFolder


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
    for name in (made.name, "not there", "../elsewhere"):
        with pytest.raises(NoBackup):
            await brought_back(back, folder, name)


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


@pytest.mark.parametrize("part", ["account.gz", "objects.gz"])
async def test_rows_that_cannot_be_read_are_damage(
    school: Installation, make: Make, kinds: tuple[str, str], folder: BackupFolder, part: str
) -> None:
    made = await backed_up(school, folder)
    path = folder.root / "kept" / "backups" / made.name / part
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DamagedBackup, match=part.removesuffix(".gz")):
        await brought_back(make(kinds[1]), folder)


async def test_a_manifest_that_cannot_be_read_is_damage(
    school: Installation, make: Make, kinds: tuple[str, str], folder: BackupFolder
) -> None:
    made = await backed_up(school, folder)
    (folder.root / "kept" / "backups" / made.name / "manifest.json").write_text("{")
    with pytest.raises(DamagedBackup):
        await brought_back(make(kinds[1]), folder)


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
    # Its rows are there: what comes after them was cut short, most likely.
    await back.ground.objects.delete(first.key)
    await brought_back(back, folder)
    assert (back.tallies(), await back.contents()) == (school.tallies(), await school.contents())
    back.teacher = school.teacher
    await back.upload(b"new")
    with pytest.raises(TargetInUse):
        await brought_back(back, folder)


async def test_what_a_dead_one_left_is_removed_by_the_next(
    school: Installation, folder: BackupFolder
) -> None:
    """All rows as plain text among it: not to be found by whoever has the disk next."""
    made = await backed_up(school, folder)
    kept, rows = folder.root / "kept", folder.root / "tmpab_3defg"
    dead = [
        rows / "account",
        kept / "arriving" / "0123",
        folder.root / "scratch" / "0123",
        kept / "backups" / "20261101T020000.000000Z" / "account.gz",
    ]
    others = [
        folder.root / "tmp" / "mine",
        folder.root / "readme.txt",
        kept / "backups" / "by hand" / "account.gz",
    ]
    for path in (*dead, *others):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"as it was")
    with BackupFolder(folder.root).held(alone=True), pytest.raises(BackupUnderWay):
        await backed_up(school, folder)
    assert all(path.exists() for path in dead)
    second = await backed_up(school, folder)
    assert [path for path in (*dead, rows, dead[-1].parent) if path.exists()] == []
    assert all(path.exists() for path in others)
    assert await folder.names() == [made.name, second.name]


async def test_one_of_a_later_version_is_refused(
    school: Installation, make: Make, kinds: tuple[str, str], folder: BackupFolder
) -> None:
    made = await backed_up(school, folder)
    await folder.finish(made.name, replace(made.manifest, revision="9999"))
    with pytest.raises(BackupTooNew, match=f"{made.name}.*9999"):
        await brought_back(make(kinds[1]), folder)


async def test_what_a_later_version_says_besides_is_passed_over(
    school: Installation, make: Make, kinds: tuple[str, str], folder: BackupFolder
) -> None:
    """The schema and the format are this version's: nothing of it is lost."""
    made = await backed_up(school, folder)
    path = folder.root / "kept" / "backups" / made.name / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "made_by": "tongke 99"}))
    back = make(kinds[1])
    await brought_back(back, folder)
    assert back.tallies() == school.tallies()


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


@pytest.mark.parametrize("locked_before", [True, False])
async def test_it_comes_back_from_a_disk_that_is_mounted_for_reading(
    school: Installation,
    make: Make,
    kinds: tuple[str, str],
    folder: BackupFolder,
    monkeypatch: pytest.MonkeyPatch,
    locked_before: bool,
) -> None:
    await backed_up(school, folder)
    if not locked_before:
        (folder.root / "backup.lock").unlink()
    opened = os.open

    def for_reading(path: Any, flags: int, *arguments: Any, **named: Any) -> int:
        if flags & os.O_RDWR and Path(path).is_relative_to(folder.root):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return opened(path, flags, *arguments, **named)

    monkeypatch.setattr(os, "open", for_reading)
    back = make(kinds[1])
    await brought_back(back, folder)
    assert back.tallies() == school.tallies()
