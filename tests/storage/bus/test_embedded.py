"""Our own Valkey: found, started, alone in its folder, and gone with whoever started it."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.waiting import until
from tongke.storage.bus.embedded import (
    command,
    find_server,
    running,
    serving_process,
    socket_url,
)
from tongke.storage.bus.errors import ServerFailed, ServerMissing, SocketPathTooLong


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tk-") as found:
        yield Path(found)


@pytest.fixture
def server() -> Path:
    return find_server(None)


def program(folder: Path, name: str) -> Path:
    found = folder / name
    found.write_text("#!/bin/sh\n")
    found.chmod(0o755)
    return found


def test_a_setting_goes_before_the_path_and_the_path_before_the_wheel(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    wheel = find_server(None)
    assert os.access(wheel, os.X_OK)
    on_path = program(folder, "redis-server")
    monkeypatch.setenv("PATH", str(folder))
    assert find_server(None) == on_path
    assert find_server(program(folder, "valkey-server")) == folder / "valkey-server"


def test_a_setting_that_names_no_program_is_refused(folder: Path) -> None:
    with pytest.raises(ServerMissing, match="nothing-here"):
        find_server(folder / "nothing-here")


def test_it_answers_on_its_socket_and_nowhere_else(server: Path, folder: Path) -> None:
    with running(server, folder) as url:
        assert url == f"unix://{folder}/valkey.sock"
        pid = serving_process(folder)
        assert pid is not None
        listening = psutil.Process(pid).net_connections(kind="inet")
        assert listening == []
        assert stat.S_IMODE((folder / "valkey.sock").stat().st_mode) == 0o700
    assert serving_process(folder) is None
    assert not psutil.pid_exists(pid)


def test_it_keeps_nothing_on_disk(server: Path, folder: Path) -> None:
    with running(server, folder), socket.socket(socket.AF_UNIX) as line:
        line.connect(str(folder / "valkey.sock"))
        line.sendall(b"SET k v\r\n")
        assert line.recv(16) == b"+OK\r\n"
    assert {path.name for path in folder.iterdir()} <= {"valkey.lock", "valkey.log"}


def test_a_second_one_does_not_steal_the_folder(server: Path, folder: Path) -> None:
    with running(server, folder):
        first = serving_process(folder)
        with pytest.raises(ServerFailed, match="another server runs"), running(server, folder):
            pass
        assert serving_process(folder) == first


def test_it_starts_again_where_one_was_killed(server: Path, folder: Path) -> None:
    with running(server, folder):
        pid = serving_process(folder)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        until(lambda: psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
        with running(server, folder):
            assert serving_process(folder) not in {None, pid}


def test_a_server_that_ends_says_why(folder: Path) -> None:
    broken = program(folder, "valkey-server")
    broken.write_text("#!/bin/sh\necho no memory left >&2\nexit 1\n")
    with pytest.raises(ServerFailed, match="no memory left"), running(broken, folder):
        pass


def test_a_path_too_long_for_a_socket_is_refused(server: Path, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    for call in (lambda: socket_url(deep), lambda: command(server, deep)):
        with pytest.raises(SocketPathTooLong, match="ddd"):
            call()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's promise is Linux's")
def test_it_dies_with_a_parent_that_was_killed(server: Path, folder: Path) -> None:
    script = "import subprocess, sys; subprocess.Popen(sys.argv[1:]).wait()"
    parent = subprocess.Popen([sys.executable, "-c", script, *command(server, folder)])
    try:
        until(lambda: serving_process(folder) is not None)
    finally:
        parent.kill()
        parent.wait()
    until(lambda: serving_process(folder) is None)
