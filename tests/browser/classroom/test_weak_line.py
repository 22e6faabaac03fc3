"""A room on a weak line has the small picture, in step with the others, and the lead knows it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

import pytest
from playwright.sync_api import Page, expect

from services.live.carrying import small_picture
from tests.browser.classroom.conftest import Open
from tests.browser.classroom.in_class import in_step
from tests.browser.classroom.test_room_talk import DRAWN
from tests.browser.classroom.world import World
from tests.browser.old import slides
from tests.servers.bad_line import Line, Shape, line
from tests.services.live.carrying.test_small_picture import WideCamera
from tests.waiting import until
from web.tests.browser.lead.leading import COLOURS

pytestmark = pytest.mark.browser

FILM_S = 10
# The film takes some megabits a second, the small picture with its sound four tenths of one.
NARROW = Shape(delay_ms=25, bits_s=1_200_000)
# Of many villages: the small picture is too much for it.
VILLAGE = Shape(delay_ms=25, bits_s=400_000)
DOWN_WITHIN_S = 90
# As a page of a presentation has, with its pictures.
SLIDE_BYTES = 60_000
WIDTH = "document.querySelector('.room-video')?.videoWidth ?? 0"
PLAYED = "document.querySelector('.room-video').currentTime"


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


def has_slides_and_sound(world: World, class_id: int, page: Page) -> None:
    until(
        lambda: world.room(class_id)["level"] == "slides_and_sound", DOWN_WITHIN_S, "the lead knows"
    )
    in_step(page)


@contextmanager
def room_line(world: World, shape: Shape) -> Iterator[Line]:
    """Of a room to the service."""
    stack = AsyncExitStack()
    port = world.house.client.port
    assert port is not None
    try:
        yield world.do(stack.enter_async_context(line(port, shape)))
    finally:
        world.do(stack.aclose())


def sign_in(world: World, open_page: Open, one: Line) -> Page:
    page = open_page(f"{one.url}/room/in?code={world.slip()}")
    page.click("text=登录这间教室")
    return page


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
    with room_line(world, NARROW) as narrow:
        page = sign_in(world, open_page, narrow)
        has_small_picture(world, class_id, page)
        page.reload()
        has_small_picture(world, class_id, page)


def test_a_village_s_line_has_sound_and_slides_which_go_on_and_is_remembered(
    world: World, class_id: int, open_page: Open
) -> None:
    deck = slides.give(world, class_id, SLIDE_BYTES)
    with room_line(world, VILLAGE) as village:
        page = sign_in(world, open_page, village)
        has_slides_and_sound(world, class_id, page)
        world.ask("layout", view="slides")
        loaded: list[str] = []
        page.on("request", lambda request: loaded.append(f"asks for {request.url}"))
        page.on("requestfinished", lambda request: loaded.append(f"has {request.url}"))
        for number, colour in enumerate(COLOURS, 1):
            played = page.evaluate(PLAYED)
            world.ask("slide", page={"deck": deck, "number": number})
            drawn = [*colour, 255]
            until(lambda drawn=drawn: page.evaluate(DRAWN, [0.5, 0.5]) == drawn, what="it is drawn")
            until(
                lambda played=played: page.evaluate(PLAYED) > played + 8, what="the sound goes on"
            )
        # One slide at a time, and the shown one first: so they are less in the way of the sound.
        of_slides = [told.split(" http")[0] for told in loaded if "/slides/" in told]
        assert (set(of_slides[::2]), set(of_slides[1::2])) == ({"asks for"}, {"has"})
        # Stalls would have brought it down further.
        assert world.room(class_id)["level"] == "slides_and_sound"
        # The next time it begins with them, rather than with a stall.
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.reload()
        has_slides_and_sound(world, class_id, page)
        assert [url for url in asked if "/hls/sound/" in url]
        assert not [url for url in asked if "/hls/source/" in url or "/hls/small/" in url]


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
    chosen = page.locator(".room-line-choice option:checked")
    expect(chosen).to_have_text("小画面，现在：课件和声音")
