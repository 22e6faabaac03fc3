"""A receiving classroom takes part: hands, heads, what it is asked, and the windows that are open
meanwhile."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.classroom.conftest import Open
from tests.browser.classroom.in_class import QUESTION, SOON_MS, in_a_class, in_step
from tests.browser.classroom.world import World
from tests.browser.windows import keep
from tests.waiting import until

pytestmark = pytest.mark.browser

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
# Of the foot: its words at their longest, and in px how far they are from the tools, the rows that
# these have, and how near anything comes to the edges.
FOOT = """([said, figures]) => {
    const of = (name) => document.querySelector(name);
    const box = (name) => of(name).getBoundingClientRect();
    of(".room-line-word").textContent = said;
    of(".room-line-detail").textContent = figures;
    const seen = [...document.querySelectorAll(".room-foot *")]
        .filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect());
    const tops = [...document.querySelectorAll(".room-tools .room-tool")]
        .filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect().top);
    const word = document.createRange();
    word.selectNodeContents(of(".room-line-words"));
    const foot = box(".room-foot");
    return {
        gap: box(".room-tools").left - word.getBoundingClientRect().right,
        rows: new Set(tops).size,
        edge: Math.min(...seen.flatMap((one) => [one.top - foot.top, foot.bottom - one.bottom])),
    };
}"""
APART = {
    "zh-CN": ("没有对齐", "各教室相差 12.5 秒\n比主讲晚 11.4 秒"),
    "en": ("Out of step", "Rooms are 12.5 s apart\n11.4 s behind the lead"),
}
FOR_WHOM = re.compile("^录像.*给参加的老师和主讲学校的管理员看")


def test_a_class_raises_hands_counts_heads_and_answers_by_keyboard(
    world: World, open_page: Open
) -> None:
    class_id, page = in_a_class(world, open_page)
    # Held for a while: it raises one hand.
    page.keyboard.down("Space")
    page.keyboard.down("Space")
    page.keyboard.up("Space")
    until(lambda: world.room(class_id)["hand"] == 1, what="a hand is up")
    expect(page.locator(".room-hand strong")).to_have_text("1 人想发言")
    page.click("[aria-label=多一只手]")
    until(lambda: world.room(class_id)["hand"] == 2, what="two hands")
    expect(page.locator(".room-hand strong")).to_have_text("2 人想发言")
    expect(page.locator(".room-hand-box.is-up .room-step")).to_have_text(["−", "+"])
    keep(page, "room-hands")
    page.keyboard.press("Space")
    until(lambda: world.room(class_id)["hand"] == 0, what="no hand")
    for _ in range(3):
        page.keyboard.press("+")
    page.keyboard.press("Enter")
    until(lambda: world.room(class_id)["heads"] == 3, what="three heads")
    world.ask("open_quiz", quiz="q1", question=QUESTION, seconds=60)
    expect(page.locator(".room-question")).to_have_text("哪个方程对？")
    expect(page.locator(".room-join")).to_contain_text("手机作答", timeout=SOON_MS)
    page.keyboard.press("b")
    expect(page.locator(".room-quiz-foot")).to_contain_text("收到了：“B”")
    # A class that answers together is no pupil of it.
    expect(page.locator(".room-figure-unit")).to_have_text("全班一起答了")
    keep(page, "room-quiz")
    world.ask("show_answer", quiz="q1")
    expect(page.locator(".room-option").nth(1)).to_have_attribute("data-state", "right")
    expect(page.locator(".room-quiz-foot")).to_have_text("全班一起答的，对了")
    keep(page, "room-result")
    (given,) = world.told(class_id)["answers"]
    assert (given["by"], given["given"]) == ("room:2", ["B"])
    # What is ticked and what is written when it is over is given, sent or not.
    world.ask("open_quiz", quiz="q2", question={**QUESTION, "kind": "multiple"})
    expect(page.locator(".room-quiz-foot")).to_contain_text("回车")
    page.keyboard.press("a")
    expect(page.locator(".room-option").nth(0)).to_have_attribute("data-state", "chosen")
    world.ask("close_quiz", quiz="q2")
    expect(page.locator(".room-quiz-foot")).to_contain_text("收到了：“A”")
    world.ask("open_quiz", quiz="q3", question={"kind": "short", "text": "几？", "right": ["24"]})
    page.fill(".room-short", "24")
    world.ask("close_quiz", quiz="q3")
    expect(page.locator(".room-quiz-foot")).to_contain_text("24")
    world.ask("show_answer", quiz="q3")
    expect(page.locator(".room-quiz-foot")).to_have_text("全班一起答的，对了。正确答案：24")
    (given,) = world.told(class_id)["answers"]
    assert given["given"] == ["24"]


def test_a_short_answer_is_typed_without_a_click(world: World, open_page: Open) -> None:
    class_id, page = in_a_class(world, open_page)
    expect(page.locator(".room-join")).to_contain_text("手机作答", timeout=SOON_MS)
    page.keyboard.press("q")
    expect(page.locator("dialog")).to_be_visible()
    world.ask("open_quiz", quiz="q1", question={"kind": "short", "text": "几？", "right": ["24"]})
    field, foot = page.locator(".room-short"), page.locator(".room-quiz-foot")
    expect(field).to_be_focused()
    page.keyboard.type("2")
    # Out of the field the keys are the screen's, but those that may be part of an answer.
    page.keyboard.press("Escape")
    page.keyboard.press("Space")
    until(lambda: world.room(class_id)["hand"] == 1, what="a hand is up")
    page.keyboard.type("4+c?")
    expect(field).to_have_value("24+c?")
    page.keyboard.press("Enter")
    expect(foot).to_contain_text("收到了：“24+c?”")
    expect(page.locator(".room-heads-hint")).to_have_text("")
    expect(page.locator(".room-send")).to_be_visible()
    world.ask("close_quiz", quiz="q1")
    expect(page.locator(".room-quiz-time")).to_have_text("停止作答")
    expect(page.locator(".room-send")).to_be_hidden()
    # And the keys are the screen's again.
    page.keyboard.press("Space")
    until(lambda: world.room(class_id)["hand"] == 0, what="the hand is down")


def test_heads_are_typed_and_counted_on_from_the_last_time(world: World, open_page: Open) -> None:
    class_id, page = in_a_class(world, open_page)
    figure, hint = page.locator(".room-figure"), page.locator(".room-heads-hint")
    world.ask("roll_call")
    expect(hint).to_have_text("老师点名，按 + − 或打数字")
    page.keyboard.type("46")
    expect(figure).to_have_text("46")
    expect(hint).to_have_text("按回车也能报，Esc 取消")
    keep(page, "room-heads-typed")
    page.keyboard.press("Escape")
    expect(figure).to_have_text("0")
    page.keyboard.type("45")
    page.keyboard.press("Enter")
    until(lambda: world.room(class_id)["heads"] == 45, what="forty-five are counted")
    expect(hint).to_have_text("本班人数")
    world.ask("roll_call")
    expect(hint).to_have_text("老师点名，没变就直接报")
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
    expect(hint).to_have_text("和上次一样就直接报")
    assert world.room(other)["heads"] is None
    page.keyboard.press("+")
    page.keyboard.press("Enter")
    until(lambda: world.room(other)["heads"] == 46, what="one more than the last time")


def test_a_roll_call_is_put_away_and_may_be_answered_later(world: World, open_page: Open) -> None:
    class_id, page = in_a_class(world, open_page)
    hint = page.locator(".room-heads-hint")
    world.ask("roll_call")
    expect(hint).to_have_text("老师点名，按 + − 或打数字")
    page.keyboard.press("Escape")
    expect(hint).to_have_text("本班人数")
    page.keyboard.type("45")
    page.keyboard.press("Enter")
    until(lambda: world.room(class_id)["counted"], what="it is counted")
    world.ask("roll_call")
    expect(hint).to_have_text("老师点名，没变就直接报")


def test_a_window_is_shut_by_its_key_and_by_what_the_class_is_asked(
    world: World, open_page: Open
) -> None:
    _, page = in_a_class(world, open_page)
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
    expect(page.locator(".room-quiz-foot")).to_contain_text("收到了：“B”")
    page.keyboard.press("q")
    expect(window).to_be_visible()
    world.ask("roll_call")
    expect(window).to_have_count(0)


def test_a_question_that_is_over_leaves_keys_and_screen_to_what_follows(
    world: World, open_page: Open
) -> None:
    class_id, page = in_a_class(world, open_page)
    page.keyboard.press("Space")
    until(lambda: world.room(class_id)["hand"] == 1, what="a hand is up")
    world.ask("open_quiz", quiz="q1", question=LONG, seconds=60)
    foot = page.locator(".room-quiz-foot")
    expect(foot).to_contain_text("按 A—D")
    page.keyboard.press("c")
    expect(foot).to_contain_text("收到了：“C”")
    # All of it is on the screen, however long.
    for part in [*page.locator(".room-option").all(), foot]:
        expect(part).to_be_in_viewport(ratio=1)
    hidden = "(asked) => asked.scrollHeight - asked.clientHeight"
    assert page.locator(".room-asked").evaluate(hidden) <= 0
    keep(page, "room-quiz-long")
    world.ask("show_answer", quiz="q1")
    expect(page.locator(".room-option").nth(1)).to_have_attribute("data-state", "right")
    world.ask("roll_call")
    expect(page.locator(".room-heads-hint")).to_contain_text("老师点名")
    keep(page, "room-roll-call")
    page.keyboard.press("+")
    page.keyboard.press("Enter")
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


@pytest.mark.parametrize("language", APART)
def test_the_foot_has_place_for_a_hand_and_a_roll_call(
    world: World, open_page: Open, language: str
) -> None:
    class_id, page = in_a_class(world, open_page)
    page.context.add_cookies([{"url": world.url, "name": "lang", "value": language}])
    page.reload()
    in_step(page)
    page.keyboard.type("444")
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    until(lambda: world.room(class_id)["hand"] == 1, what="a hand is up")
    world.ask("roll_call")
    expect(page.locator(".room-heads-hint.is-asked")).to_be_visible()
    expect(page.locator(".room-report")).to_contain_text("444")
    for width, height in ((1366, 768), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        foot = page.evaluate(FOOT, APART[language])
        assert foot["rows"] == 2
        assert foot["gap"] >= 12, "the words stand free of the tools"
        assert foot["edge"] >= 8, "nothing touches the edges"
    keep(page, f"room-foot-{language}")


def test_only_heads_that_the_class_took_are_remembered(world: World, open_page: Open) -> None:
    _, page = in_a_class(world, open_page)
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
