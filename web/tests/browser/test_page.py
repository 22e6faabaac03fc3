"""The small behaviours of every page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from web.tests.browser.fake_api import FakeApi, Running

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def small_page(page: Page, server: Running, api: FakeApi) -> None:
    api.resources[12] = {
        "id": 12,
        "title": "课",
        "state": "checking",
        "viewable": False,
        "poster": None,
        "failure": None,
        "progress": None,
        "job_id": 1,
    }
    page.goto(f"{server.url}/page")


def test_a_slash_goes_to_the_search_and_the_arrows_choose(page: Page) -> None:
    page.keyboard.press("/")
    field = page.get_by_role("combobox")
    expect(field).to_be_focused()
    field.press_sequentially("有理")
    expect(page.get_by_role("option")).to_have_count(2)
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    field.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_have_text("有理数的加减")
    field.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_have_count(0)
    field.press("ArrowUp")
    field.press("Enter")
    expect(page).to_have_url(re.compile("%E5%8A%A0%E5%87%8F"))


def test_escape_closes_the_suggestions_and_enter_searches_what_was_typed(page: Page) -> None:
    field = page.get_by_role("combobox")
    field.press_sequentially("有理")
    expect(page.get_by_role("option")).to_have_count(2)
    field.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    field.press("Enter")
    expect(page).to_have_url(re.compile(r"q=%E6%9C%89%E7%90%86$"))


def test_what_was_done_is_said_once(page: Page, server: Running) -> None:
    page.goto(f"{server.url}/page?done=class-booked&undo=%2Fx&num=2&page=3")
    page.wait_for_url(f"{server.url}/page?page=3")


def test_a_facet_is_applied_when_it_is_ticked(page: Page) -> None:
    page.get_by_label("课件").check(no_wait_after=True)
    expect(page).to_have_url(re.compile(r"\?kind=courseware$"))


def test_a_destructive_act_asks_once(page: Page) -> None:
    page.get_by_role("button", name="删除").click()
    dialog = page.get_by_role("dialog", name="删除这份资源？")
    dialog.get_by_role("button", name="先不").click()
    expect(page).to_have_url(re.compile(r"/page$"))
    page.get_by_role("button", name="删除").click()
    dialog.get_by_role("button", name="删除").click()
    expect(page).to_have_url(re.compile(r"gone=1$"))


def left(page: Page) -> None:
    page.evaluate("location.href = '/page?left=1'")


def test_who_leaves_with_something_typed_is_asked_first(page: Page) -> None:
    page.on("dialog", lambda dialog: dialog.dismiss())
    field = page.get_by_role("textbox", name="建议")
    field.press_sequentially("多等三秒")
    with page.expect_event("dialog", lambda dialog: dialog.type == "beforeunload"):
        left(page)
    expect(field).to_have_value("多等三秒")
    field.clear()
    left(page)
    expect(page).to_have_url(re.compile("left=1$"))


def test_what_the_service_sent_back_unkept_is_asked_about_too(page: Page) -> None:
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.evaluate("document.querySelector('[data-unsaved]').dataset.unsaved = 'yes'")
    # Browsers ask only who has touched the page.
    page.get_by_role("textbox", name="建议").click()
    with page.expect_event("dialog", lambda dialog: dialog.type == "beforeunload"):
        left(page)


@pytest.mark.parametrize("way", ["存草稿", "交给老师"])
def test_who_sends_what_she_typed_is_not_asked_whether_to_leave(page: Page, way: str) -> None:
    asked = list[str]()
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept())[1])
    page.get_by_role("textbox", name="建议").press_sequentially("多等三秒")
    page.get_by_role("button", name=way).click()
    if way == "交给老师":
        page.get_by_role("dialog").get_by_role("button", name=way).click()
    expect(page).to_have_url(re.compile("(kept|sent)=1"))
    assert asked == []


def test_a_link_is_copied(page: Page, server: Running) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
    page.get_by_role("button", name="复制链接").click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{server.url}/resources/12"
    page.get_by_role("button", name="复制密钥").click()
    expect(page.get_by_role("button", name="已复制")).to_have_count(2)
    assert page.evaluate("navigator.clipboard.readText()") == "sk_4fJq"


def test_the_state_of_a_work_is_renewed_in_place_until_it_is_done(page: Page, api: FakeApi) -> None:
    row = page.get_by_role("listitem")
    progress = {"step": "ladder", "percent": 43, "eta_s": 120}
    api.resources[12].update(state="encoding", progress=progress)
    expect(row).to_contain_text("转各档清晰度 43%，还要 2 分钟")
    assert row.locator("progress").evaluate("bar => bar.value") == 43
    api.resources[12].update(state="published", progress=None)
    expect(row).to_contain_text("已发布")
    api.seen.clear()
    page.wait_for_function("!document.querySelector('[data-resource]')")


def test_works_older_than_the_newest_fifty_are_renewed_too(page: Page, api: FakeApi) -> None:
    for number in range(13, 100):
        api.resources[number] = api.resources[12] | {"id": number}
    page.evaluate("document.querySelector('ul').innerHTML += '<li data-resource=\"99\"></li>'")
    api.resources[12].update(state="published", progress=None)
    expect(page.get_by_role("listitem").first).to_contain_text("已发布")


def test_what_only_its_author_sees_becomes_ready_not_published(page: Page, api: FakeApi) -> None:
    page.evaluate("document.querySelector('li b').toggleAttribute('data-alone')")
    api.resources[12].update(state="published", progress=None)
    expect(page.get_by_role("listitem").locator("b")).to_have_text("做好了")


def test_what_failed_is_no_longer_drawn_as_going_well(page: Page, api: FakeApi) -> None:
    word = page.get_by_role("listitem").locator("b")
    api.resources[12].update(state="encoding", progress=None)
    expect(word).to_have_class("good")
    failure = {
        "code": "x",
        "message": "这段录像放不出来",
        "remedy": "换一个文件",
        "may_retry": True,
    }
    api.resources[12].update(state="failed", failure=failure)
    expect(word).to_have_text("这段录像放不出来")
    expect(word).to_have_class("bad")


def test_a_poster_shows_the_moment_under_the_pointer(page: Page) -> None:
    poster = page.locator(".poster")
    poster.scroll_into_view_if_needed()
    box = poster.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    frame = poster.locator(".poster-frame")
    expect(frame).to_have_css("background-image", re.compile(r"/media/12/sheet\.jpg"))
    expect(poster).to_contain_text("00:30 / 01:00")
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 20)
    expect(poster).to_contain_text("00:45 / 01:00")
    page.mouse.move(0, 0)
    expect(frame).to_have_count(0)
    expect(poster.locator(".poster-time")).to_have_text("01:00")
