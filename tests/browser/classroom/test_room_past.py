"""A receiving classroom that looks back: it plays on from there, and comes to now again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.classroom.conftest import Open
from tests.browser.classroom.in_class import QUESTION, SOON_MS, in_a_class, in_step
from tests.browser.classroom.world import World
from tests.browser.windows import keep
from tests.waiting import until

pytestmark = pytest.mark.browser

# Of a room that is steered to where the others are.
FASTEST = 1.05
PLAYED = "document.querySelector('.room-video').currentTime"
MEDIA = "document.querySelector('.room-video').src"
PLAYS = (
    "(({ paused, readyState }) => !paused && readyState > 2)(document.querySelector('.room-video'))"
)
STREAM = "**/hls/**"


def look_back(page: Page, least_s: float) -> None:
    """In a lesson of which so much has been played."""
    # Not `wait_for_function`, which the page's policy lets run no text more than once.
    until(lambda: page.evaluate(PLAYED) > least_s, what="there is something to look back to")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".room-line")).to_have_attribute("data-step", "past")


def behind_s(page: Page) -> int:
    found = re.search(r"(\d+) 秒前", page.locator(".room-line-detail").inner_text())
    assert found, "it says how far behind it is"
    return int(found[1])


def test_looking_back_and_catching_up(world: World, open_page: Open) -> None:
    class_id, page = in_a_class(world, open_page)
    look_back(page, 3)
    until(lambda: world.room(class_id)["playing"] == "past", what="the lead sees it")
    page.keyboard.press("c")
    rate = "document.querySelector('.room-video').playbackRate"
    assert page.evaluate(rate) == 1.25
    # It gets there by itself, and goes on no faster than the lesson.
    in_step(page)
    until(lambda: world.room(class_id)["playing"] == "lesson", what="in the lesson again")
    until(lambda: page.evaluate(rate) <= FASTEST, what="it is steered")
    # Or at once.
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".room-line")).to_have_attribute("data-step", "past")
    page.keyboard.press("End")
    in_step(page)
    until(lambda: world.room(class_id)["playing"] == "lesson", what="in the lesson again")


def test_a_line_that_was_gone_for_long_leaves_who_looks_back_where_they_were(
    world: World, open_page: Open
) -> None:
    _, page = in_a_class(world, open_page)
    look_back(page, 12)
    before, media = behind_s(page), page.evaluate(MEDIA)
    page.route(STREAM, lambda route: route.abort())
    until(lambda: page.evaluate(MEDIA) != media, what="the player is made anew")
    page.unroute(STREAM)
    until(lambda: page.evaluate(PLAYS), what="it plays")
    expect(page.locator(".room-line")).to_have_attribute("data-step", "past")
    assert behind_s(page) >= before
    played = page.evaluate(PLAYED)
    until(lambda: page.evaluate(PLAYED) > played + 1, what="it goes on")
    page.keyboard.press("End")
    in_step(page)


def test_who_looks_back_is_told_of_a_question_and_goes_to_it(world: World, open_page: Open) -> None:
    _, page = in_a_class(world, open_page)
    look_back(page, 12)
    told = page.locator(".room-asked-now")
    expect(told).to_be_hidden()
    world.ask("open_quiz", quiz="q1", question=QUESTION)
    expect(told).to_be_visible(timeout=SOON_MS)
    expect(told).to_have_text("老师出题了，按 End 去答")
    expect(page.locator(".room-quiz")).to_be_hidden()
    keep(page, "room-past-asked")
    page.keyboard.press("End")
    expect(page.locator(".room-question")).to_have_text("哪个方程对？", timeout=SOON_MS)
    expect(told).to_be_hidden()
    page.keyboard.press("b")
    expect(page.locator(".room-quiz-foot")).to_contain_text("收到了：“B”")
    page.keyboard.press("ArrowLeft")
    expect(told).to_be_visible()
    world.ask("close_quiz", quiz="q1")
    expect(told).to_be_hidden(timeout=SOON_MS)
