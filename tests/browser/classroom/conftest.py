"""A Chromium with a camera that is none, and a class."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.browser.classroom.world import World
from tests.browser.conftest import ARGUMENTS, CHROMIUM

FAKE_DEVICES = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
SCREENS = {"classroom": (1366, 768), "phone": (390, 844)}

Open = Callable[..., Page]
Launch = Callable[..., Browser]


@pytest.fixture(scope="package")
def filming(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *FAKE_DEVICES])
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def launch(playwright: Playwright) -> Iterator[Launch]:
    """Another browser, with arguments of its own."""
    browsers = []

    def launch(*arguments: str) -> Browser:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*ARGUMENTS, *arguments]
        )
        browsers.append(browser)
        return browser

    yield launch
    for browser in browsers:
        browser.close()


@pytest.fixture
def world(valkey: str, tmp_path: Path, sqlite_template: Path) -> Iterator[World]:
    world = World(tmp_path, valkey, sqlite_template)
    yield world
    world.close()


@pytest.fixture
def open_page(filming: Browser, world: World) -> Iterator[Open]:
    """A page in a window of its own; signed in with a slip where a name is given. A script's error
    fails the test."""
    contexts, errors = [], list[str]()

    def open_page(
        path: str, name: str = "", screen: str = "classroom", browser: Browser = filming
    ) -> Page:
        width, height = SCREENS[screen]
        context = browser.new_context(
            base_url=world.url, viewport={"width": width, "height": height}, locale="zh-CN",
            has_touch=screen == "phone",
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        if name == "room":
            page.goto(f"/room/in?code={world.slip()}")
            page.click("text=登录这间教室")
        elif name:
            context.add_cookies(
                [{"url": world.url, "name": "tongke", "value": world.session(name)}]
            )
        if name != "room" or path != "/room":
            page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []
