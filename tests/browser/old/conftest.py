"""A Chromium 86, and a class that it takes part in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest

import hatch_build
from tests.browser.classroom.conftest import world
from tests.browser.classroom.world import World
from tests.browser.conftest import NEEDED
from tests.browser.old.devtools import Devtools
from tests.browser.old.window import Window
from tests.servers import chromium86
from tests.servers.process import LEFT_OUT, Missing, short_folder

__all__ = ["world"]

OpenWindow = Callable[..., Window]


@pytest.fixture(scope="package")
def old_browser() -> Iterator[str]:
    """Where the DevTools of a Chromium 86 answer."""
    hatch_build.build()
    folder = short_folder("chromium86")
    try:
        browser = chromium86.start(folder)
    except Missing as missing:
        (pytest.fail if NEEDED else pytest.skip)(f"{LEFT_OUT}no Chromium 86: {missing}")
    with browser.server:
        yield browser.url
    shutil.rmtree(folder)


@pytest.fixture
def open_window(old_browser: str, world: World) -> Iterator[OpenWindow]:
    """A window on a path, of a person who is signed in where a name is given. A script's error in
    any fails the test."""
    devtools = world.do(Devtools.connect(old_browser))
    windows: list[Window] = []

    def open_window(path: str, name: str = "", screen: str = "classroom") -> Window:
        window = Window(world.do, devtools, world.url, screen)
        windows.append(window)
        if name:
            window.sign_in(world.session(name))
        window.go(path)
        return window

    yield open_window
    errors = [error for window in windows for error in window.errors]
    for window in windows:
        window.close()
    world.do(devtools.close())
    assert errors == []
