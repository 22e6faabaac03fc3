"""The doctor finds what is broken, says how to mend it, and looks at everything else."""

from __future__ import annotations

import json
import shutil
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

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


def test_in_a_folder_where_nothing_is_it_says_so_and_leaves_nothing(
    run: Run, folder: Path, database_url: str
) -> None:
    if not database_url.startswith("sqlite"):
        pytest.skip("PostgreSQL is not in a folder")
    checks = checked(run)
    assert wrong(checks) == {"database"}
    assert "Nothing is installed here" in checks["database"]["seen"]
    assert list(folder.iterdir()) == []


def test_without_tables_what_is_kept_in_them_is_not_known(run: Run, folder: Path) -> None:
    folder.mkdir()
    (folder / "tongke.db").touch()
    checks = checked(run)
    assert wrong(checks) == {"database"}
    assert checks["database"]["remedy"] == "Run tongke migrate"
    assert checks["jobs"]["seen"] == "Not known yet"


def test_a_clock_that_was_set_back_and_an_index_that_lost_something_are_found(
    migrated: Run, database: Database
) -> None:
    add_resource(database, clock.now() + timedelta(days=366))
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
    # Nor was it ever backed up, in all that time.
    assert wrong(checks) == {"jobs", "outbox", "backup"}
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
