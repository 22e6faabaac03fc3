"""What the lead classroom asks of the rooms, and tells them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from web.tests.browser.lead.desk import begin, until
from web.tests.browser.lead.leading import Device, Leading

pytestmark = pytest.mark.browser


def test_a_room_asks_is_called_up_and_sits_down(page: Page, room: Device) -> None:
    begin(page)
    row = page.get_by_role("listitem").filter(has_text="桐木溪中学")
    room.ask("head_count", heads=31)
    expect(row).to_contain_text("七（2）班 31 人")
    expect(page.get_by_text("1 间，31 人")).to_be_visible()
    room.ask("raise_hand", count=2)
    expect(row).to_contain_text("举手 2")
    row.get_by_role("button", name="请发言").click()
    until(page, lambda: room.happened("call_up"))
    row.get_by_role("button", name="正在发言").click()
    until(page, lambda: room.happened("sit_down"))
    room.ask("line", level="sound_only")
    expect(row).to_contain_text("只有声音")
    row.get_by_text("更多").click()
    row.get_by_role("button", name="静音").click()
    until(page, lambda: room.happened("mute"))
    room.leave()
    expect(row).to_contain_text("已离开")
    # Loaded anew, the page still knows.
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(row).to_contain_text("已离开")


def test_a_room_that_left_while_it_spoke_is_sent_to_its_seat(
    page: Page, leading: Leading, room: Device
) -> None:
    begin(page)
    row = page.get_by_role("listitem").filter(has_text="桐木溪中学")
    row.get_by_role("button", name="请发言").click()
    until(page, lambda: room.happened("call_up"))
    room.leave()
    expect(row).to_contain_text("已离开")
    row.get_by_role("button", name="正在发言").click()
    until(page, lambda: leading.happened("sit_down"))
    expect(row.get_by_role("button", name="请发言")).to_be_hidden()


def test_a_question_is_asked_answered_and_resolved(page: Page, room: Device) -> None:
    begin(page)
    room.ask("head_count", heads=31)
    page.keyboard.press("q")
    page.get_by_role("textbox", name="题目").fill("哪个方程对？")
    for key, text in (("A", "3x = 20(24 − x)"), ("B", "4 × 3x = 20(24 − x)")):
        page.get_by_role("textbox", name=f"选项 {key}").fill(text)
    for _ in range(2):
        page.get_by_role("button", name="去掉最后一项").click()
    page.get_by_role("checkbox", name="B 对").check()
    page.get_by_role("button", name="出题", exact=True).click()
    until(page, lambda: room.happened("open_quiz"))
    (asked,) = room.happened("open_quiz")
    assert asked["question"]["options"] == ["3x = 20(24 − x)", "4 × 3x = 20(24 − x)"]
    assert "right" not in asked["question"], "a room does not know it beforehand"
    expect(page.get_by_text("小测进行中")).to_be_visible()
    page.get_by_role("button", name="再加 30 秒").click()
    until(page, lambda: room.happened("extend_quiz"))
    answer = {"quiz": asked["quiz"], "given": ["B"], "shown_ms": asked["media_ms"] + 100}
    room.ask("answer", **answer)
    # The class is one answer, and not one of its 31 pupils.
    expect(page.get_by_text("个班一起答了")).to_be_visible()
    expect(page.get_by_text("全班一起答：B（桐木溪中学 七（2）班）")).to_be_visible()
    bar = page.get_by_role("listitem").filter(has_text="4 × 3x")
    expect(bar).to_have_text(re.compile("1$"))
    page.get_by_role("button", name="停止作答，公布答案").click()
    until(page, lambda: room.happened("show_answer"))
    assert room.happened("show_answer")[0]["right"] == ["B"]
    outcome = "答对 1 个班，共 1 个班作答；最快答对的在桐木溪中学 七（2）班，用了 0.1 秒"
    expect(page.get_by_text(outcome)).to_be_visible()
    page.get_by_role("button", name="再出一道").click()
    expect(page.get_by_role("textbox", name="题目")).to_be_focused()


def test_the_end_of_the_class_closes_the_question_first(
    page: Page, leading: Leading, room: Device
) -> None:
    begin(page)
    page.keyboard.press("q")
    page.get_by_role("button", name="出题", exact=True).click()
    until(page, lambda: room.happened("open_quiz"))
    page.get_by_role("button", name="下课").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("小测还没停止作答")
    dialog.get_by_role("button", name="下课").click()
    page.wait_for_url(f"**/classes/{leading.class_id}", timeout=20_000)
    (closed,), (ended,) = leading.happened("close_quiz"), leading.happened("end")
    # A room closes it when its playhead is there, and sends what was ticked.
    assert ended["media_ms"] - closed["media_ms"] >= 1000


def test_options_left_empty_are_not_asked(page: Page, leading: Leading, room: Device) -> None:
    begin(page)
    page.keyboard.press("q")
    ask = page.get_by_role("button", name="出题", exact=True)
    page.get_by_role("textbox", name="选项 A").fill("是")
    ask.click()
    second = page.get_by_role("textbox", name="选项 B")
    assert second.evaluate("(field) => field.validationMessage") == "至少写两个选项"
    page.get_by_role("textbox", name="选项 D").fill("否")
    page.get_by_role("checkbox", name="D 对").check()
    ask.click()
    until(page, lambda: room.happened("open_quiz"))
    (asked,) = leading.happened("open_quiz")
    assert (asked["question"]["options"], asked["question"]["right"]) == (["是", "否"], ["B"])
    page.get_by_role("button", name="停止作答，公布答案").click()
    page.get_by_role("button", name="再出一道").click()
    # Without any words they are on the screen already; without one that is right it is an opinion.
    ask.click()
    until(page, lambda: len(leading.happened("open_quiz")) == 2)
    assert leading.happened("open_quiz")[1]["question"]["options"] == ["A", "B", "C", "D"]
    expect(page.locator(".lead-bar-words")).to_have_text([""] * 4)
    page.get_by_role("button", name="停止作答", exact=True).click()
    page.get_by_role("button", name="公布结果", exact=True).click()
    until(page, lambda: len(leading.happened("show_answer")) == 2)


def test_a_countdown_that_is_over_says_so(page: Page, leading: Leading) -> None:
    async def start() -> None:
        """From another window of hers: the page's own are of a minute at least."""
        path, headers = f"/live/{leading.class_id}/socket", leading.house.bearer("zhou")
        async with leading.client.ws_connect(path, headers=headers) as socket:
            await socket.receive_json(timeout=10)
            await socket.send_json({"command": "timer", "seconds": 1, "ref": 1})
            while "done" not in await socket.receive_json(timeout=10):
                pass

    begin(page)
    page.get_by_role("button", name="计时", exact=True).click()
    leading.run(start())
    expect(page.locator(".lead-timer-left")).to_have_text("时间到")
    expect(page.locator(".lead-countdown")).to_have_text("时间到")


def test_a_countdown_and_a_message(page: Page, leading: Leading, room: Device) -> None:
    begin(page)
    page.get_by_role("button", name="计时", exact=True).click()
    page.get_by_role("button", name="3 分钟").click()
    until(page, lambda: room.happened("timer"))
    assert room.happened("timer")[0]["seconds"] == 180
    expect(page.locator(".lead-countdown")).to_contain_text("02:5")
    page.get_by_role("button", name="留言", exact=True).click()
    # A room's screen stands before the pupils.
    expect(page.get_by_text("大屏上不显示，没有陪同老师在线，就没有人看到")).to_be_visible()
    page.get_by_role("textbox", name="写给各教室的老师").fill("请第三组准备")
    page.keyboard.press("Enter")
    until(page, lambda: leading.happened("text"))
    expect(page.get_by_text("我：请第三组准备")).to_be_visible()
