"""The pages of every day on Chromium 86: they open, none of their scripts fails, films play."""

from __future__ import annotations

import pytest

from tests.browser.classroom.world import World
from tests.browser.old.conftest import OpenWindow
from tests.waiting import until
from tongke.classes import queries
from tongke.classes.models import LiveClass

pytestmark = pytest.mark.browser

VIDEO = "document.querySelector('.player video')"
LENGTH_S = 4
# Who opens what, and what then stands where; what the scripts put there, where there are some.
PAGES = (
    ("", "/sign-in", "h1", "两间教室，同一节课"),
    ("zhou", "/", ".home-head", "月"),
    ("zhou", "/library", "h1", "资源库"),
    ("zhou", "/upload", "#upload-app", "选"),
    ("zhou", "/mine", "h1", "我的作品"),
    ("zhou", "/timetable", "h1", "月"),
    ("zhou", "/classes/new", "h1", "约一节同步课堂"),
    ("county", "/patrol", "h1", "巡课"),
    ("head", "/rooms", "h1", "教室"),
)


def recorded(world: World) -> int:
    """A class that was given and has ended; its recording."""
    class_id = world.book()
    world.begin(class_id)
    read = world.house.ground.database.read
    until(
        lambda: sum(
            row.duration_us for row in world.do(read(queries.lesson, class_id, "source"))
        ) > LENGTH_S * 1e6,
        what="something is recorded",
    )  # fmt: skip
    world.end(class_id)
    found = world.do(read(lambda session: session.get_one(LiveClass, class_id).resource_id))
    assert found is not None
    return found


def test_pages_open_and_their_scripts_run(world: World, open_window: OpenWindow) -> None:
    for name, path, selector, words in PAGES:
        page = open_window(path, name)
        page.until_says(selector, words)
        page.keep(path.strip("/").replace("/", "-") or "home")


def test_a_recording_plays(world: World, open_window: OpenWindow) -> None:
    page = open_window(f"/resources/{recorded(world)}", "xiang")
    page.until(f"{VIDEO}.readyState > 1")
    page.press(" ", "Space")
    page.until(f"!{VIDEO}.paused && {VIDEO}.currentTime > 1")
    assert page.look(f"{VIDEO}.videoWidth") == 320
    # To the beginning, by its key.
    page.press("0", "Digit0")
    page.until(f"{VIDEO}.currentTime < 1")
    page.keep("player")
