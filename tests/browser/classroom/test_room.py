"""A receiving classroom that nobody touches: it waits, joins, takes part, and waits again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from tests.browser.classroom.conftest import Open
from tests.browser.classroom.world import Attentive, World
from tests.browser.windows import keep
from tests.services.house import session_cookie
from tests.waiting import until
from tongke import clock
from tongke.people.audience import RoleName
from tongke.people.models import Account, Role, Room

pytestmark = pytest.mark.browser

QUESTION = {
    "kind": "single",
    "text": "哪个方程对？",
    "options": ["3x = 20", "4x = 20"],
    "right": ["B"],
}
LONG = {
    "kind": "single",
    "text": "下面哪个式子的结果是负数？请注意看清楚每一个数前面的符号，"
    "再想想绝对值谁大谁小，最后选出一个",
    "options": [
        "(-7)+(+7)，互为相反数的两个数相加",
        "(-7)+(+2)",
        "7+(-2)",
        "(+7)+(+2)，同号的两个数相加",
    ],
    "right": ["B"],
}
FOR_WHOM = re.compile("^录像.*给参加的老师和主讲学校的管理员看")
# A film that has just begun, decoded by a busy machine.
SOON_MS = 30_000


def in_step(page: Page) -> None:
    expect(page.locator(".room-line")).to_have_attribute("data-step", "in-step", timeout=SOON_MS)


def test_a_screen_waits_checks_and_joins_by_itself(world: World, open_page: Open) -> None:
    class_id = world.book(minutes=5)
    page = open_page("/room", "room")
    expect(page.locator(".room-next h1")).to_have_text("有理数的加法")
    expect(page.locator(".room-until strong")).to_have_text("5")
    checks = page.locator(".room-checks li")
    expect(checks.nth(0).locator(".state")).to_have_class("state", timeout=SOON_MS)
    expect(checks.nth(3).locator(".state")).not_to_have_class("state waiting", timeout=SOON_MS)
    keep(page, "room-waiting")
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


def test_a_class_raises_hands_counts_heads_and_answers_by_keyboard(
    world: World, open_page: Open
) -> None:
    class_id = world.book()
    world.begin(class_id)
    page = open_page("/room", "room")
    in_step(page)
    # Held for a while: it raises one hand.
    page.keyboard.down("Space")
    page.keyboard.down("Space")
    page.keyboard.up("Space")
    until(lambda: world.room(class_id)["hand"] == 1, what="a hand is up")
    page.click("[aria-label=多一只手]")
    until(lambda: world.room(class_id)["hand"] == 2, what="two hands")
    page.keyboard.press("Space")
    until(lambda: world.room(class_id)["hand"] == 0, what="no hand")
    for _ in range(3):
        page.keyboard.press("+")
    until(lambda: world.room(class_id)["heads"] == 3, what="three heads")
    world.ask("open_quiz", quiz="q1", question=QUESTION, seconds=60)
    expect(page.locator(".room-question")).to_have_text("哪个方程对？")
    expect(page.locator(".room-join")).to_contain_text("手机作答", timeout=SOON_MS)
    page.keyboard.press("b")
    expect(page.locator(".room-quiz-foot")).to_contain_text("收到了，B")
    expect(page.locator(".room-figure")).to_have_text("1")
    keep(page, "room-quiz")
    world.ask("show_answer", quiz="q1")
    expect(page.locator(".room-option").nth(1)).to_have_attribute("data-state", "right")
    expect(page.locator(".room-quiz-foot")).to_have_text("本班答对 1 / 1")
    keep(page, "room-result")
    (given,) = world.told(class_id)["answers"]
    assert (given["by"], given["given"]) == ("room:2", ["B"])
    # What is ticked and what is written when it is over is given, sent or not.
    world.ask("open_quiz", quiz="q2", question={**QUESTION, "kind": "multiple"})
    expect(page.locator(".room-quiz-foot")).to_contain_text("回车")
    page.keyboard.press("a")
    expect(page.locator(".room-option").nth(0)).to_have_attribute("data-state", "chosen")
    world.ask("close_quiz", quiz="q2")
    expect(page.locator(".room-quiz-foot")).to_contain_text("收到了，A")
    world.ask("open_quiz", quiz="q3", question={"kind": "short", "text": "几？", "right": ["24"]})
    page.fill(".room-short", "24")
    world.ask("close_quiz", quiz="q3")
    expect(page.locator(".room-quiz-foot")).to_contain_text("24")
    (given,) = world.told(class_id)["answers"]
    assert given["given"] == ["24"]


def test_heads_are_typed_and_counted_on_from_the_last_time(world: World, open_page: Open) -> None:
    class_id = world.book()
    world.begin(class_id)
    page = open_page("/room", "room")
    in_step(page)
    figure, hint = page.locator(".room-figure"), page.locator(".room-heads-hint")
    world.ask("roll_call")
    expect(hint).to_have_text("老师要点名，打人数按回车")
    page.keyboard.type("46")
    expect(figure).to_have_text("46")
    expect(hint).to_have_text("按回车定下，Esc 取消")
    keep(page, "room-heads-typed")
    page.keyboard.press("Escape")
    expect(figure).to_have_text("0")
    page.keyboard.type("45")
    page.keyboard.press("Enter")
    until(lambda: world.room(class_id)["heads"] == 45, what="forty-five are counted")
    expect(hint).to_have_text("本班人数")
    world.ask("roll_call")
    expect(hint).to_have_text("老师要点名，还是 45 人按回车")
    expect(hint).to_be_in_viewport(ratio=1)
    keep(page, "room-heads-again")
    page.keyboard.press("Enter")
    until(lambda: world.room(class_id)["counted"], what="they are as many as they were")
    world.end(class_id)
    # The screen waits, and looks again at what it says is well.
    expect(page.locator(".room-waiting")).to_be_visible(timeout=30_000)
    expect(page.locator(".room-mirror")).to_be_visible(timeout=SOON_MS)
    other = world.book()
    world.begin(other)
    in_step(page)
    expect(hint).to_have_text("上次 45 人，没变就按回车")
    assert world.room(other)["heads"] is None
    page.keyboard.press("+")
    until(lambda: world.room(other)["heads"] == 46, what="one more than the last time")


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
    expect(page.locator("dialog")).to_contain_text("打人数，回车定下")
    page.dispatch_event("body", "keydown", {"key": "？"})
    expect(page.locator("dialog")).to_have_count(0)


def test_a_window_is_shut_by_its_key_and_by_what_the_class_is_asked(
    world: World, open_page: Open
) -> None:
    class_id = world.book()
    world.begin(class_id)
    page = open_page("/room", "room")
    in_step(page)
    expect(page.locator(".room-join")).to_contain_text("手机作答", timeout=SOON_MS)
    window = page.locator("dialog")
    page.keyboard.press("q")
    expect(window).to_contain_text("手机作答")
    page.keyboard.press("q")
    expect(window).to_have_count(0)
    page.keyboard.press("q")
    world.ask("open_quiz", quiz="q1", question=QUESTION, seconds=60)
    expect(page.locator(".room-question")).to_have_text("哪个方程对？")
    expect(window).to_have_count(0)
    page.keyboard.press("b")
    expect(page.locator(".room-quiz-foot")).to_contain_text("收到了，B")
    page.keyboard.press("q")
    expect(window).to_be_visible()
    world.ask("roll_call")
    expect(window).to_have_count(0)


def test_a_question_that_is_over_leaves_keys_and_screen_to_what_follows(
    world: World, open_page: Open
) -> None:
    class_id = world.book()
    world.begin(class_id)
    page = open_page("/room", "room")
    in_step(page)
    page.keyboard.press("Space")
    until(lambda: world.room(class_id)["hand"] == 1, what="a hand is up")
    world.ask("open_quiz", quiz="q1", question=LONG, seconds=60)
    foot = page.locator(".room-quiz-foot")
    expect(foot).to_contain_text("按 A—D")
    page.keyboard.press("c")
    expect(foot).to_contain_text("收到了，C")
    # All of it is on the screen, however long.
    for part in [*page.locator(".room-option").all(), foot]:
        expect(part).to_be_in_viewport(ratio=1)
    hidden = "(asked) => asked.scrollHeight - asked.clientHeight"
    assert page.locator(".room-asked").evaluate(hidden) <= 0
    keep(page, "room-quiz-long")
    world.ask("show_answer", quiz="q1")
    expect(page.locator(".room-option").nth(1)).to_have_attribute("data-state", "right")
    world.ask("roll_call")
    expect(page.locator(".room-heads-hint")).to_contain_text("老师要点名")
    keep(page, "room-roll-call")
    page.keyboard.press("+")
    until(lambda: world.room(class_id)["counted"], what="it is counted")
    world.ask("call_up", room="2")
    expect(page.locator(".room-quiz")).to_be_hidden()
    until(lambda: world.room(class_id)["hand"] == 0, what="the hand that was answered is down")
    world.end(class_id)
    expect(page.locator(".room-veil strong")).to_have_text("下课了", timeout=SOON_MS)
    expect(page.locator(".room-veil span")).to_have_text(FOR_WHOM)
    expect(page.locator(".room-line-detail")).to_have_text("")
    expect(page.locator(".room-foot button:visible, .room-join:visible")).to_have_count(0)
    keep(page, "room-over")


def test_a_reload_and_a_drop_lose_nothing(world: World, open_page: Open) -> None:
    class_id = world.book()
    world.begin(class_id)
    page = open_page("/room", "room")
    in_step(page)
    page.keyboard.press("Space")
    until(lambda: world.room(class_id)["hand"] == 1, what="a hand is up")
    page.reload()
    in_step(page)
    expect(page.locator(".room-hand")).to_have_attribute("aria-pressed", "true")
    page.context.set_offline(True)
    # What is counted meanwhile is kept, and told when the line is back.
    page.keyboard.press("+")
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
    class_id = world.book()
    world.begin(class_id)
    page = open_page("/room", "room")
    in_step(page)
    chosen = page.locator(".room-line-choice option:checked")
    expect(chosen).to_have_text("自动，现在：全画面")
    page.select_option(".room-line-choice", "sound_only")
    expect(chosen).to_have_text("只听声音")
    until(lambda: world.room(class_id)["level"] == "sound_only", what="the lead is told")
    expect(page.locator(".room-veil strong")).to_have_text("线路很慢，现在只听声音")
    in_step(page)
    assert page.evaluate("document.querySelector('.room-video').videoWidth") == 0
    page.reload()
    in_step(page)
    expect(page.locator(".room-line-choice")).to_have_value("sound_only")
    world.stop_filming()
    expect(page.locator(".room-line-word")).to_have_text("等主讲的声音", timeout=SOON_MS)
    keep(page, "room-waits-for-sound")


def test_a_room_that_is_sent_out_sees_no_more(world: World, open_page: Open) -> None:
    class_id = world.book()
    world.begin(class_id)
    page = open_page("/room", "room")
    in_step(page)
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


def test_only_heads_that_the_class_took_are_remembered(world: World, open_page: Open) -> None:
    class_id = world.book()
    world.begin(class_id)
    page = open_page("/room", "room")
    in_step(page)
    figure, remembered = page.locator(".room-figure"), "localStorage.getItem('tongke.room-heads')"
    page.keyboard.type("31")
    page.keyboard.press("Enter")
    until(lambda: page.evaluate(remembered), what="thirty-one are remembered")
    page.context.set_offline(True)
    expect(page.locator(".room-line-word")).to_have_text("断线，正在重连", timeout=SOON_MS)
    page.keyboard.type("45")
    page.keyboard.press("Enter")
    expect(figure).to_have_text("45")
    world.ask("remove", room="2")
    page.context.set_offline(False)
    expect(page.locator(".page-toast")).to_be_visible(timeout=SOON_MS)
    assert page.evaluate(remembered) == "31"
