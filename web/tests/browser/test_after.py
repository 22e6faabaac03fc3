"""What is kept of a class, in a browser: chapters lead to their second, two lessons play as one."""

from __future__ import annotations

import re
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
    for chapter, second in zip(samples_observation.CHAPTERS, (0, 12, 18, 24, 36), strict=True)
)
NOTES = tuple(
    replace(note, seconds=second)
    for note, second in zip(samples_observation.NOTES, (9, 30, 31), strict=True)
)
# Seconds of the left and the right lesson.
BOTH = "() => [...document.querySelectorAll('video')].map(video => video.currentTime)"
LENGTHS = "() => [...document.querySelectorAll('video')].map(video => video.duration)"
SCROLLED = "() => document.querySelector('.compare-lists .chapters').scrollTop"
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
        replace(second, lesson=replace(second.lesson, id=12), chapters=CHAPTERS, notes=()),
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
    expect(compared.get_by_text("右边从 00:12 起对齐")).to_be_visible()
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
    expect(compared.get_by_text(re.compile("左边从 .* 起对齐"))).to_be_visible()
    # The left one stays where it is: there the right one has not begun.
    assert times(compared) == (0, 0)
    of_left = compared.locator(".compare-lists").first
    of_left.get_by_role("link", name="两个负数相加得什么？").click()
    compared.wait_for_function(f"() => Math.abs(({BOTH})()[0] - 24) < 0.3")
    left, right = times(compared)
    assert left - right == pytest.approx(10, abs=3)


def test_how_they_are_aligned_is_in_the_address_and_in_the_link(
    compared: Page, server: Running
) -> None:
    compared.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for _ in range(3):
        compared.keyboard.press("]")
    expect(compared.get_by_text("右边从 00:01.5 起对齐")).to_be_visible()
    compared.wait_for_url("**/kept?offset=1.5")
    compared.get_by_role("button", name="复制链接").click()
    expect(compared.get_by_role("button", name="已复制")).to_be_visible()
    copied = compared.evaluate("navigator.clipboard.readText()")
    assert copied == f"{server.url}/kept?offset=1.5"


@pytest.mark.parametrize(("offset", "shown"), [(12, (0, 12)), (-9, (9, 0)), (9999, (0, None))])
def test_who_opens_the_link_sees_them_aligned(
    page: Page, server: Running, offset: int, shown: tuple[int, int | None]
) -> None:
    first, second = samples_observation.SIDES
    other = replace(second, lesson=replace(second.lesson, id=12))
    opened(page, server, CompareView((first, other)), f"/kept?offset={offset}")
    page.wait_for_function(f"() => ({LENGTHS})().every(length => length > 0)")
    length = page.evaluate(f"({LENGTHS})()[1]")
    expected = (shown[0], length if shown[1] is None else shown[1])
    far = f"Math.abs(second - {list(expected)}[at]) < 0.3"
    page.wait_for_function(f"() => ({BOTH})().every((second, at) => {far})")


def test_below_each_other_each_list_says_whose_it_is(compared: Page) -> None:
    whose = compared.get_by_text("：左边，有理数的加法").first
    for width, is_said in ((1366, False), (390, True)):
        compared.set_viewport_size({"width": width, "height": 800})
        box = whose.bounding_box()
        assert box and (box["width"] > 100) == is_said, width
        assert compared.locator(".side-name").first.is_visible() == is_said


def test_a_list_follows_its_lesson_but_not_under_the_pointer(page: Page, server: Running) -> None:
    first, second = samples_observation.SIDES
    many = tuple(replace(CHAPTERS[0], seconds=second) for second in range(40))
    other = replace(second, lesson=replace(second.lesson, id=12))
    opened(page, server, CompareView((replace(first, chapters=many), other)))
    page.wait_for_function(READY)
    chapters = page.locator(".compare-lists .chapters").first
    current = chapters.locator("[aria-current]")

    def play_at(second: int) -> None:
        page.evaluate(f"document.querySelectorAll('video')[0].currentTime = {second}")
        expect(current).to_have_attribute("data-second", f"{second}.00")

    play_at(35)
    page.wait_for_function(f"() => ({SCROLLED})() > 500")
    scrolled = page.evaluate(SCROLLED)
    assert page.evaluate("scrollY") == 0
    chapters.hover()
    play_at(2)
    assert page.evaluate(SCROLLED) == scrolled
    page.mouse.move(0, 0)
    play_at(3)
    page.wait_for_function(f"() => ({SCROLLED})() < 200")


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
