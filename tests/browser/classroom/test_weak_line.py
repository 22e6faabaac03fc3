"""A room on a weak line has the small picture, in step with the others, and the lead knows it."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest
from playwright.sync_api import Page, expect

from services.live.carrying import small_picture
from tests.browser.classroom.conftest import Open
from tests.browser.classroom.test_room import in_step
from tests.browser.classroom.world import World
from tests.servers.bad_line import Shape, line
from tests.services.live.carrying.test_small_picture import WideCamera
from tests.waiting import until

pytestmark = pytest.mark.browser

FILM_S = 10
# The film takes some megabits a second, the small picture with its sound four tenths of one.
NARROW = Shape(delay_ms=25, bits_s=1_200_000)
DOWN_WITHIN_S = 90
WIDTH = "document.querySelector('.room-video')?.videoWidth ?? 0"


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has time for it, however many tests run beside this one."""
    monkeypatch.setattr(small_picture, "load_per_core", lambda: 0.0)
    monkeypatch.setattr(small_picture, "MOST_BEHIND_S", 60.0)


@pytest.fixture
def class_id(world: World, idle: None) -> int:
    """One that runs, with a picture that is too much for a narrow line."""
    world.camera = WideCamera(world.house.ground.programs, FILM_S)
    assert world.camera.film, "made beforehand"
    number = world.book()
    world.begin(number)
    return number


def has_small_picture(world: World, class_id: int, page: Page) -> None:
    until(lambda: world.room(class_id)["level"] == "small_picture", DOWN_WITHIN_S, "the lead knows")
    until(lambda: page.evaluate(WIDTH) == 426, what="the small picture is there")
    in_step(page)


def test_it_is_chosen_for_a_device_and_stays(world: World, class_id: int, open_page: Open) -> None:
    page = open_page("/room", "room")
    in_step(page)
    assert page.evaluate(WIDTH) == 1280
    page.select_option(".room-line-choice", "small_picture")
    has_small_picture(world, class_id, page)
    page.reload()
    has_small_picture(world, class_id, page)
    page.select_option(".room-line-choice", "full")
    until(lambda: page.evaluate(WIDTH) == 1280, what="the whole picture is back")
    in_step(page)


def test_a_room_comes_down_to_it_by_itself_and_remembers(
    world: World, class_id: int, open_page: Open
) -> None:
    stack = AsyncExitStack()
    port = world.house.client.port
    assert port is not None
    narrow = world.do(stack.enter_async_context(line(port, NARROW)))
    try:
        page = open_page(f"{narrow.url}/room/in?code={world.slip()}")
        page.click("text=登录这间教室")
        has_small_picture(world, class_id, page)
        page.reload()
        has_small_picture(world, class_id, page)
    finally:
        world.do(stack.aclose())


def test_where_the_machine_has_no_time_for_it_there_are_slides_and_sound(
    world: World, class_id: int, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page("/room", "room")
    in_step(page)
    page.select_option(".room-line-choice", "small_picture")
    has_small_picture(world, class_id, page)
    monkeypatch.setattr(small_picture, "load_per_core", lambda: 9.0)
    until(lambda: world.room(class_id)["level"] == "slides_and_sound", what="it goes on without")
    in_step(page)
    expect(page.locator(".room-line-choice")).to_have_value("small_picture")
