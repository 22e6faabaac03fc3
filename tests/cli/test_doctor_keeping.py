"""The doctor looks at the room on each disk, and at the age of the last backup."""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_doctor import checked, wrong
from tongke import clock

# A file system of its own on any Linux.
OTHER = Path("/dev/shm")


@pytest.fixture
def migrated(run: Run) -> Run:
    assert run("migrate").exit_code == 0
    return run


def test_a_disk_that_fills_up_is_found(migrated: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGKE_MIN_FREE_BYTES", str(2**60))
    assert wrong(checked(migrated)) == {"space"}


def test_scratch_on_another_disk_that_fills_up_is_found(
    migrated: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = shutil.disk_usage(OTHER).free
    least = room + 2**20
    if least > shutil.disk_usage(folder).free:
        pytest.skip("the other disk of this machine is not the smaller one")
    with tempfile.TemporaryDirectory(dir=OTHER) as scratch:
        shutil.rmtree(folder / "work")
        (folder / "work").symlink_to(scratch)
        assert "for scratch" in checked(migrated)["space"]["seen"]
        monkeypatch.setenv("TONGKE_MIN_FREE_BYTES", str(least))
        checks = checked(migrated)
    assert wrong(checks) == {"space"}
    assert str(folder / "work") in checks["space"]["remedy"]


def test_it_says_how_old_the_last_backup_is(migrated: Run, folder: Path, tmp_path: Path) -> None:
    assert checked(migrated)["backup"]["state"] == "note"
    assert migrated("backup", "--to", str(tmp_path / "backups")).exit_code == 0
    checks = checked(migrated)
    assert (wrong(checks), checks["backup"]["state"]) == (set(), "ok")
    assert "0 hours old" in checks["backup"]["seen"]
    two_days_ago = clock.now() - timedelta(days=2)
    (folder / "objects" / "kept" / "backups" / "last").write_text(two_days_ago.isoformat())
    checks = checked(migrated)
    assert wrong(checks) == {"backup"}
    assert "48 hours old" in checks["backup"]["seen"]


def test_what_was_restored_has_the_age_of_its_backup(
    migrated: Run, folder: Path, tmp_path: Path
) -> None:
    place = str(tmp_path / "backups")
    assert migrated("backup", "--to", place).exit_code == 0
    made = (folder / "objects" / "kept" / "backups" / "last").read_text()
    assert migrated("backup", "--to", str(tmp_path / "elsewhere")).exit_code == 0
    shutil.rmtree(folder)
    result = migrated("restore", "--from", place)
    assert result.exit_code == 0, result.output
    assert (folder / "objects" / "kept" / "backups" / "last").read_text() == made
