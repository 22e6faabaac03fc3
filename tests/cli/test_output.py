"""Progress never says more than the whole, and says bytes where they count."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tongke.cli import output


def test_lines_say_how_much_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    with output.progress("Copying", 3) as advance:
        for done in range(1, 7):
            advance(done, done * 10**9)
    # More came than was counted: the end is said once, and not with every further one.
    assert capsys.readouterr().err.splitlines() == ["Copying 3/3 3.00 GB"]


def test_what_comes_late_is_part_of_the_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "LINE_EVERY_S", 0.0)
    with output.progress("Copying", 2) as advance:
        for done in (1, 2, 3):
            advance(done)
    assert capsys.readouterr().err.splitlines() == ["Copying 1/2", "Copying 2/2", "Copying 3/3"]


def test_a_bar_ends_full_though_more_came(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with output.progress("Copying", 2) as advance:
        advance(5, 5 * 10**9)
    assert re.search(r"Copying .*5/5.*5\.00 GB", capsys.readouterr().err)


def test_a_backup_and_its_restore_say_how_far_they_are(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    assert run("migrate").exit_code == 0
    place = str(tmp_path / "backups")
    assert run("backup", "--to", place).exit_code == 0
    again = run("backup", "--to", place)
    assert "Backing up objects 1/1" in again.stderr
    shutil.rmtree(folder)
    back = run("restore", "--from", place)
    assert back.exit_code == 0, back.output
    assert "Restoring objects 1/1" in back.stderr
