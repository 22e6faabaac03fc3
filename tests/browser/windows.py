"""Windows of people's browsers, each with cookies and storage of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.people import Person
from tests.browser.service import Service

SCREENSHOTS = Path(__file__).parent / "screenshots"
# A classroom's PC, and a phone: width and height.
SCREENS = {"classroom": (1366, 768), "phone": (390, 844)}


def keep(page: Page, name: str) -> None:
    """Keep a picture of the page on both screens, to be looked at; it ends as it was."""
    before = page.viewport_size
    SCREENSHOTS.mkdir(exist_ok=True)
    for screen, (width, height) in SCREENS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=SCREENSHOTS / f"{name}-{screen}.png")
    assert before
    page.set_viewport_size(before)


class Windows:
    """Opens windows, and closes them all; an error in a script of any fails the test."""

    def __init__(
        self, chromium: Browser, service: Service, person: Callable[[str], Person]
    ) -> None:
        self._chromium = chromium
        self._service = service
        self._person = person
        self._contexts: list[BrowserContext] = []
        self._errors: list[str] = []

    def open(self, username: str = "", screen: str = "classroom", **more: Any) -> Page:
        """A page in a new window; nobody is signed in when the name is empty."""
        width, height = SCREENS[screen]
        context = self._chromium.new_context(
            base_url=self._service.url,
            viewport={"width": width, "height": height},
            storage_state=self._person(username).state if username else None,
            **{"locale": "zh-CN", **more},
        )
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self._errors.append(str(error)))
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()
        assert self._errors == []
