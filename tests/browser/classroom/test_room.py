"""A receiving classroom that nobody touches: it waits, joins, and waits again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from tests.browser.classroom.conftest import Open
from tests.browser.classroom.in_class import SOON_MS, in_a_class, in_step
from tests.browser.classroom.world import Attentive, World
from tests.browser.windows import keep
from tests.services.house import session_cookie
from tests.waiting import until
from tongke import clock
from tongke.people.audience import RoleName
from tongke.people.models import Account, Role, Room

pytestmark = pytest.mark.browser


WHOLE = """(() => {
  const names = [".room-waiting-head", ".room-next", ".room-checks"];
  const parts = names.map((name) => document.querySelector(name));
  const boxes = parts.map((part) => part.getBoundingClientRect());
  return parts.every((part) => part.scrollHeight <= part.clientHeight + 1)
    && boxes.slice(1).every((box, index) => box.top >= boxes[index].bottom - 1);
})()"""


def test_a_screen_waits_checks_and_joins_by_itself(world: World, open_page: Open) -> None:
    class_id = world.book(minutes=5)
    page = open_page("/room", "room")
    expect(page.locator(".room-next h1")).to_have_text("有理数的加法")
    expect(page.locator(".room-until strong")).to_have_text("5")
    checks = page.locator(".room-checks li")
    expect(checks.nth(0).locator(".state")).to_have_class("state", timeout=SOON_MS)
    expect(checks.nth(3).locator(".state")).not_to_have_class("state waiting", timeout=SOON_MS)
    keep(page, "room-waiting")
    screen = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate(WHOLE), "nothing of it is drawn over something else"
    keep(page, "room-waiting-tall")
    assert screen is not None
    page.set_viewport_size(screen)
    # The doors are open: it has taken its seat, and still shows what is next.
    until(lambda: world.room(class_id)["present"], what="the room is there")
    world.begin(class_id)
    in_step(page)
    assert page.evaluate("document.querySelector('.room-video').videoWidth") == 320
    expect(page.locator(".room-line-detail")).to_contain_text("本班 ±", timeout=SOON_MS)
    keep(page, "room-class")
    world.end(class_id)
    expect(page.locator(".room-veil strong")).to_have_text("下课了", timeout=SOON_MS)
    expect(page.locator(".room-next h1")).to_have_text("接下来没有课", timeout=SOON_MS)


def test_who_listens_reads_which_room_speaks(world: World, open_page: Open) -> None:
    def add(session: Session) -> int:
        role = Role(name=RoleName.CLASSROOM, school_id=2)
        device = Account(username="r3", name="七（1）班", created_at=clock.now(), roles=[role])
        session.add(Room(id=3, school_id=2, name="七（1）班", account=device))
        session.flush()
        return device.id

    async def enter(class_id: int) -> Attentive:
        (cookie,) = (await session_cookie(world.house, "r3")).items()
        headers = {"Cookie": "=".join(cookie), "Sec-Fetch-Site": "same-origin"}
        path = f"/live/{class_id}/socket"
        return Attentive(await world.house.client.ws_connect(path, headers=headers))

    world.house.ids["r3"] = world.do(world.house.ground.database.write(add))
    class_id = world.book(seats=((2, world.house.ids["xiang"]), (3, None)))
    world.begin(class_id)
    world.do(enter(class_id))
    page = open_page("/room", "room")
    in_step(page)
    head = page.locator(".room-head")
    expect(head).to_contain_text("听讲，橘洲路中学 zhou 主讲")
    world.ask("call_up", room="3")
    expect(head).to_contain_text("桐木溪中学 七（1）班 正在发言", timeout=SOON_MS)
    keep(page, "room-other-speaks")
    world.ask("sit_down", room="3")
    expect(head).to_contain_text("听讲", timeout=SOON_MS)
    timer = page.locator(".room-timer")
    expect(timer).to_have_text("")
    world.ask("timer", seconds=600)
    expect(timer).to_have_text(re.compile(r"^计时 09:5\d$"), timeout=SOON_MS)
    world.ask("timer", seconds=1)
    expect(timer).to_have_text("时间到", timeout=SOON_MS)
    world.ask("timer", seconds=0)
    expect(timer).to_have_text("", timeout=SOON_MS)
    # As a Chinese keyboard says it, which Playwright's has not.
    page.dispatch_event("body", "keydown", {"key": "？"})
    expect(page.locator("dialog")).to_contain_text("打人数，回车报上去")
    page.dispatch_event("body", "keydown", {"key": "？"})
    expect(page.locator("dialog")).to_have_count(0)


def test_a_reload_and_a_drop_lose_nothing(world: World, open_page: Open) -> None:
    class_id, page = in_a_class(world, open_page)
    page.keyboard.press("Space")
    until(lambda: world.room(class_id)["hand"] == 1, what="a hand is up")
    page.reload()
    in_step(page)
    expect(page.locator(".room-hand")).to_have_attribute("aria-pressed", "true")
    page.context.set_offline(True)
    # What is counted meanwhile is kept, and told when the line is back.
    page.keyboard.press("+")
    page.keyboard.press("Enter")
    expect(page.locator(".room-line-word")).to_have_text("断线，正在重连", timeout=SOON_MS)
    expect(page.locator(".room-figure")).to_have_text("1")
    keep(page, "room-broken")
    page.context.set_offline(False)
    in_step(page)
    until(lambda: world.room(class_id)["heads"] == 1, what="one head is counted")
    expect(page.locator(".room-hand")).to_have_attribute("aria-pressed", "true")


def test_a_room_whose_player_does_not_come_loads_itself_anew(world: World, open_page: Open) -> None:
    class_id = world.book()
    page = open_page("/room", "room")
    loaded: list[Page] = []
    page.on("load", lambda page: loaded.append(page))
    page.route("**/hls-*.js", lambda route: route.fallback() if loaded else route.abort())
    world.begin(class_id)
    in_step(page)
    assert loaded, "the page was loaded anew: this browser asks for a failed script no more"


def test_a_chosen_line_is_kept_and_told(world: World, open_page: Open) -> None:
    class_id, page = in_a_class(world, open_page)
    chosen = page.locator(".room-line-choice option:checked")
    expect(chosen).to_have_text("自动，现在：全画面")
    page.select_option(".room-line-choice", "sound_only")
    expect(chosen).to_have_text("只听声音")
    until(lambda: world.room(class_id)["level"] == "sound_only", what="the lead is told")
    expect(page.locator(".room-veil strong")).to_have_text("现在只听声音")
    in_step(page)
    assert page.evaluate("document.querySelector('.room-video').videoWidth") == 0
    page.reload()
    in_step(page)
    expect(page.locator(".room-line-choice")).to_have_value("sound_only")
    world.stop_filming()
    expect(page.locator(".room-line-word")).to_have_text("等主讲的声音", timeout=SOON_MS)
    keep(page, "room-waits-for-sound")


def test_a_room_that_is_sent_out_sees_no_more(world: World, open_page: Open) -> None:
    _, page = in_a_class(world, open_page)
    world.ask("remove", room="2")
    expect(page.locator(".room-veil strong")).to_have_text("主讲老师请你们先离开了课堂")
    # Nothing is offered that the class would not take of it.
    heads, back = page.locator(".room-heads button:visible"), page.get_by_text("回看 10 秒")
    for offered in (heads, page.locator(".room-hand-box button:enabled:visible")):
        expect(offered).to_have_count(0)
    expect(back).to_be_hidden()
    keep(page, "room-out")
    world.ask("admit", room="2")
    in_step(page)
    expect(heads).to_have_count(2)
    expect(back).to_be_visible()
