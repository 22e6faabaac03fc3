"""A teacher watches a lesson (issue list, 4)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageOf, PersonOf
from tests.browser.service import Service

pytestmark = pytest.mark.browser

LESSON = "5.3\u3000实际问题与一元一次方程（第 2 课时）"
LENGTH_S = 45.0
VIDEO = "document.querySelector('video')"


@pytest.fixture
def lesson(library: Service, person: PersonOf) -> str:
    """The address of a lesson of the paired school."""
    return f"/resources/{person('xiangyuhe').resource(LESSON)}"


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    page.wait_for_function(f"() => {VIDEO}.readyState > 1")
    return page


def at(page: Page, seconds: float) -> None:
    """Wait until the picture stands at about this second."""
    page.wait_for_function(f"s => Math.abs({VIDEO}.currentTime - s) < 0.7", arg=seconds)


def playing_past(page: Page, seconds: float) -> None:
    page.wait_for_function(
        f"s => !{VIDEO}.paused && {VIDEO}.currentTime > s", arg=seconds, timeout=30_000
    )


def now(page: Page) -> float:
    return float(page.evaluate(f"() => {VIDEO}.currentTime"))


def test_before_it_is_played_little_is_taken_from_the_line(lesson: str, page_of: PageOf) -> None:
    page = opened(page_of("longtingquan"), lesson)
    page.wait_for_load_state("networkidle")
    buffered = page.evaluate(f"() => {VIDEO}.buffered.end(0)")
    assert 0 < buffered < LENGTH_S / 2


def test_by_keyboard(lesson: str, page_of: PageOf) -> None:
    page = opened(page_of("longtingquan"), lesson)
    page.keyboard.press(" ")
    playing_past(page, 0.5)
    page.keyboard.press(" ")
    page.wait_for_function(f"() => {VIDEO}.paused")
    page.keyboard.press("2")
    at(page, LENGTH_S * 0.2)
    page.keyboard.press("ArrowRight")
    at(page, LENGTH_S * 0.2 + 5)
    page.keyboard.press("ArrowLeft")
    at(page, LENGTH_S * 0.2)
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="键盘快捷键")
    expect(keys).to_contain_text("空格")
    page.keyboard.press("Escape")
    expect(keys).to_have_count(0)


def test_by_its_menus(lesson: str, page_of: PageOf) -> None:
    page = opened(page_of("longtingquan"), lesson)
    page.get_by_title("播放速度").click()
    page.get_by_role("menuitemradio", name="1.5 倍").click()
    assert page.evaluate(f"() => {VIDEO}.playbackRate") == 1.5

    page.get_by_title("清晰度").click()
    qualities = page.get_by_role("menuitemradio").all_inner_texts()
    assert [text.split()[0] for text in qualities] == ["自动", "原画", "480p", "360p", "240p"]
    page.get_by_role("menuitemradio", name="240p").click()
    page.keyboard.press("k")
    page.wait_for_function(f"() => {VIDEO}.videoHeight === 240 && {VIDEO}.currentTime > 0.3")
    expect(page.get_by_title("清晰度")).to_have_text("240p")
    expect(page.get_by_role("button", name="小窗")).to_be_visible()

    page.locator(".player-bar").get_by_role("button", name="只听声音").click()
    page.wait_for_function(f"() => {VIDEO}.videoHeight === 0 && {VIDEO}.readyState > 2")
    expect(page.get_by_text("只放声音")).to_be_visible()
    playing_past(page, now(page) + 0.3)
    page.locator(".player-bar").get_by_role("button", name="换回画面").click()
    page.wait_for_function(f"() => {VIDEO}.videoHeight > 0")


def test_the_line_of_the_lesson_shows_its_pictures(lesson: str, page_of: PageOf) -> None:
    page = opened(page_of("longtingquan"), lesson)
    slider = page.get_by_role("slider", name="时间线")
    slider.hover()
    expect(page.locator(".player-strip-frame[style*='.jpg']").first).to_be_visible()
    box = slider.bounding_box()
    assert box
    slider.hover(position={"x": box["width"] / 2, "y": 10})
    preview = page.locator(".player-preview")
    expect(preview).to_contain_text("00:22")
    expect(preview.locator(".player-preview-picture")).to_have_css(
        "background-image", re.compile(r"/media/\d+/.*\.jpg")
    )
    slider.click(position={"x": box["width"] / 2, "y": 10})
    at(page, LENGTH_S / 2)


def test_it_goes_on_where_i_stopped_on_another_device(lesson: str, page_of: PageOf) -> None:
    school = opened(page_of("tianxiaoman"), lesson)
    school.keyboard.press("4")
    at(school, LENGTH_S * 0.4)
    school.keyboard.press("k")
    playing_past(school, LENGTH_S * 0.4 + 0.5)
    with school.expect_response(re.compile(r"/position$")) as kept:
        school.keyboard.press("k")
    assert kept.value.ok
    stopped = now(school)

    phone = page_of("tianxiaoman", "phone")
    phone.goto("/")
    going_on = phone.locator("section", has=phone.get_by_role("heading", name="接着看"))
    expect(going_on).to_contain_text("停在 00:1")
    going_on.get_by_role("link", name=re.compile("实际问题")).click()
    expect(phone.get_by_text("接着看").last).to_be_visible()
    at(phone, stopped)
