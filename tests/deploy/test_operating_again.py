"""Blocks of docs/operating.md that an operator runs again: a second time does what the first one
would have done, and one that fails leaves what was there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.deploy.test_operating import block_with

BACK = "OLD_VERSION"
NGINX = "tongke nginx --debian"
# What the new version left in the data folder, and what is not of its data.
DATA = ("tongke.db", "tongke.db-wal", "search.db", "objects/resources/1/original", "live/1/0.m4s")
OTHERS = ("tls/site.pem",)


class Machine:
    """The folders of a machine, and stand-ins for the programs that would change this one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "var/lib/tongke"
        self._programs = folder / "bin"
        for place in ("etc/tongke", "etc/nginx", "mnt/backup/tongke/kept/backups", "bin"):
            (folder / place).mkdir(parents=True)
        for name in ("systemctl", "git", "make", "runuser", "apt", "nginx"):
            self.has(name, "exit 0")

    def has(self, name: str, body: str) -> None:
        program = self._programs / name
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)

    def holds(self, *names: str, text: str) -> None:
        for name in names:
            path = self.data / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def paste(self, block: list[str]) -> int:
        text = "\n".join(block)
        for place in ("/var/lib", "/etc", "/mnt"):
            text = text.replace(place, f"{self.folder}{place}")
        environment = {"PATH": f"{self._programs}:/usr/bin:/bin", "OLD_VERSION": "v1"}
        return subprocess.run(["sh"], input=text, env=environment, text=True).returncode

    def put_aside(self) -> list[set[str]]:
        """What lies in each of the folders for it, by the texts."""
        return [
            {path.read_text() for path in folder.rglob("*") if path.is_file()}
            for folder in sorted(self.data.glob("aside-*"), key=lambda found: found.stat().st_mtime)
        ]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_way_back_is_free_again_after_a_restore_that_failed(machine: Machine) -> None:
    machine.holds(*DATA, text="the new version's")
    machine.holds(*OTHERS, text="nobody's")
    started = machine.folder / "started"
    machine.has("systemctl", f'[ "$1" != start ] || touch {started}')
    # It ends halfway, as where the disk of the backup is pulled out.
    machine.has("runuser", f"echo half > {machine.data}/tongke.db; exit 1")
    assert machine.paste(block_with(BACK)) != 0
    assert not started.exists()
    machine.has("runuser", f"echo -n restored > {machine.data}/tongke.db")
    for tries in (2, 3):
        assert machine.paste(block_with(BACK)) == 0
        assert started.exists()
        assert (machine.data / "tongke.db").read_text() == "restored"
        assert not (machine.data / "objects").exists()
        assert len(machine.put_aside()) == tries
    assert {"the new version's"} in machine.put_aside()
    assert {"half\n"} in machine.put_aside()
    assert {(machine.data / name).read_text() for name in OTHERS} == {"nobody's"}


def test_the_service_is_not_stopped_without_the_disk_of_the_backups(machine: Machine) -> None:
    machine.holds(*DATA, text="the new version's")
    (machine.folder / "mnt/backup/tongke/kept/backups").rmdir()
    stopped = machine.folder / "stopped"
    machine.has("systemctl", f"touch {stopped}")
    assert machine.paste(block_with(BACK)) != 0
    assert not stopped.exists()
    assert machine.put_aside() == []


@pytest.mark.parametrize("fails", ["runuser", "nginx"])
def test_an_nginx_that_runs_keeps_its_configuration_where_no_good_one_comes(
    machine: Machine, fails: str
) -> None:
    configuration = machine.folder / "etc/nginx/nginx.conf"
    machine.has("runuser", "echo new")
    for _ in range(2):
        assert machine.paste(block_with(NGINX)) == 0
        assert configuration.read_text() == "new\n"
    machine.has("runuser", "echo newer")
    machine.has(fails, "exit 1")
    assert machine.paste(block_with(NGINX)) != 0
    assert configuration.read_text() == "new\n"
