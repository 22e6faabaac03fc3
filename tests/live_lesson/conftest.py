"""The real service with the demonstration's people, and browsers whose cameras are made up."""

from __future__ import annotations

import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM, person, playwright
from tests.browser.service import Service, started
from tongke.bootstrap import Ground
from tongke.cli.demo import world

FAKE_DEVICES = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]

__all__ = ["person", "playwright"]


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *FAKE_DEVICES])
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def service(playwright: Playwright) -> Iterator[Service]:
    """`tongke serve` with the demonstration's world, and no library to be made."""
    with (
        tempfile.TemporaryDirectory(prefix="tk-") as folder,
        started(Path(folder) / "data", "serve", _answers) as running,
    ):
        running.on_ground(_settle)
        yield running


def _answers(service: Service) -> bool:
    assert service.process.poll() is None, service.said()
    try:
        with urllib.request.urlopen(f"{service.url}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


async def _settle(ground: Ground) -> None:
    await ground.database.write(world.create)
