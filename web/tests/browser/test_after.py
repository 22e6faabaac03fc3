"""What is kept of a class, in a browser: chapters lead to their second, two lessons play as one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from services.web import views
from services.web.rendering import StaticFiles, render
from services.web.views import View
from services.web.views.compare import CompareView
from services.web.views.marks import LessonMarks
from tests.services.web import samples, samples_observation
from tests.services.web.pages import environment
from tests.services.web.samples_ground import shell
from web.tests.browser.fake_api import Running

pytestmark = pytest.mark.browser

CHAPTERS = tuple(
    replace(chapter, seconds=second)
    for chapter, second in zip(samples_observation.CHAPTERS, (0, 12, 24, 36), strict=True)
)
NOTES = tuple(
    replace(note, seconds=second)
    for note, second in zip(samples_observation.NOTES, (9, 30, 31), strict=True)
)
# Seconds of the left and the right lesson.
BOTH = "() => [...document.querySelectorAll('video')].map(video => video.currentTime)"
# Of what the right one shows.
BRIGHTEST = """() => {
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
  pen.drawImage(document.querySelectorAll("video")[1], 0, 0, canvas.width, canvas.height);
  const shown = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  return shown.reduce((most, value, at) => (at % 4 < 3 ? Math.max(most, value) : most), 0);
}"""
READY = "() => [...document.querySelectorAll('video')].every(video => video.readyState > 2)"


def opened(page: Page, server: Running, view: View, path: str = "/kept") -> None:
    """The page as the service draws it, with its scripts."""
    html = render(environment("zh", StaticFiles()), shell("zh"), view)
    page.route(f"**{path}", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(f"{server.url}{path}")


def times(page: Page) -> tuple[float, float]:
    left, right = page.evaluate(BOTH)
    return left, right


@pytest.fixture
def compared(page: Page, server: Running) -> Page:
    first, second = samples_observation.SIDES
    sides = (
        replace(first, chapters=CHAPTERS, notes=NOTES),
        replace(second, id=12, chapters=CHAPTERS, notes=()),
    )
    opened(page, server, CompareView(sides))
    page.wait_for_function(READY)
    return page


def test_one_button_plays_both_in_step_and_one_is_heard(compared: Page) -> None:
    compared.get_by_role("button", name="一起播放").click()
    compared.wait_for_function(f"() => ({BOTH})().every(second => second > 1.5)")
    left, right = times(compared)
    assert abs(left - right) < 0.3
    muted = "() => [...document.querySelectorAll('video')].map(video => video.muted)"
    assert compared.evaluate(muted) == [False, True]
    compared.get_by_role("button", name="听右边的声音").click()
    assert compared.evaluate(muted) == [True, False]
    compared.get_by_role("button", name="一起暂停").click()
    compared.wait_for_function("() => [...document.querySelectorAll('video')].every(v => v.paused)")


def test_a_chapter_leads_both_and_aligned_anew_they_keep_apart(compared: Page) -> None:
    left, right = compared.locator(".compare-lists").all()
    left.get_by_role("link", name="课件第 4 页").click()
    compared.wait_for_function(f"() => ({BOTH})().every(second => Math.abs(second - 12) < 0.3)")
    compared.get_by_role("button", name="各自移动").click()
    right.get_by_role("link", name="两个负数相加得什么？").click()
    compared.wait_for_function(f"() => Math.abs(({BOTH})()[1] - 24) < 0.3")
    assert times(compared)[0] == pytest.approx(12, abs=0.3)
    compared.get_by_role("button", name="从这里对齐").click()
    expect(compared.get_by_text("右边从第 12.0 秒起对齐")).to_be_visible()
    left.get_by_role("link", name="00:30").click()
    compared.wait_for_function(f"() => Math.abs(({BOTH})()[1] - 42) < 0.3")
    assert times(compared)[0] == pytest.approx(30, abs=0.3)


def test_where_the_right_one_is_over_the_left_one_goes_on(compared: Page) -> None:
    left, right = compared.locator(".compare-lists").all()
    compared.get_by_role("button", name="各自移动").click()
    right.get_by_role("link", name="七（2）班发言").click()
    compared.wait_for_function(f"() => Math.abs(({BOTH})()[1] - 36) < 0.3")
    compared.get_by_role("button", name="从这里对齐").click()
    left.get_by_role("link", name="七（2）班发言").click()
    compared.wait_for_function(f"() => Math.abs(({BOTH})()[0] - 36) < 0.3")
    last = "() => { const video = document.querySelectorAll('video')[1]; return video.duration; }"
    length = compared.evaluate(last)
    assert length < 70, "the moment lies behind its end"
    assert times(compared)[1] == pytest.approx(length, abs=0.1)
    compared.get_by_role("button", name="一起播放").click()
    compared.wait_for_function(f"() => ({BOTH})()[0] > 38")
    assert times(compared)[1] == pytest.approx(length, abs=0.1)
    assert compared.evaluate(BRIGHTEST) > 60, "its last picture stays"


def test_the_lower_rail_is_dragged_along_the_upper(compared: Page) -> None:
    rail = compared.locator(".rails .movable").bounding_box()
    assert rail
    middle = rail["y"] + rail["height"] / 2
    compared.mouse.move(rail["x"] + rail["width"] / 2, middle)
    compared.mouse.down()
    compared.mouse.move(rail["x"] + rail["width"] / 2 + rail["width"] / 6, middle, steps=6)
    compared.mouse.up()
    expect(compared.get_by_text("左边从第")).to_be_visible()
    # The left one stays where it is: there the right one has not begun.
    assert times(compared) == (0, 0)
    of_left = compared.locator(".compare-lists").first
    of_left.get_by_role("link", name="两个负数相加得什么？").click()
    compared.wait_for_function(f"() => Math.abs(({BOTH})()[0] - 24) < 0.3")
    left, right = times(compared)
    assert left - right == pytest.approx(10, abs=3)


def test_chapters_and_notes_stand_on_the_players_line(page: Page, server: Running) -> None:
    view = views.LessonView(
        samples.RESOURCE, (), hls="/media/12/master.m3u8",
        marks=LessonMarks(CHAPTERS, NOTES, samples_observation.HEAT, 7),
    )  # fmt: skip
    opened(page, server, view)
    expect(page.locator(".player-mark")).to_have_count(len(CHAPTERS) + len(NOTES))
    page.wait_for_function("document.querySelector('video').readyState > 2")
    page.get_by_role("link", name="两个负数相加得什么？").click()
    page.wait_for_function("Math.abs(document.querySelector('video').currentTime - 24) < 2")
    expect(page.locator(".chapters [aria-current]")).to_contain_text("小测：")
