"""The player as a teacher uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.waiting import until
from web.tests.browser.fake_api import FakeApi, Running
from web.tests.browser.sample import media, rendition

pytestmark = pytest.mark.browser

PIECES = "**/*.m4s"
PLAYING = """() => {
    const video = document.querySelector("video");
    return !video.paused && video.readyState > 2 && video.currentTime > %s;
}"""


def now(page: Page) -> float:
    return page.evaluate("document.querySelector('video').currentTime")


def play(page: Page, past: float = 0.2) -> None:
    page.keyboard.press("k")
    page.wait_for_function(PLAYING % past)


def open_player(page: Page, server: Running, fragment: str = "") -> None:
    page.goto(f"{server.url}/{fragment}")
    page.wait_for_function("document.querySelector('video').readyState > 1")


def test_it_plays_and_goes_on_where_i_stopped(page: Page, server: Running, api: FakeApi) -> None:
    api.media["position_s"] = 20
    open_player(page, server)
    expect(page.get_by_text("从 00:20 接着看")).to_be_visible()
    assert now(page) == pytest.approx(20, abs=0.5)
    play(page, 20.5)
    page.keyboard.press("k")
    page.wait_for_function("document.querySelector('video').paused")
    stopped = now(page)
    page.goto("about:blank")
    assert api.positions[-1] == pytest.approx(stopped, abs=0.3)
    assert api.csrf_missing == 0


def test_from_the_start_is_one_click_away(page: Page, server: Running, api: FakeApi) -> None:
    api.media["position_s"] = 20
    open_player(page, server)
    page.get_by_role("button", name="从头看").click()
    page.wait_for_function("document.querySelector('video').currentTime < 1")


def test_a_link_to_a_moment_goes_before_the_kept_position(
    page: Page, server: Running, api: FakeApi
) -> None:
    api.media["position_s"] = 20
    open_player(page, server, "#t=41")
    page.wait_for_function("Math.abs(document.querySelector('video').currentTime - 41) < 0.5")
    page.get_by_role("link", name="看 00:30").click()
    page.wait_for_function(PLAYING % 30)


def test_keys(page: Page, server: Running) -> None:
    open_player(page, server)
    page.keyboard.press("5")
    page.wait_for_function("Math.abs(document.querySelector('video').currentTime - 30) < 0.2")
    page.keyboard.press("l")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("Math.abs(document.querySelector('video').currentTime - 35) < 0.2")
    page.keyboard.press("Shift+>")
    assert page.evaluate("document.querySelector('video').playbackRate") == 1.25
    page.keyboard.press("m")
    assert page.evaluate("document.querySelector('video').muted")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="键盘快捷键")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_writing_a_comment_is_no_shortcut(page: Page, server: Running) -> None:
    open_player(page, server)
    page.get_by_label("评议").fill("")
    page.get_by_label("评议").type("km 5?")
    assert page.evaluate("document.querySelector('video').paused")
    assert now(page) < 0.5
    expect(page.get_by_label("评议")).to_have_value("km 5?")


def test_a_chosen_quality_is_played_and_kept_on_this_device(page: Page, server: Running) -> None:
    open_player(page, server)
    page.get_by_title("清晰度").click()
    page.get_by_role("menuitemradio", name="180p").click()
    play(page)
    page.wait_for_function("document.querySelector('video').videoHeight === 180")
    open_player(page, server)
    expect(page.get_by_title("清晰度")).to_have_text("180p")
    page.wait_for_function("document.querySelector('video').videoHeight === 180")


def test_sound_only_keeps_the_place_and_takes_no_picture(
    page: Page, server: Running, api: FakeApi
) -> None:
    api.media["position_s"] = 20
    open_player(page, server)
    play(page, 20.5)
    page.locator(".player-bar").get_by_role("button", name="只听声音").click()
    before = now(page)
    page.wait_for_function(PLAYING % (before + 0.3))
    assert page.evaluate("document.querySelector('video').videoWidth") == 0
    api.seen.clear()
    open_player(page, server)
    expect(page.get_by_text("只放声音")).to_be_visible()
    assert not any("s-0-" in path or "s-1-" in path for _, path in api.seen)
    page.locator(".player-bar").get_by_role("button", name="换回画面").click()
    page.wait_for_function("document.querySelector('video').videoWidth > 0")


def test_the_storyboard_shows_frames_on_the_line_and_under_the_pointer(
    page: Page, server: Running
) -> None:
    open_player(page, server)
    page.wait_for_selector(".player-strip-frame[style*='sheet.jpg']")
    slider = page.get_by_role("slider", name="时间线")
    box = slider.bounding_box()
    assert box
    slider.hover(position={"x": box["width"] / 2, "y": 10})
    expect(page.locator(".player-preview")).to_contain_text("00:30")
    slider.click(position={"x": box["width"] / 2, "y": 10})
    page.wait_for_function("Math.abs(document.querySelector('video').currentTime - 30) < 0.5")


def test_a_lesson_is_watched_while_it_is_encoded_and_new_qualities_join(
    page: Page, server: Running, api: FakeApi
) -> None:
    small = rendition(180, 172_228)
    api.media = media(
        state="checking", growing=True, hls=None, sound=None, storyboard=None, renditions=[]
    )
    page.goto(server.url)
    expect(page.get_by_text("正在检查录像")).to_be_visible()
    api.media = media(
        state="playable",
        growing=True,
        hls="/media/12/first.m3u8",
        sound=None,
        storyboard=None,
        renditions=[small],
    )
    page.wait_for_function("document.querySelector('video').readyState > 1")
    play(page)
    expect(page.get_by_text("更多清晰度在转码")).to_be_visible()
    page.evaluate("""() => {
        document.querySelector("video").onemptied = () => { window.stopped = true };
    }""")
    api.media = media()
    page.get_by_title("清晰度").click(timeout=5000)
    page.keyboard.press("Escape")
    page.wait_for_function(
        "document.querySelector('.player-work').textContent === ''", timeout=10_000
    )
    assert not page.evaluate("window.stopped === true"), "it went on playing"
    before = now(page)
    page.get_by_title("清晰度").click()
    page.get_by_role("menuitemradio", name="360p").click()
    page.wait_for_function("document.querySelector('video').videoHeight === 360")
    page.wait_for_function(PLAYING % before)


def test_who_seeks_while_new_qualities_are_taken_up_is_not_brought_back(
    page: Page, server: Running, api: FakeApi
) -> None:
    api.media = media(
        growing=True, hls="/media/12/first.m3u8", renditions=[rendition(180, 172_228)]
    )
    open_player(page, server)
    held: list[Route] = []
    page.route(PIECES, lambda route: held.append(route))
    api.media = media()
    page.wait_for_function(
        "document.querySelector('.player-work').textContent === ''", timeout=10_000
    )
    # The first seek takes the new playlist up, and its first piece has not come at the second.
    page.evaluate("document.querySelector('video').currentTime = 30")
    until(lambda: page.evaluate("1") and held, what="a piece is asked for")
    page.evaluate("document.querySelector('video').currentTime = 7")
    page.route(PIECES, lambda route: route.continue_())
    for route in held:
        route.continue_()
    page.wait_for_function("document.querySelector('video').readyState > 1")
    assert now(page) == pytest.approx(7, abs=0.1)


def test_a_lost_line_is_said_and_mended_by_itself(
    page: Page, server: Running, api: FakeApi
) -> None:
    api.down = True
    page.goto(server.url)
    expect(page.get_by_role("alert")).to_contain_text("网断了")
    expect(page.get_by_role("alert")).to_contain_text("自动重试")
    api.down = False
    page.get_by_role("button", name="现在重试").click()
    page.wait_for_function("document.querySelector('video').readyState > 1")
    expect(page.get_by_role("alert")).to_be_hidden()


def test_a_lesson_that_was_withdrawn_says_so(page: Page, server: Running, api: FakeApi) -> None:
    api.media["hls"] = "/media/12/gone.m3u8"
    page.goto(server.url)
    expect(page.get_by_role("alert")).to_contain_text("现在看不了", timeout=15_000)


def test_everything_used_while_watching_fits_the_classroom_screen(
    page: Page, server: Running
) -> None:
    open_player(page, server)
    page.wait_for_selector(".player-strip-frame[style*='sheet.jpg']")
    box = page.locator(".player").bounding_box()
    assert box and box["height"] <= 600


def test_on_a_phone_nothing_is_cut_off(page: Page, server: Running) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_player(page, server)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for button in page.locator(".player-bar .player-button:visible").all():
        box = button.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
