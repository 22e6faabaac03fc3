"""The lead's page, and the rooms that are seen in it."""

from __future__ import annotations

from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy.orm import Session

from tests.browser.classroom.conftest import Open
from tests.browser.classroom.in_class import SOON_MS
from tests.browser.classroom.test_room_talk import talks
from tests.browser.classroom.world import World
from tongke import clock
from tongke.people.models import Account, Role, Room

OTHER_ROOM = 3


def begin(open_page: Open, class_id: int, browser: Browser) -> Page:
    """The lead's page of a class that has begun."""
    page = open_page(f"/classes/{class_id}/lead", "zhou", browser=browser)
    page.get_by_role("button", name="开始上课").click()
    expect(page.get_by_text("各教室正看到这个画面")).to_be_visible(timeout=SOON_MS)
    return page


def end(page: Page, class_id: int) -> None:
    """End the class; all of its recording is there afterwards."""
    page.get_by_role("button", name="下课", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="下课").click()
    page.wait_for_url(f"**/classes/{class_id}")


def composed(page: Page) -> Locator:
    """The picture that goes out."""
    return page.locator(".lead-frame canvas")


def row(page: Page, room: str = "七（2）班") -> Locator:
    """A room among those of the lead's page."""
    return page.locator(".lead-room").filter(has_text=room)


def show(page: Page, what: str) -> None:
    """Choose what stands in the place of slides, by the list of it."""
    # A browser shares a screen only for somebody who has just touched the page.
    page.locator("h1").click()
    page.get_by_role("combobox", name="放哪一份").select_option(label=what)


def shown(page: Page) -> Locator:
    """What the list of what stands in the place of slides says."""
    return page.get_by_role("combobox", name="放哪一份").locator("option:checked")


def in_talk(open_page: Open, browser: Browser, name: str = "room") -> Page:
    """The page of a room, once it is in the talk of a class."""
    room = open_page("/room", name, browser=browser)
    talks(room)
    return room


def add_room(world: World) -> tuple[int, None]:
    """Another room of school 2, whose device is signed in as `other room`; its seat."""

    def write(session: Session) -> int:
        role = Role(name="classroom", school_id=2)
        device = Account(
            username="八（1）班", name="八（1）班", created_at=clock.now(), roles=[role]
        )
        session.add(device)
        session.flush()
        session.add(Room(id=OTHER_ROOM, school_id=2, name="八（1）班", account_id=device.id))
        return device.id

    world.house.ids["other room"] = world.do(world.house.ground.database.write(write))
    return OTHER_ROOM, None
