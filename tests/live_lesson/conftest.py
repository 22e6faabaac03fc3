"""The real service with the demonstration's people, and browsers whose cameras are made up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

import hatch_build
from tests.browser.conftest import ARGUMENTS, CHROMIUM, MISSING, NEEDED
from tests.browser.people import Person
from tests.browser.service import ROOT, Service
from tests.servers.process import free_port
from tests.waiting import until
from tongke.bootstrap import Ground
from tongke.cli.demo import world
from tongke.lifeline import PARENT_VARIABLE

FAKE_DEVICES = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
STOP_LIMIT_S = 60.0

PersonOf = Callable[[str], Person]


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    if CHROMIUM is None:
        (pytest.fail if NEEDED else pytest.skip)(MISSING)
    hatch_build.build()
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *FAKE_DEVICES])
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def service(playwright: Playwright) -> Iterator[Service]:
    with tempfile.TemporaryDirectory(prefix="tk-") as folder, _running(Path(folder)) as started:
        yield started


@pytest.fixture(scope="package")
def person(playwright: Playwright, service: Service) -> PersonOf:
    """An inhabitant by user name, signed in once."""
    known: dict[str, Person] = {}

    def get(username: str) -> Person:
        if username not in known:
            known[username] = Person(playwright, service.url, username)
        return known[username]

    return get


@contextmanager
def _running(folder: Path) -> Iterator[Service]:
    """`tongke serve` with the demonstration's world, and no library to be made."""
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TONGKE_")},
        "TONGKE_DATA_DIR": str(folder),
        "TONGKE_PORT": str(port),
        "TONGKE_MIN_FREE_BYTES": "0",
        "LANG": "C.UTF-8",
        PARENT_VARIABLE: str(os.getpid()),
    }
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "tongke.cli", "serve"],
            cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            start_new_session=True,
        )  # fmt: skip
    service = Service(f"http://localhost:{port}", folder, process)
    try:
        until(lambda: _answers(service), what="the service answers")
        service.on_ground(_settle)
        yield service
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(STOP_LIMIT_S)


def _answers(service: Service) -> bool:
    assert service.process.poll() is None, service.said()
    try:
        with urllib.request.urlopen(f"{service.url}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


async def _settle(ground: Ground) -> None:
    await ground.database.write(world.create)
