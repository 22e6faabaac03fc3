"""The doctor looks at the room on each disk, at the last backup, and at files nobody names."""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.cli.conftest import Run
from tests.cli.test_doctor import checked, wrong
from tongke import clock
from tongke.bootstrap import Ground
from tongke.cli.opening import on_ground
from tongke.people.models import Account
from tongke.publishing import orphans
from tongke.settings import Settings

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
    # Whatever is freed there meanwhile by others who use it, a server or a browser.
    least = shutil.disk_usage(OTHER).total + 1
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


def test_who_never_backed_up_is_told_after_as_long(migrated: Run, folder: Path) -> None:
    """The same as for one that is old: from the first account on, as the metric has it."""
    assert migrated("region", "add", "430000", "湖南省").exit_code == 0
    words = ("account", "add", "admin", "--name", "甲", "--role", "system_admin")
    made = migrated(*words, "--password-stdin", input="secret-pass-12345\n")
    assert made.exit_code == 0, made.output
    assert checked(migrated)["backup"]["state"] == "note"
    long_ago = clock.now() - timedelta(hours=37)

    async def grow_old(ground: Ground) -> None:
        await ground.database.write(
            lambda s: s.execute(update(Account).values(created_at=long_ago))
        )

    on_ground(Settings(), grow_old)
    checks = checked(migrated)
    assert wrong(checks) == {"backup"}
    assert "37 hours" in checks["backup"]["seen"]


def test_files_that_the_database_does_not_know_are_told(
    migrated: Run, no_worker: None, valkey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGKE_BUS_URL", valkey)

    def told(left: orphans.Counted | None) -> dict[str, str]:
        on_ground(Settings(), lambda ground: orphans.tell(ground.bus, left))
        return checked(migrated)["orphans"]

    assert told(orphans.Counted(3, 120))["state"] == "wrong"
    assert "120" in told(orphans.Counted(3, 120))["seen"]
    assert told(None)["state"] == "ok"


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
