"""`tongke nginx --debian` under the nginx service of Debian: with the commands of its unit, and a
socket for standard output, as systemd gives it."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError

import pytest
from click.testing import CliRunner

from tests.servers import nginx as nginx_server
from tests.servers.ports import free_port
from tests.servers.process import Missing, give_to, or_skip, program_or_skip, short_folder
from tests.waiting import until
from tongke.cli import cli
from tongke.cli.nginx.proxy import DEBIAN_ACCESS_LOG, DEBIAN_PID, DEBIAN_STATE, DEBIAN_USER

UNIT = Path("/lib/systemd/system/nginx.service")
ROTATION = Path("/etc/logrotate.d/nginx")


def service() -> configparser.SectionProxy:
    """What the package's unit says of its service."""
    if not UNIT.exists():
        or_skip(Missing("nginx's unit is not on this machine: install Debian's nginx-light"))
    parsed = configparser.ConfigParser(interpolation=None, delimiters="=")
    parsed.optionxform = str  # type: ignore[assignment,method-assign]  # names as they are
    parsed.read_string(UNIT.read_text("utf-8"))
    return parsed["Service"]


def printed(*words: str) -> str:
    said = CliRunner().invoke(cli, ["nginx", *words])
    assert said.exit_code == 0
    return said.output


def test_its_places_are_those_that_the_package_has_and_looks_after() -> None:
    assert Path(service()["PIDFile"]) == DEBIAN_PID
    rotation = ROTATION.read_text("utf-8")
    pattern, _, how = rotation.partition("{")
    assert DEBIAN_ACCESS_LOG.match(pattern.strip())
    assert f" {DEBIAN_USER} " in how
    listed = subprocess.run(["dpkg", "-L", "nginx-common"], capture_output=True, text=True)
    assert str(DEBIAN_STATE) in listed.stdout.splitlines()


def test_its_stream_module_is_found_where_appliances_come(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "load_module" not in printed("--debian")
    monkeypatch.setenv("TONGKE_RTMP_PORT", "1935")
    assert f"load_module {nginx_server.STREAM_MODULE};" in printed("--debian")
    assert "load_module /m/ngx.so;" in printed("--debian", "--stream-module", "/m/ngx.so")


@dataclass(frozen=True)
class Service:
    """Debian's nginx service in a folder, and the other end of its standard output."""

    folder: Path
    port: int
    output: socket.socket
    _theirs: socket.socket

    def here(self, text: str) -> str:
        """The machine's folders as those of this one."""
        for place in ("/run", "/var/log/nginx", "/var/lib/nginx", "/var/cache/nginx"):
            text = re.sub(rf"(?<![\w.]){place}\b", f"{self.folder}{place}", text)
        return text

    def configure(self, *words: str) -> None:
        listen = ("--upstream", f"127.0.0.1:{free_port()}", "--listen", f"127.0.0.1:{self.port}")
        (self.folder / "nginx.conf").write_text(self.here(printed(*words, *listen)))

    def does(self, name: str) -> int:
        """Run one of the unit's commands, on the configuration that was made last."""
        command = shlex.split(service()[name])
        return subprocess.run(
            [*command, "-c", str(self.folder / "nginx.conf")],
            stdin=subprocess.DEVNULL,
            stdout=self._theirs.fileno(),
            stderr=self._theirs.fileno(),
        ).returncode

    @property
    def pid_file(self) -> Path:
        return Path(self.here(service()["PIDFile"]))

    @property
    def log(self) -> Path:
        return Path(self.here(str(DEBIAN_ACCESS_LOG)))

    def master(self) -> int:
        """The number of its first process, which writes it down after it has gone on its own."""
        until(lambda: self.pid_file.exists() and self.pid_file.read_text().strip().isdigit())
        return int(self.pid_file.read_text())

    def said(self) -> str:
        return self.output.recv(2**20).decode()

    def ask(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as found:
                return int(found.status)
        except HTTPError as error:
            return error.code


@pytest.fixture
def debian() -> Iterator[Service]:
    program_or_skip("nginx", nginx_server.INSTALL)
    service()
    folder = short_folder("nginx-debian")
    # What the machine and the package bring, and nothing else.
    for place in ("run", "var/log/nginx", "var/lib/nginx"):
        (folder / place).mkdir(parents=True)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(10)
        found = Service(folder, free_port(), ours, theirs)
        yield found
        if found.pid_file.exists():
            os.kill(int(found.pid_file.read_text()), signal.SIGTERM)
            until(lambda: not found.pid_file.exists())
    shutil.rmtree(folder)


def test_one_for_a_container_does_not_start_there(debian: Service) -> None:
    """Else the tests here would show nothing."""
    debian.configure("--state", str(DEBIAN_STATE))
    assert debian.does("ExecStartPre") == 1
    assert 'open() "/dev/stdout" failed' in debian.said()
    debian.configure()
    assert debian.does("ExecStartPre") == 1
    assert "/var/cache/nginx/" in debian.said()


def test_the_unit_starts_it_reads_it_anew_and_stops_it(debian: Service) -> None:
    debian.configure("--debian")
    assert debian.does("ExecStartPre") == 0
    # It is of the kind `forking`: started when this ends, and known by the file of its number.
    assert debian.does("ExecStart") == 0
    master = debian.master()
    assert debian.ask("/first") == 503
    until(lambda: "/first" in debian.log.read_text())
    # What it says of trouble is in the journal.
    assert "connect() failed" in debian.said()
    debian.configure("--debian", "--cache-gb", "1")
    assert debian.does("ExecReload") == 0
    assert debian.ask("/second") == 503
    assert debian.master() == master
    os.kill(master, signal.SIGQUIT)
    until(lambda: not debian.pid_file.exists())


def test_its_log_is_turned_over_each_night(debian: Service) -> None:
    debian.configure("--debian")
    assert debian.does("ExecStart") == 0
    master = debian.master()
    assert debian.ask("/before") == 503
    until(lambda: "/before" in debian.log.read_text())
    # As logrotate does it.
    debian.log.rename(debian.log.with_suffix(".log.1"))
    debian.log.touch(mode=0o640)
    if os.geteuid() == 0:
        give_to(DEBIAN_USER, debian.log)
    os.kill(master, signal.SIGUSR1)

    def writes_anew() -> bool:
        debian.ask("/after")
        return "/after" in debian.log.read_text()

    until(writes_anew)
