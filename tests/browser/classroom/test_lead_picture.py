"""What the lead's page puts together, and what of it comes to a room: each layout, this computer's
screen, a second camera."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.classroom import lead_page, made_up
from tests.browser.classroom.conftest import FAKE_DEVICES, Launch, Open
from tests.browser.classroom.lead_page import composed, in_talk, row
from tests.browser.classroom.made_up import Colour, Place, until_it_shows
from tests.browser.classroom.test_room_talk import DRAWN
from tests.browser.classroom.world import World
from tests.browser.old import slides
from web.tests.browser.lead.leading import COLOURS

pytestmark = pytest.mark.browser

SLIDE = COLOURS[0]
GROUND, PANEL, BOARD = (14, 22, 19), (23, 34, 30), (29, 74, 60)
# The halves of what the teacher's camera and a room's show.
YELLOW, CYAN = (230, 200, 30), (30, 200, 200)
PINK, WHITE = (220, 40, 200), (235, 235, 235)
# What the browser's own cameras show beside their clocks: the first, and the second.
GREEN, BLACK = (0, 135, 0), (0, 0, 0)
# The title of the window that is shared, and how sharing is called.
WINDOW, SCREEN = "Experiment", "这台电脑的屏幕"

SIDES, SIDES_OF_CORNER = [(0.03, 0.5), (0.97, 0.5)], [(0.75, 0.84), (0.96, 0.84)]
MIDDLE = [(0.03, 0.5), (0.5, 0.05), (0.5, 0.6), (0.97, 0.5)]
# In the lower right.
LEFT, RIGHT = [(0.74, 0.72), (0.84, 0.84)], [(0.86, 0.84), (0.97, 0.72)]
ABOUT = [(0.72, 0.84), (0.85, 0.7), (0.99, 0.84), (0.85, 0.97)]
# By the key of each layout.
LAYOUTS: dict[str, dict[Colour, list[Place]]] = {
    "1": {SLIDE: [(0.01, 0.01), (0.99, 0.01), (0.01, 0.99), *ABOUT], YELLOW: LEFT, CYAN: RIGHT},
    "2": {
        SLIDE: [(0.01, 0.2), (0.63, 0.2), (0.01, 0.8), (0.63, 0.8)],
        YELLOW: [(0.66, 0.16), (0.81, 0.5), (0.66, 0.84)],
        CYAN: [(0.99, 0.16), (0.84, 0.5), (0.99, 0.84)],
        GROUND: [(0.3, 0.1), (0.8, 0.1), (0.3, 0.9), (0.8, 0.9)],
    },
    "3": {
        YELLOW: [(0.01, 0.01), (0.01, 0.99), (0.48, 0.5)],
        CYAN: [(0.52, 0.5), (0.99, 0.01), (0.99, 0.99)],
    },
    "4": {
        YELLOW: [(0.01, 0.01), (0.48, 0.5)],
        CYAN: [(0.99, 0.01), *ABOUT, *LEFT, *RIGHT],
    },
    # Each room has half of it, and so the middle of its picture; its name is in the lower left.
    "5": {
        PINK: [(0.01, 0.01), (0.23, 0.5)],
        WHITE: [(0.27, 0.5), (0.49, 0.01), (0.49, 0.97)],
        GREEN: [(0.52, 0.5), (0.98, 0.5)],
    },
    "6": {BOARD: [(0.01, 0.01), (0.99, 0.01), (0.01, 0.99), *ABOUT], YELLOW: LEFT, CYAN: RIGHT},
}


@pytest.fixture(scope="module")
def lead_browser(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """It shares a window without a question."""
    camera = made_up.camera(tmp_path_factory.mktemp("lead") / "camera.mjpeg", YELLOW, CYAN)
    shares = f"--auto-select-tab-capture-source-by-title={WINDOW}"
    # Not the browser's fake consent: with that, what is shared would be made up too.
    return launch(
        "--use-fake-device-for-media-stream", "--auto-accept-camera-and-microphone-capture",
        camera, shares,
    )  # fmt: skip


@pytest.fixture(scope="module")
def room_browser(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> Browser:
    camera = made_up.camera(tmp_path_factory.mktemp("room") / "camera.mjpeg", PINK, WHITE)
    return launch(*FAKE_DEVICES, camera)


def test_each_layout_has_its_pictures_where_they_belong(
    world: World, open_page: Open, lead_browser: Browser, room_browser: Browser, filming: Browser
) -> None:
    seats = ((2, world.house.ids["xiang"]), lead_page.add_room(world))
    class_id = world.book(mode="interactive", seats=seats)
    slides.give(world, class_id)
    page = lead_page.begin(open_page, class_id, lead_browser)
    room = in_talk(open_page, room_browser)
    in_talk(open_page, filming, "other room")
    expect(page.get_by_role("button", name="第 1 页")).to_be_visible()
    for key, wanted in LAYOUTS.items():
        page.keyboard.press(key)
        until_it_shows(composed(page), wanted)
        until_it_shows(room.locator(".room-talk"), wanted)
    # In the corner is who speaks, and nobody else.
    page.keyboard.press("4")
    speaks = row(page, "八（1）班")
    speaks.get_by_role("button", name="请发言").click()
    until_it_shows(composed(page), {GREEN: SIDES_OF_CORNER, CYAN: ABOUT})
    row(page).get_by_role("button", name="请发言").click()
    until_it_shows(composed(page), {PINK: LEFT, WHITE: RIGHT})
    for room_row in (row(page), speaks):
        room_row.get_by_role("button", name="正在发言").click()
    until_it_shows(composed(page), LAYOUTS["4"])


def test_a_shared_window_is_in_the_lesson_until_it_is_gone(
    world: World, open_page: Open, lead_browser: Browser, room_browser: Browser
) -> None:
    class_id = world.book(mode="interactive")
    slides.give(world, class_id)
    page = lead_page.begin(open_page, class_id, lead_browser)
    room = in_talk(open_page, room_browser)
    expect(page.get_by_role("button", name="第 1 页")).to_be_visible()
    window = share(page)
    paint(window, PINK)
    places = {PINK: MIDDLE, YELLOW: LEFT, CYAN: RIGHT}
    until_it_shows(composed(page), places)
    until_it_shows(room.locator(".room-talk"), places)
    # No slide of the class lies over it there.
    assert room.evaluate(DRAWN, [0.5, 0.5])[3] == 0
    # It moves.
    paint(window, WHITE)
    until_it_shows(composed(page), {WHITE: MIDDLE})
    # It is still shared after a page was shown in its place.
    lead_page.show(page, "有理数的加法")
    until_it_shows(composed(page), {SLIDE: MIDDLE})
    lead_page.show(page, SCREEN)
    until_it_shows(composed(page), {WHITE: MIDDLE})
    # That ends it as the browser's own button does.
    window.close()
    until_it_shows(composed(page), {SLIDE: MIDDLE, YELLOW: LEFT})
    expect(lead_page.shown(page)).to_have_text("有理数的加法")
    paint(share(page), PINK)
    until_it_shows(composed(page), places)


def test_without_slides_a_screen_is_shared_again(
    world: World, open_page: Open, lead_browser: Browser
) -> None:
    page = lead_page.begin(open_page, world.book(), lead_browser)
    for colour in (PINK, WHITE):
        window = share(page)
        paint(window, colour)
        until_it_shows(composed(page), {colour: MIDDLE, YELLOW: LEFT})
        window.close()
        # There is nothing to show beside the teacher.
        until_it_shows(composed(page), {YELLOW: [(0.01, 0.01)], CYAN: [(0.99, 0.99)]})
        # What stands there already could not be chosen by hand.
        expect(lead_page.shown(page)).to_have_text("放哪一份")


def test_a_second_camera_is_shown_trades_places_with_the_first_and_goes(
    world: World, open_page: Open, launch: Launch, room_browser: Browser
) -> None:
    fake, *more = FAKE_DEVICES
    page = lead_page.begin(
        open_page, world.book(mode="interactive"), launch(f"{fake}=device-count=2", *more)
    )
    room = in_talk(open_page, room_browser)
    until_it_shows(composed(page), {GREEN: SIDES})
    choose(page, "第二路摄像头", "fake_device_1")
    lead_page.show(page, "第二路摄像头")
    # Words in its place would stand on what is nearly black.
    until_it_shows(composed(page), {BLACK: SIDES}, near=4)
    until_it_shows(composed(page), {GREEN: SIDES_OF_CORNER})
    choose(page, "摄像头", "fake_device_1")
    choose(page, "第二路摄像头", "fake_device_0")
    places = {GREEN: SIDES, BLACK: SIDES_OF_CORNER}
    until_it_shows(composed(page), places)
    until_it_shows(room.locator(".room-talk"), places)
    # As when it is pulled out: there is nothing of it to show.
    choose(page, "第二路摄像头", "不用")
    until_it_shows(composed(page), {BLACK: SIDES}, near=4)


def share(page: Page) -> Page:
    """Share a window; the window."""
    window = page.context.new_page()
    window.set_content(f"<title>{WINDOW}</title>")
    lead_page.show(page, SCREEN)
    return window


def paint(window: Page, colour: Colour) -> None:
    window.evaluate("(rgb) => { document.body.style.background = `rgb(${rgb})`; }", colour)


def choose(page: Page, part: str, device: str) -> None:
    """Choose a device in class."""
    page.get_by_role("button", name="设备", exact=True).click()
    dialog = page.get_by_role("dialog", name="设备")
    dialog.get_by_role("combobox", name=part, exact=True).select_option(label=device)
    dialog.get_by_role("button", name="好了").click()
