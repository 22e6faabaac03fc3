"""A Chromium, the running demonstration and its people, for as long as this folder's tests run.

They belong to the folder and not to the run: Playwright's driver keeps an event loop in the main
thread, and asynchronous tests elsewhere want one of their own.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

import hatch_build
from tests.browser.people import Person
from tests.browser.service import FULL_LIMIT_S, Service, running
from tests.browser.windows import Windows
from tests.servers.process import LEFT_OUT
from tests.waiting import LIMIT_S, until

CHROMIUM = os.environ.get("TONGKE_CHROMIUM") or shutil.which("chromium")
NEEDED = os.environ.get("TONGKE_TESTS_NEED_CHROMIUM") == "1"
MISSING = "no Chromium, so nobody walked the pages: install it, or name it in TONGKE_CHROMIUM"
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    # Playing begins with a key press, which a driver's is not to every version.
    "--autoplay-policy=no-user-gesture-required",
]

# Only a test that fails waits so long; a machine that does much else needs its time.
expect.set_options(timeout=LIMIT_S * 1000)

PageOf = Callable[..., Page]
PersonOf = Callable[[str], Person]


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    if CHROMIUM is None:
        (pytest.fail if NEEDED else pytest.skip)(f"{LEFT_OUT}{MISSING}")
    hatch_build.build()
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def service(playwright: Playwright) -> Iterator[Service]:
    """The service, which answers; its library is still being filled."""
    with (
        tempfile.TemporaryDirectory(prefix="tk-") as folder,
        running(Path(folder) / "demo") as started,
    ):
        yield started


@pytest.fixture(scope="package")
def library(service: Service) -> Service:
    """The service with its whole library."""
    until(service.full, FULL_LIMIT_S, "the library is published")
    return service


@pytest.fixture(scope="package")
def person(playwright: Playwright, service: Service) -> PersonOf:
    """An inhabitant by user name, signed in once."""
    known: dict[str, Person] = {}

    def get(username: str) -> Person:
        if username not in known:
            known[username] = Person(playwright, service.url, username)
        return known[username]

    return get


@pytest.fixture
def page_of(chromium: Browser, service: Service, person: PersonOf) -> Iterator[PageOf]:
    """A page in a window of somebody's browser."""
    windows = Windows(chromium, service, person)
    yield windows.open
    windows.close()
