"""The health check of the compose file, on a worker and a scheduler as processes."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.deploy.compose import SERVICES
from tests.deploy.test_images import DOCKERFILE
from tests.waiting import until
from tongke import alive

Start = Callable[..., subprocess.Popen[bytes]]
(IN_THE_CONTAINER,) = re.findall(r"TONGKE_ALIVE_FILE=(\S+)", DOCKERFILE.read_text("utf-8"))


@pytest.fixture
def file(environment: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "alive"
    monkeypatch.setenv("TONGKE_ALIVE_FILE", str(found))
    return found


@pytest.fixture
def often(environment: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is started says every moment that it lives, as Python does first what is said here."""
    monkeypatch.setenv("TONGKE_SWEEP_EVERY_S", "1")
    said = "from tongke import heartbeats\nheartbeats.EVERY_S = 0.5\n"
    (tmp_path / "sitecustomize.py").write_text(said, "utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ["PYTHONPATH"]]))


def healthy(service: str, file: Path) -> bool:
    """What the service's own check says."""
    kind, test = SERVICES[service]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    assert IN_THE_CONTAINER in test
    command = ["sh", "-c", test.replace(IN_THE_CONTAINER, str(file))]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_who_said_nothing_or_nothing_any_more_is_not_healthy(file: Path) -> None:
    assert not healthy("scheduler", file)
    alive.tell(file, 60)
    assert healthy("scheduler", file)
    alive.tell(file, -1)
    assert not healthy("scheduler", file)


@pytest.mark.parametrize(
    ("service", "words"),
    [("worker-index", ("worker", "--queue", "index")), ("scheduler", ("scheduler",))],
)
def test_one_that_runs_is_healthy(
    service: str,
    words: tuple[str, ...],
    file: Path,
    run: Run,
    start: Start,
    often: None,
    valkey: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert SERVICES[service]["command"][1:] == list(words)
    assert run("migrate").exit_code == 0
    monkeypatch.setenv("TONGKE_BUS_URL", valkey)
    start(*words)
    until(lambda: healthy(service, file))
    # And says so again.
    file.unlink()
    until(lambda: healthy(service, file))
