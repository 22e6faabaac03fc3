"""Commands as a person runs them: in an empty folder, with an environment of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner, Result

from tests.databases import Databases
from tests.servers.ports import free_port
from tongke.cli import cli
from tongke.cli.doctor import running

Run = Callable[..., Result]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="tk-") as found:
        yield Path(found) / "data"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def database_url(folder: Path, databases: Databases) -> str:
    """Of the installation's database, which has no table yet."""
    in_the_folder = f"sqlite:///{folder / 'tongke.db'}"
    return in_the_folder if databases.server is None else databases.empty()


@pytest.fixture
def environment(
    folder: Path, database_url: str, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No setting but these, and English."""
    for name in list(os.environ):
        if name.startswith(("TONGKE_", "LC_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("TONGKE_DATA_DIR", str(folder))
    if not database_url.startswith("sqlite"):
        monkeypatch.setenv("TONGKE_DATABASE_URL", database_url)
    monkeypatch.setenv("TONGKE_PORT", str(port))
    monkeypatch.setenv("TONGKE_MIN_FREE_BYTES", "0")
    # The parts have to find the checkout from a folder that holds no .env of somebody's.
    root = Path(__file__).parent.parent.parent
    monkeypatch.setenv("PYTHONPATH", str(root))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(environment: None) -> Run:
    """Run a command in this process."""

    def invoke(*arguments: str, input: str | None = None) -> Result:
        return CliRunner().invoke(cli, arguments, input=input)

    return invoke


@pytest.fixture
def start(environment: None, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start a command as a process of its own; what is left of it is killed afterwards."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(*arguments: str) -> subprocess.Popen[bytes]:
        with (tmp_path / "output").open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "tongke.cli", *arguments], stdout=output, stderr=output
            )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no worker, so the doctor misses no answer when it waits for none."""
    monkeypatch.setattr(running, "ANSWER_LIMIT_S", 0.05)


def descendants(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def living(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Those that live; one that ended and was not waited for does not."""
    return [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def stop(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM) -> int:
    process.send_signal(number)
    return process.wait(60)
