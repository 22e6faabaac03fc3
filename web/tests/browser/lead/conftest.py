"""The real service, a class that is booked, and who takes part in it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tongke.storage.bus import embedded
from web.tests.browser.lead.desk import window
from web.tests.browser.lead.leading import Device, Leading


@pytest.fixture(scope="package")
def service(browser: Browser) -> Iterator[Leading]:
    with (
        tempfile.TemporaryDirectory(prefix="tk") as folder,
        embedded.running(embedded.find_server(None), Path(folder)) as valkey,
    ):
        leading = Leading(valkey)
        yield leading
        leading.stop()


@pytest.fixture
def leading(service: Leading) -> Leading:
    service.book()
    return service


@pytest.fixture
def page(equipped: Browser, leading: Leading) -> Iterator[Page]:
    """The lead teacher's page, before the class."""
    errors: list[str] = []
    page = window(equipped, leading, errors)
    page.goto(f"{leading.url}/classes/{leading.class_id}/lead")
    yield page
    page.context.close()
    assert errors == []


@pytest.fixture
def room(leading: Leading) -> Iterator[Device]:
    device = Device(leading)
    yield device
    device.leave()
