"""What the lead does with the rooms by the buttons of her page, and what is kept of it: the roll
call, sending a room out, letting it in again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.classroom import lead_page
from tests.browser.classroom.conftest import Open
from tests.browser.classroom.in_class import SOON_MS, in_step
from tests.browser.classroom.lead_page import in_talk, row
from tests.browser.classroom.test_room_talk import talks
from tests.browser.classroom.world import World
from tests.browser.windows import keep
from tests.waiting import until

pytestmark = pytest.mark.browser

ASKED = "老师点名，按 + − 或打数字"
# No picture of the lesson, and none of the talk.
IS_SILENT = """[...document.querySelectorAll("video")].every(
  ({ srcObject, paused }) => srcObject === null && paused)"""


def count(room: Page, by: str, heads: int) -> None:
    room.keyboard.press(by)
    expect(room.locator(".room-figure")).to_have_text(str(heads))


def test_a_roll_is_called_answered_and_kept(
    world: World, open_page: Open, filming: Browser
) -> None:
    class_id = world.book()
    room = open_page("/room", "room")
    page = lead_page.begin(open_page, class_id, filming)
    in_step(room)
    hint, called = room.locator(".room-heads-hint"), page.locator(".lead-room-panel .lead-head")
    expect(hint).to_have_text("本班人数")
    page.get_by_role("button", name="点名").click()
    expect(hint).to_have_text(ASKED)
    expect(called).to_contain_text("0 间已报")
    expect(row(page)).to_contain_text("没报")
    for heads in (1, 2, 3):
        count(room, "+", heads)
    room.keyboard.press("Enter")
    expect(row(page)).to_contain_text("七（2）班 3 人")
    expect(called).to_contain_text("1 间已报")
    expect(called).to_contain_text("1 间，3 人")
    expect(hint).to_have_text("本班人数")
    keep(page, "lead-roll")
    # Called again, each room is asked anew, and its last count stands until it has answered.
    page.get_by_role("button", name="点名").click()
    expect(hint).to_have_text("老师点名，没变就直接报")
    expect(row(page)).to_contain_text("3 人，没报")
    expect(called).to_contain_text("0 间已报")
    count(room, "-", 2)
    room.keyboard.press("Enter")
    expect(row(page)).not_to_contain_text("没报")
    expect(called).to_contain_text("1 间，2 人")
    lead_page.end(page, class_id)
    attended = page.request.get(f"/api/v1/classes/{class_id}/attendance").json()
    (kept,) = attended["rooms"]
    assert (kept["room"], kept["last_count"], kept["greatest_count"]) == ("七（2）班", 2, 3)
    page.goto(f"/classes/{class_id}/after")
    expect(page.get_by_role("row").filter(has_text="七（2）班").locator("td").last).to_have_text(
        "3"
    )


def test_a_room_is_sent_out_stays_out_and_comes_back_to_its_seat(
    world: World, open_page: Open, filming: Browser
) -> None:
    class_id = world.book(mode="interactive")
    page = lead_page.begin(open_page, class_id, filming)
    room = in_talk(open_page, filming)
    for heads in (1, 2):
        count(room, "+", heads)
    room.keyboard.press("Enter")
    expect(row(page)).to_contain_text("2 人")
    expect(row(page).locator("video")).to_be_visible(timeout=SOON_MS)
    row(page).get_by_text("更多").click()
    row(page).get_by_role("button", name="请出").click()
    # Asked whether it is meant.
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("请 桐木溪中学 七（2）班 离开这节课？")
    dialog.get_by_role("button", name="请出").click()
    veil = room.locator(".room-veil strong")
    expect(veil).to_have_text("主讲老师请你们先离开了课堂")
    expect(room.locator(".room-line")).to_have_attribute("data-step", "outside")
    expect(row(page)).to_contain_text("已请出")
    expect(row(page).locator("video")).to_have_count(0)
    until(lambda: room.evaluate(IS_SILENT), what="nothing plays there any more")
    keep(room, "room-removed")
    room.reload()
    expect(veil).to_have_text("主讲老师请你们先离开了课堂", timeout=SOON_MS)
    expect(row(page)).to_contain_text("已请出")
    (out,) = world.told(class_id)["rooms"]
    assert (out["id"], out["admitted"], out["present"]) == ("2", False, True)
    row(page).get_by_role("button", name="请进").click()
    talks(room)
    expect(veil).to_be_hidden()
    expect(row(page).locator("video")).to_be_visible(timeout=SOON_MS)
    expect(page.locator(".lead-room")).to_have_count(1)
    expect(row(page)).to_contain_text("2 人")
    expect(room.locator(".room-figure")).to_have_text("2")


def test_the_lead_who_goes_on_in_another_window_has_the_rooms_there(
    world: World, open_page: Open, filming: Browser
) -> None:
    """The one before is still open, hears what rooms say, and leaves the answer to the other."""
    class_id = world.book(mode="interactive")
    first = lead_page.begin(open_page, class_id, filming)
    room = in_talk(open_page, filming)
    expect(row(first).locator("video")).to_be_visible(timeout=SOON_MS)
    second = open_page(f"/classes/{class_id}/lead", "zhou", browser=filming)
    expect(row(second).locator("video")).to_be_visible(timeout=SOON_MS)
    expect(first.get_by_role("button", name="回到这里主讲")).to_be_visible()
    expect(row(first).locator("video")).to_have_count(0)
    talks(room)
    first.get_by_role("button", name="回到这里主讲").click()
    expect(row(first).locator("video")).to_be_visible(timeout=SOON_MS)
    expect(row(second).locator("video")).to_have_count(0)
    talks(room)
