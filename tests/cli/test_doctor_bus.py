"""The doctor says why a Valkey or Redis does not serve us, and what to do there."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from tests.cli.conftest import Run
from tests.cli.test_doctor import checked
from tests.servers import valkey
from tests.servers.process import short_folder
from tests.waiting import until
from tongke.library.vocabulary import Queue

Spoil = Callable[[redis.Redis, Path], None]


@pytest.fixture
def folder_of_server() -> Iterator[Path]:
    made = short_folder("vk")
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def server(
    folder_of_server: Path, run: Run, no_worker: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The address of one of its own, which the settings name; the database is migrated."""
    running = valkey.start(folder_of_server)
    assert run("migrate").exit_code == 0
    monkeypatch.setenv("TONGKE_BUS_URL", running.url)
    with running.server:
        yield running.url


def _full(line: redis.Redis, _folder: Path) -> None:
    line.config_set("maxmemory", "1")


def _replica(line: redis.Redis, _folder: Path) -> None:
    line.replicaof("127.0.0.1", "1")


def _no_snapshot(line: redis.Redis, folder: Path) -> None:
    """Its disk has gone; it was told to keep snapshots."""
    line.config_set("save", "3600 1")
    shutil.rmtree(folder)
    line.bgsave()
    until(lambda: line.info("persistence")["rdb_last_bgsave_status"] == "err")


@pytest.mark.parametrize(
    ("spoil", "seen", "remedy"),
    [
        (_full, "memory is used up", "maxmemory"),
        (_replica, "for reading only", "primary"),
        (_no_snapshot, "cannot write its snapshot", 'save ""'),
    ],
)
def test_a_server_that_takes_no_changes_says_why(
    server: str, folder_of_server: Path, run: Run, spoil: Spoil, seen: str, remedy: str
) -> None:
    assert checked(run)["bus"]["state"] == "ok"
    with redis.Redis.from_url(server) as line:
        spoil(line, folder_of_server)
    found = checked(run)["bus"]
    assert found["state"] == "wrong"
    assert seen in found["seen"]
    assert remedy in found["remedy"]


@pytest.mark.parametrize(
    ("put", "seen"),
    [("wrong-password", "does not take this password"), ("small:of-small", "may not do")],
)
def test_a_key_that_does_not_fit_is_told_from_a_right_that_is_missing(
    server: str, run: Run, monkeypatch: pytest.MonkeyPatch, put: str, seen: str
) -> None:
    with redis.Redis.from_url(server) as line:
        line.acl_setuser("small", enabled=True, passwords=["+of-small"], commands=["+ping"])
    who = put if ":" in put else f":{put}"
    monkeypatch.setenv("TONGKE_BUS_URL", server.replace(f":{valkey.PASSWORD}", who))
    found = checked(run)["bus"]
    assert found["state"] == "wrong"
    assert seen in found["seen"]


def test_nobody_there_is_said_with_what_to_look_at(
    server: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGKE_BUS_URL", "redis://127.0.0.1:1/0")
    found = checked(run)["bus"]
    assert "cannot be reached" in found["seen"]
    assert "TONGKE_BUS_URL" in found["remedy"]


def test_one_that_drops_keys_when_it_is_full_is_worth_a_word(server: str, run: Run) -> None:
    with redis.Redis.from_url(server) as line:
        line.config_set("maxmemory", "64mb")
        assert checked(run)["bus"]["state"] == "ok"
        line.config_set("maxmemory-policy", "allkeys-lru")
    found = checked(run)["bus"]
    assert found["state"] == "note"
    assert "noeviction" in found["remedy"]


def test_a_clock_that_differs_from_ours_is_found(
    server: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = time.time
    monkeypatch.setattr(time, "time", lambda: ours() + 60)
    found = checked(run)["bus"]
    assert found["state"] == "wrong"
    assert found["seen"].endswith("its clock is off by -60 s")
    assert "NTP" in found["remedy"]


def test_queues_that_no_worker_takes_from_are_named(server: str, run: Run) -> None:
    found = checked(run)["workers"]
    assert found["state"] == "wrong"
    assert found["seen"] == f"No worker takes from: {', '.join(queue.value for queue in Queue)}"
    assert "tongke worker" in found["remedy"]
