"""The units of deploy/systemd: systemd takes them, what they start is there."""

from __future__ import annotations

import configparser
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.deploy.compose import ROOT, SERVICES
from tests.servers.process import program_or_skip
from tongke.cli import cli
from tongke.cli.archive import KEEP
from tongke.cli.parts import (
    BUS_STOP_LIMIT_S,
    SCHEDULER_STOP_LIMIT_S,
    WEB_STOP_LIMIT_S,
    WORKER_STOP_LIMIT_S,
)

FOLDER = ROOT / "deploy" / "systemd"
ONE_MACHINE = ("tongke.service", "tongke-backup.service", "tongke-backup.timer")
ALL = (*ONE_MACHINE, "compose/tongke-backup.service")
PROGRAM = "/opt/tongke/.venv/bin/tongke"


def unit(name: str) -> configparser.ConfigParser:
    parsed = configparser.ConfigParser(interpolation=None, delimiters="=", comment_prefixes="#")
    parsed.optionxform = str  # type: ignore[assignment,method-assign]  # names as they are
    parsed.read_string((FOLDER / name).read_text("utf-8"))
    return parsed


def takes(words: list[str]) -> None:
    """Read words as our command line would, and run nothing. Raises `click.UsageError`."""
    command: click.Command = cli
    while isinstance(command, click.Group):
        _, found, words = command.resolve_command(click.Context(command), words)
        assert found is not None
        command = found
    try:
        command.make_context(command.name, list(words))
    except click.BadParameter as fault:
        # A folder that is on the operator's machine alone is named well enough.
        named = fault.param is not None and isinstance(fault.param.type, click.Path)
        if isinstance(fault, click.MissingParameter) or not named:
            raise


@pytest.mark.parametrize("folder", ["", "compose"])
def test_systemd_takes_them(folder: str, tmp_path: Path) -> None:
    analyze = program_or_skip("systemd-analyze", "install Debian's systemd")
    # It looks for the programs that are named.
    there = {PROGRAM: sys.executable, "=docker ": f"={sys.executable} "}
    names = ONE_MACHINE if not folder else ("compose/tongke-backup.service", "tongke-backup.timer")
    for name in names:
        text = (FOLDER / name).read_text("utf-8")
        for absent, present in there.items():
            text = text.replace(absent, present)
        # Where Docker is not, its unit is not either.
        text = re.sub(r"^(Requires|After)=docker.service\n", "", text, flags=re.M)
        (tmp_path / Path(name).name).write_text(text)
    said = subprocess.run(
        [analyze, "verify", "--man=no", *(tmp_path / Path(name).name for name in names)],
        capture_output=True,
        text=True,
    )
    ours = [line for line in said.stderr.splitlines() if "tongke" in line]
    assert (said.returncode, ours) == (0, [])


@pytest.mark.parametrize("name", [name for name in ALL if name.endswith(".service")])
def test_what_they_start_is_there_with_its_options(name: str) -> None:
    words = shlex.split(unit(name)["Service"]["ExecStart"])
    if words[0] == "docker":
        assert words[:3] == ["docker", "compose", "run"]
        assert "migrate" in words and "migrate" in SERVICES
        words = words[words.index("migrate") + 1 :]
        assert words[0] == "tongke"
    else:
        assert words[0] == PROGRAM
    takes(words[1:])


def test_a_wrong_option_would_be_found() -> None:
    for words in (["backup", "--too", "/x"], ["backup"], ["back-up"]):
        with pytest.raises(click.UsageError):
            takes(words)


def test_the_service_is_given_as_long_as_its_parts_take_to_stop() -> None:
    service = unit("tongke.service")["Service"]
    longest = WEB_STOP_LIMIT_S + WORKER_STOP_LIMIT_S + SCHEDULER_STOP_LIMIT_S + BUS_STOP_LIMIT_S
    assert int(service["TimeoutStopSec"]) > longest
    # The parts are asked by the service, in their order, and not by systemd all at once.
    assert service["KillMode"] == "mixed"
    assert service["RestartPreventExitStatus"] == "78"


@pytest.mark.parametrize("name", ["tongke.service", "tongke-backup.service"])
def test_they_run_as_nobody_in_particular_and_write_where_they_must(name: str) -> None:
    service = unit(name)["Service"]
    assert service["User"] == "tongke"
    assert service["ProtectSystem"] == "strict"
    assert service["NoNewPrivileges"] == "yes"
    assert service["StateDirectory"] == "tongke"


def test_a_nights_backup_goes_where_it_may_be_written_and_older_ones_stay() -> None:
    for name in ("tongke-backup.service", "compose/tongke-backup.service"):
        found = unit(name)
        place = found["Unit"]["AssertPathIsMountPoint"]
        words = shlex.split(found["Service"]["ExecStart"])
        assert f"--keep {KEEP}" in found["Service"]["ExecStart"]
        assert any(word.split(":")[0] == f"{place}/tongke" for word in words)
    assert unit("tongke-backup.service")["Service"]["ReadWritePaths"] == "/mnt/backup"
    timer = unit("tongke-backup.timer")
    assert timer["Timer"]["Persistent"] == "true"
    assert timer["Install"]["WantedBy"] == "timers.target"
