"""`tongke backup`, `restore` and `move` as a person runs them, on what goes wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tongke.bootstrap import Ground
from tongke.cli.opening import on_ground
from tongke.settings import Settings
from tongke.storage import migrate
from tongke.storage.database import Database
from tongke.storage.objects.port import once

SETTINGS = ("TONGKE_DATA_DIR", "TONGKE_DATABASE_URL")
LESSON = "resources/1/a1-1/240p/1.m4s"
# Larger than what there is room for.
FULL_KB = 256

Mount = Callable[[str], Path]


@pytest.fixture
def school(run: Run) -> Run:
    """A school with an account and a lesson, in the data folder."""
    found(run, b"the lesson of one school")
    return run


def found(run: Run, lesson: bytes) -> None:
    assert run("migrate").exit_code == 0
    assert run("region", "add", "430000", "湖南省").exit_code == 0
    words = ("account", "add", "admin", "--name", "甲", "--role", "system_admin")
    made = run(*words, "--password-stdin", input="secret-pass-12345\n")
    assert made.exit_code == 0, made.output
    put(lesson)


def put(content: bytes) -> None:
    async def keep(ground: Ground) -> None:
        await ground.objects.put(LESSON, once(content), "video/iso.segment")

    on_ground(Settings(), keep)


def kept(folder: Path) -> bytes:
    return (folder / "objects" / "kept" / LESSON).read_bytes()


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Mount]:
    """A small disk of its own, mounted with these options."""
    place = tmp_path / "disk"
    place.mkdir()

    def mounted(options: str) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", options, "none", str(place)]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip("nothing may be mounted here")
        return place

    yield mounted
    while place.is_mount():
        subprocess.run(["umount", str(place)], check=True)


# Backup


def test_a_backup_to_where_no_folder_can_be_says_so(school: Run) -> None:
    result = school("backup", "--to", "/proc/nope")
    assert result.exit_code == 1
    assert "Cannot write to /proc/nope" in result.output
    assert "--to" in result.output
    assert "Traceback" not in result.output


def test_a_backup_to_a_disk_that_is_mounted_for_reading_says_so(school: Run, mount: Mount) -> None:
    place = mount("ro")
    result = school("backup", "--to", str(place))
    assert result.exit_code == 1
    assert f"Cannot write to {place}: Read-only file system" in result.output


def test_a_backup_to_a_full_disk_says_so_and_goes_on_when_there_is_room(
    school: Run, mount: Mount
) -> None:
    put(bytes(FULL_KB * 1024))
    place = mount(f"size={FULL_KB}k")
    result = school("backup", "--to", str(place))
    assert result.exit_code == 1
    assert f"The disk of the backups is full: {place}" in result.output
    assert "Make room" in result.output
    # Not even the rows find room.
    (place / "filler").write_bytes(b"")
    with (place / "filler").open("wb", 0) as file, pytest.raises(OSError):
        while True:
            file.write(bytes(1024))
    full = school("backup", "--to", str(place), "--json")
    assert (full.exit_code, "backup-folder-full" in full.output) == (1, True)
    (place / "filler").unlink()
    subprocess.run(["mount", "-o", "remount,size=8m", str(place)], check=True)
    assert school("backup", "--to", str(place)).exit_code == 0
    assert list(place.glob("tmp*")) == []
    assert len(list((place / "kept" / "backups").iterdir())) == 1


# Restore


def test_a_restore_whose_index_was_away_goes_on(
    school: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = str(tmp_path / "backups")
    assert school("backup", "--to", place).exit_code == 0
    shutil.rmtree(folder)
    with monkeypatch.context() as patch:
        patch.setenv("TONGKE_ELASTICSEARCH_URL", "http://127.0.0.1:9")
        assert school("restore", "--from", place).exit_code == 1
    assert kept(folder) == b"the lesson of one school"
    again = school("restore", "--from", place)
    assert again.exit_code == 0, again.output
    # Whoever has gone on since is left alone.
    assert school("region", "add", "110000", "北京市").exit_code == 0
    refused = school("restore", "--from", place, "--json")
    assert (refused.exit_code, "target-in-use" in refused.output) == (1, True)


# Move


def from_a_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the settings of a school in a file: what the environment says would go before those of
    the city as well."""
    said = {name: os.environ[name] for name in SETTINGS if name in os.environ}
    file.write_text("".join(f"{name}={value}\n" for name, value in said.items()))
    for name in said:
        monkeypatch.delenv(name)


def test_two_schools_are_not_moved_into_one(
    school: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = tmp_path / "city"
    (tmp_path / "city.env").write_text(f"TONGKE_DATA_DIR={city}\n")
    move = ("move", "--to", str(tmp_path / "city.env"))
    from_a_file(tmp_path / ".env", monkeypatch)
    assert school(*move).exit_code == 0
    # Once more is no harm.
    assert school(*move).exit_code == 0
    (tmp_path / ".env").write_text(f"TONGKE_DATA_DIR={tmp_path / 'two'}\n")
    found(school, b"a private paper of school two, longer")
    refused = school(*move, "--json")
    assert (refused.exit_code, "target-in-use" in refused.output) == (1, True)
    assert kept(city) == b"the lesson of one school"
    # Nor when the city's database is lost.
    for file in city.glob("tongke.db*"):
        file.unlink()
    refused = school(*move, "--json")
    assert (refused.exit_code, "target-store-in-use" in refused.output) == (1, True)
    assert kept(city) == b"the lesson of one school"


def test_a_move_that_was_cut_short_goes_on_after_a_night_with_a_backup(
    school: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city, place = tmp_path / "city", str(tmp_path / "backups")
    (tmp_path / "city.env").write_text(f"TONGKE_DATA_DIR={city}\n")
    move = ("move", "--to", str(tmp_path / "city.env"))
    from_a_file(tmp_path / ".env", monkeypatch)
    assert school("backup", "--to", place).exit_code == 0
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "upgrade", broken)
        assert isinstance(school(*move).exception, ConnectionAbortedError)
    assert kept(city) == b"the lesson of one school"
    assert school("backup", "--to", place).exit_code == 0
    result = school(*move)
    assert result.exit_code == 0, result.output
    last = Path("objects", "kept", "backups", "last")
    assert (city / last).read_text() == (folder / last).read_text()
    assert not (city / "objects" / "kept" / "moves").exists()


def broken(_: Database) -> None:
    """As if the process had been killed before the first row."""
    raise ConnectionAbortedError
