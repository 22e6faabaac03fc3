"""The doctor says where the index and the objects are, why they cannot be used, and what to do."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from search.index import IndexRefuses
from tests.cli.conftest import Run
from tests.cli.test_doctor import checked, wrong
from tests.servers.ports import free_port
from tongke.cli import unusable
from tongke.settings import Settings


@pytest.fixture
def migrated(run: Run) -> Run:
    assert run("migrate").exit_code == 0
    return run


@contextmanager
def answering(status: int, kind: str, reason: str) -> Iterator[str]:
    """The address of an Elasticsearch that answers so: one of another version cannot be had."""

    class Node(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"error": {"type": kind, "reason": reason}, "status": status})
            self.send_response(status)
            self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_said: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Node) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://elastic:hush-hush@127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


def test_an_elasticsearch_that_is_away_is_named_with_its_setting(
    migrated: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("TONGKE_ELASTICSEARCH_URL", f"http://elastic:hush-hush@{place}")
    checks = checked(migrated)
    assert wrong(checks) == {"index"}
    assert f"http://{place}" in checks["index"]["seen"]
    assert "Cannot connect" in checks["index"]["seen"]
    assert "TONGKE_ELASTICSEARCH_URL" in checks["index"]["remedy"]
    assert "hush" not in json.dumps(checks)


def test_an_elasticsearch_of_another_version_is_told(
    migrated: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering(406, "media_type_header_exception", "Invalid media-type value") as url:
        monkeypatch.setenv("TONGKE_ELASTICSEARCH_URL", url)
        check = checked(migrated)["index"]
    assert "406" in check["seen"]
    assert "Elasticsearch 8" in check["remedy"]


def test_what_an_elasticsearch_says_against_us_is_shown(
    migrated: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering(500, "illegal_state", "the master is not known") as url:
        monkeypatch.setenv("TONGKE_ELASTICSEARCH_URL", url)
        check = checked(migrated)["index"]
    assert "500 the master is not known" in check["seen"]


def test_an_index_file_that_is_damaged_is_to_be_made_anew(migrated: Run, folder: Path) -> None:
    (folder / "search.db").write_bytes(b"not a database" * 1000)
    check = checked(migrated)["index"]
    assert str(folder / "search.db") in check["seen"]
    assert "tongke reindex" in check["remedy"]


def test_an_index_file_that_cannot_be_opened_is_another_matter(migrated: Run, folder: Path) -> None:
    for left in folder.glob("search.db*"):
        left.unlink()
    (folder / "search.db").mkdir()
    check = checked(migrated)["index"]
    assert "unable to open" in check["seen"]
    assert "write search.db*" in check["remedy"]
    result = migrated("reindex")
    assert "unable to open" in result.stderr


def test_a_rebuild_that_was_killed_is_noted_until_the_next(
    migrated: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as while_it_is_killed:
        while_it_is_killed.setattr("search.fts_write.merge_build", _killed)
        assert migrated("reindex").exit_code != 0
    check = checked(migrated)["index"]
    assert check["state"] == "note"
    assert "is not finished" in check["seen"]
    assert "tongke reindex" in check["remedy"]
    assert migrated("reindex").exit_code == 0
    assert checked(migrated)["index"]["state"] == "ok"


def _killed(*_arguments: object, **_named: object) -> None:
    raise RuntimeError("killed")


@pytest.mark.parametrize("command", ["migrate", "doctor"])
def test_a_store_that_is_away_is_named_once_with_its_setting(
    migrated: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    place = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("TONGKE_S3_URL", place)
    result = migrated(command)
    assert result.exit_code == 1
    said = " ".join(result.output.split())
    assert said.count(f"The object store {place} cannot be used: ") == 1
    assert "Connection refused" in said
    assert said.count("See that the server of TONGKE_S3_URL runs") == 1
    assert "Try again shortly" not in said
    if command == "doctor":
        assert said.count("See objects first") == 2


def test_what_has_words_of_its_own_keeps_them() -> None:
    refuses = IndexRefuses(status=403)
    assert unusable.index(Settings(_env_file=None), refuses) is refuses
