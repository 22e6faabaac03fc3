"""What a newcomer is shown first: the demonstration's class, in two windows as two classrooms."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PageOf
from tests.browser.windows import keep
from tests.live_lesson.rooms import READOUT
from tongke.cli.demo import running_class

pytestmark = pytest.mark.browser

# The class begins once its people are there, on a machine that makes a whole library meanwhile.
BEGUN_MS = 180_000


def test_two_windows_are_two_classrooms_in_step(page_of: PageOf) -> None:
    rooms = [page_of(device) for device in running_class.SEATS]
    for room in rooms:
        room.goto("/room")
    for room in rooms:
        expect(room.locator(".room-line[data-step=in-step]")).to_be_visible(timeout=BEGUN_MS)
    # Each has measured, and is told of the other.
    for room in rooms:
        expect(room.locator(".room-line-detail")).to_have_text(READOUT, timeout=BEGUN_MS)
        assert room.evaluate("document.querySelector('.room-video').videoWidth") > 0
    keep(rooms[0], "demo-two-classrooms")
