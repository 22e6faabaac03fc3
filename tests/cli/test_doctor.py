"""The doctor finds what is broken, says how to mend it, and looks at everything else."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tongke import clock
from tongke.cli.certificates import issue
from tongke.cli.doctor import GROUND, MACHINE

# The page scripts are built by installing, which a test of the doctor does not wait for.
NOT_OURS = {"page-scripts"}


def checked(run: Run) -> dict[str, dict[str, str]]:
    result = run("doctor", "--json")
    document = json.loads(result.stdout)
    states = {check["part"]: check for check in document["checks"]}
    assert document["ok"] == all(check["state"] != "wrong" for check in states.values())
    assert result.exit_code == (0 if document["ok"] else 1)
    assert all(check["remedy"] for check in states.values() if check["state"] == "wrong")
    return states


def wrong(checks: dict[str, dict[str, str]]) -> set[str]:
    return {part for part, check in checks.items() if check["state"] == "wrong"} - NOT_OURS


@pytest.fixture
def migrated(run: Run) -> Run:
    assert run("migrate").exit_code == 0
    return run


def test_a_new_installation_is_well(migrated: Run) -> None:
    checks = checked(migrated)
    assert set(checks) == {part for part, _ in (*MACHINE, *GROUND)}
    assert wrong(checks) == set()
    assert checks["service"]["state"] == "note"
    assert checks["bus"]["seen"].startswith("Valkey")


def test_people_read_marks_and_remedies(run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 1
    assert "✗ database" in result.stdout
    assert "→ Run tongke migrate" in result.stdout


def test_a_damaged_database_is_found(migrated: Run, folder: Path) -> None:
    with sqlite3.connect(folder / "tongke.db") as line:
        line.execute("PRAGMA foreign_keys=OFF")
        line.execute("INSERT INTO role (account_id, name) VALUES (77, 'teacher')")
    line.close()
    checks = checked(migrated)
    assert wrong(checks) == {"database"}
    assert "role -> account" in checks["database"]["seen"]


def test_a_disk_that_fills_up_is_found(migrated: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGKE_MIN_FREE_BYTES", str(2**60))
    assert wrong(checked(migrated)) == {"space"}


def test_a_clock_that_was_set_back_and_an_index_that_lost_something_are_found(
    migrated: Run, folder: Path
) -> None:
    tomorrow = clock.now().replace(year=clock.now().year + 1)
    add_resource(folder, tomorrow.strftime("%Y-%m-%d %H:%M:%S.%f"))
    assert wrong(checked(migrated)) == {"clock", "index"}
    assert migrated("reindex").exit_code == 0
    assert wrong(checked(migrated)) == {"clock"}


def test_work_that_nobody_takes_is_found(migrated: Run, folder: Path) -> None:
    add_resource(folder, "2026-01-01 00:00:00.000000")
    with sqlite3.connect(folder / "tongke.db") as line:
        line.execute(
            "INSERT INTO outbox (resource_id, created_at, request_id) "
            "VALUES (1, '2026-01-01 00:00:00.000000', '')"
        )
    line.close()
    assert wrong(checked(migrated)) == {"jobs", "outbox"}


def add_resource(folder: Path, at: str) -> None:
    """A row as the service would have written it, with a job that waits, at that time."""
    with sqlite3.connect(folder / "tongke.db") as line:
        line.execute(
            "INSERT INTO account (username, name, created_at) VALUES ('author', '作者', ?)", (at,)
        )
        line.execute(
            "INSERT INTO resource (kind, title, summary, stage, grade, subject, edition, unit, "
            "lesson, author_id, filename, size_bytes, text, state, created_at, updated_at, views, "
            "version, original_key) VALUES ('courseware', '圆', '', '', '', '', '', '', '', 1, "
            "'a.txt', 1, '', 'published', ?, ?, 0, 1, 'originals/a')",
            (at, at),
        )
        line.execute(
            "INSERT INTO job (resource_id, state, fence, due_at, request_id, created_at) "
            "VALUES (1, 'queued', 0, ?, '', ?)",
            (at, at),
        )
    line.close()


@pytest.mark.parametrize("setting", ["TONGKE_LIBREOFFICE", "TONGKE_VALKEY_SERVER"])
def test_a_program_that_is_not_there_is_found_and_named(
    migrated: Run, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(setting, "/nothing/here")
    checks = checked(migrated)
    found = [checks[part] for part in wrong(checks)]
    assert found
    assert all("/nothing/here" in check["seen"] for check in found)


def test_an_ffmpeg_that_lacks_something_is_found(
    migrated: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ffmpeg", "ffprobe"):
        program = tmp_path / name
        program.write_text(
            "#!/bin/sh\necho ffmpeg version 0.1 Copyright\necho ' V..... mjpeg  JPEG'\n"
        )
        program.chmod(0o755)
        monkeypatch.setenv(f"TONGKE_{name.upper()}", str(program))
    checks = checked(migrated)
    assert wrong(checks) == {"ffmpeg"}
    assert checks["ffmpeg"]["seen"].startswith("ffmpeg version 0.1 (")
    assert "libx264" in checks["ffmpeg"]["seen"]
    assert "mjpeg" not in checks["ffmpeg"]["seen"]


def test_a_bus_that_does_not_answer_is_found(
    migrated: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGKE_BUS_URL", "redis://127.0.0.1:1/0")
    assert wrong(checked(migrated)) == {"bus", "workers"}


def test_objects_that_cannot_be_kept_are_found(migrated: Run, folder: Path) -> None:
    (folder / "objects").write_text("a file where the folder should be")
    checks = checked(migrated)
    assert "objects" in wrong(checks)
    assert "database" not in wrong(checks)


def test_a_network_without_https_is_found_and_a_certificate_mends_it(
    migrated: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGKE_HOST", "0.0.0.0")
    assert wrong(checked(migrated)) == {"https"}
    issued = issue(folder / "tls", ["tongke.lan"])
    monkeypatch.setenv("TONGKE_TLS_CERT", str(issued.certificate))
    monkeypatch.setenv("TONGKE_TLS_KEY", str(issued.key))
    assert wrong(checked(migrated)) == set()
    # A key of another certificate.
    monkeypatch.setenv("TONGKE_TLS_KEY", str(issue(folder / "other", ["a"]).key))
    assert wrong(checked(migrated)) == {"https"}
