"""Slides on a room's screen: as sharp as it is wide, where its line carries that."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.classroom.conftest import Open
from tests.browser.classroom.in_class import SOON_MS, in_step
from tests.browser.classroom.test_room_talk import BOARD, DRAWN
from tests.browser.classroom.world import World
from tests.browser.old import slides
from tests.browser.windows import keep
from tests.waiting import until
from web.tests.browser.lead.leading import COLOURS

pytestmark = pytest.mark.browser

# The picture has 1896 px of it.
LARGE_SCREEN = {"width": 2560, "height": 1440}
RED = [224, 83, 63, 255]


def is_drawn(page: Page, number: int) -> None:
    drawn = [*COLOURS[number - 1], 255]
    until(lambda: page.evaluate(DRAWN, [0.5, 0.5]) == drawn, what="it is drawn")


def with_slides(world: World, open_page: Open) -> tuple[str, Page]:
    """A class with slides that runs, and a room in step with it: the deck's name, and the page."""
    class_id = world.book()
    deck = slides.give(world, class_id)
    world.begin(class_id)
    page = open_page("/room", "room")
    in_step(page)
    return deck, page


def test_a_large_screen_asks_for_wide_pictures(world: World, open_page: Open) -> None:
    """The deck is one from before there were any: it is shown all the same."""
    deck, page = with_slides(world, open_page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.partition("/slides/")[2]))
    world.ask("layout", view="slides")
    world.ask("slide", page={"deck": deck, "number": 1})
    is_drawn(page, 1)
    assert f"{deck}/1" in asked
    assert not [url for url in asked if "wide" in url]
    with page.expect_request(f"**/slides/{deck}/1?size=wide"):
        page.set_viewport_size(LARGE_SCREEN)  # type: ignore[arg-type]  # a dict is one
    with page.expect_request(f"**/slides/{deck}/3?size=wide"):
        world.ask("slide", page={"deck": deck, "number": 3})
    is_drawn(page, 3)
    # A thin line has the lesson's sound to carry.
    page.select_option(".room-line-choice", "slides_and_sound")
    before = page.locator(".room-before")
    expect(before).to_be_hidden()
    world.ask("layout", view="teacher")
    expect(before).to_have_text("老师现在没放课件，这是刚才那页", timeout=SOON_MS)
    keep(page, "room-slide-before")
    world.ask("layout", view="slides")
    expect(before).to_be_hidden(timeout=SOON_MS)
    asked.clear()
    page.reload()
    page.locator(".stage-overlay").wait_for()
    is_drawn(page, 3)
    assert f"{deck}/3" in asked
    assert not [url for url in asked if "wide" in url]


def test_strokes_and_what_is_lit_are_drawn_where_they_are_on_the_lead_s_page(
    world: World, open_page: Open
) -> None:
    deck, page = with_slides(world, open_page)
    first, slide = {"deck": deck, "number": 1}, [*COLOURS[0], 255]
    line = {"points": [[0.1, 0.3], [0.5, 0.3]], "colour": "red", "width": 0.02}

    def is_drawn(x: float, y: float, colour: list[int], what: str) -> None:
        until(lambda: page.evaluate(DRAWN, [x, y]) == colour, what=what)

    world.ask("layout", view="slides")
    world.ask("slide", page=first)
    world.ask("stroke", stroke="s1", page=first, **line)
    is_drawn(0.3, 0.3, RED, "the stroke is on the slide")
    assert page.evaluate(DRAWN, [0.6, 0.3]) == slide
    world.ask("spotlight", area={"x": 0.2, "y": 0.2, "width": 0.2, "height": 0.2})
    until(lambda: page.evaluate(DRAWN, [0.6, 0.3]) != slide, what="the rest is dark")
    assert page.evaluate(DRAWN, [0.3, 0.35]) == slide
    world.ask("spotlight", area=None)
    is_drawn(0.6, 0.3, slide, "all is lit again")
    # The board has strokes of its own, and the slide keeps its.
    world.ask("layout", view="board")
    is_drawn(0.3, 0.3, BOARD, "the board is empty")
    world.ask("stroke", stroke="s2", **line)
    is_drawn(0.3, 0.3, RED, "the stroke is on the board")
    page.reload()
    in_step(page)
    is_drawn(0.3, 0.3, RED, "it is there for who comes late")
    world.ask("clear_board")
    is_drawn(0.3, 0.3, BOARD, "the board is wiped")
    world.ask("layout", view="slides")
    is_drawn(0.3, 0.3, RED, "the slide has its stroke")


def test_a_question_about_a_slide_shows_it_where_the_line_carries_sound_alone(
    world: World, open_page: Open
) -> None:
    deck, page = with_slides(world, open_page)
    page.select_option(".room-line-choice", "sound_only")
    veil = page.locator(".room-veil")
    expect(veil).to_contain_text("现在只听声音")
    question = {
        "kind": "single", "text": "看屏幕上的题", "options": ["A", "B"], "right": [],
        "page": {"deck": deck, "number": 2},
    }  # fmt: skip
    world.ask("open_quiz", quiz="q1", question=question)
    is_drawn(page, 2)
    expect(veil).to_be_hidden()
    expect(page.locator(".room-option").first).to_have_text("A")
    page.keyboard.press("b")
    expect(page.locator(".room-quiz-foot")).to_contain_text("收到了：“B”")
    world.ask("show_answer", quiz="q1")
    # Nobody was asked for what is right.
    expect(page.locator(".room-quiz-time")).to_have_text("结果")
    expect(page.locator(".room-option").last).to_have_attribute("data-state", "chosen")
    keep(page, "room-quiz-sound-only")
    world.ask("layout", view="teacher")
    expect(veil).to_be_visible()
