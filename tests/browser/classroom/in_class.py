"""What tests of a receiving classroom wait for, and what it is asked."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.classroom.conftest import Open
from tests.browser.classroom.world import World

QUESTION = {
    "kind": "single",
    "text": "哪个方程对？",
    "options": ["3x = 20", "4x = 20"],
    "right": ["B"],
}
# A film that has just begun, decoded by a busy machine.
SOON_MS = 30_000


def in_step(page: Page) -> None:
    expect(page.locator(".room-line")).to_have_attribute("data-step", "in-step", timeout=SOON_MS)


def in_a_class(world: World, open_page: Open) -> tuple[int, Page]:
    """A class that has begun, and the screen of its receiving room, which is in step."""
    class_id = world.book()
    world.begin(class_id)
    page = open_page("/room", "room")
    in_step(page)
    return class_id, page
