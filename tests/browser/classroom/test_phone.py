"""A pupil's telephone: six digits, a place, a question, what came of it."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.classroom.conftest import Open
from tests.browser.classroom.world import World
from tests.browser.windows import keep
from tests.waiting import until

pytestmark = pytest.mark.browser

QUESTION = {
    "kind": "single", "text": "设 x 名同学做灯架，哪个方程对？",
    "options": ["3x = 20(24 − x)", "4 × 3x = 20(24 − x)"], "right": ["B"],
}  # fmt: skip
SEVERAL = {
    "kind": "multiple",
    "text": "哪些是负数？",
    "options": ["−1", "0", "−2"],
    "right": ["A", "C"],
}


def join(world: World, open_page: Open, class_id: int) -> Page:
    page = open_page("/q", screen="phone")
    page.fill("#code", world.phone_code(class_id))
    page.click("text=进入课堂")
    page.click("text=桐木溪中学 七（2）班")
    page.fill("#name", "14")
    keep(page, "phone-join")
    page.click("text=坐好了，开始")
    expect(page.locator(".state")).to_have_text("和老师同步")
    return page


def test_a_pupil_answers_on_a_phone(world: World, open_page: Open) -> None:
    class_id = world.book()
    world.begin(class_id)
    page = join(world, open_page, class_id)
    expect(page.locator("h1")).to_have_text("等老师出题")
    world.ask("open_quiz", quiz="q1", question=QUESTION, seconds=60)
    page.click("text=4 × 3x")
    expect(page.locator(".phone-foot strong")).to_have_text("已选 B，收到了")
    keep(page, "phone-quiz")
    page.reload()
    expect(page.locator(".phone-option").nth(1)).to_have_attribute("data-state", "chosen")
    world.ask("show_answer", quiz="q1")
    expect(page.locator(".phone-foot strong")).to_have_text("答对了")
    keep(page, "phone-result")
    world.ask("open_quiz", quiz="q2", question=SEVERAL)
    expect(page.locator(".phone-go")).to_be_disabled()
    page.click("text=−2")
    page.click("text=−1")
    page.click(".phone-go")
    expect(page.locator(".phone-foot strong")).to_have_text("已选 A、C，收到了")
    world.ask("close_quiz", quiz="q2")
    expect(page.locator(".phone-foot strong")).to_have_text("停止作答，你选的是 A、C")
    world.ask("open_quiz", quiz="q3", question=SEVERAL)
    page.click("text=−1")
    page.click(".phone-go")
    expect(page.locator(".phone-foot strong")).to_have_text("已选 A，收到了")
    world.ask("show_answer", quiz="q3")
    expect(page.locator(".phone-foot strong")).to_have_text("答错了")
    states = [option.get_attribute("data-state") for option in page.locator(".phone-option").all()]
    assert states == ["right", "closed", "missed"]
    expect(page.locator(".phone-option").nth(2)).to_contain_text("漏选")
    keep(page, "phone-result-several")
    world.end(class_id)
    expect(page.locator("h1")).to_have_text("下课了")


class Wire:
    """Between a page and the class: it can be cut."""

    def __init__(self) -> None:
        self.is_cut = False
        self._lines: list[WebSocketRoute] = []

    def carry(self, line: WebSocketRoute) -> None:
        if self.is_cut:
            line.close(code=3000)
            return
        line.connect_to_server()
        self._lines.append(line)

    def cut(self) -> None:
        self.is_cut = True
        for line in self._lines:
            line.close(code=3000)


def test_a_phone_whose_line_drops_keeps_its_answer(world: World, open_page: Open) -> None:
    class_id = world.book()
    world.begin(class_id)
    page, wire = join(world, open_page, class_id), Wire()
    page.route_web_socket("**/device", wire.carry)
    page.reload()
    world.ask("open_quiz", quiz="q1", question=QUESTION, seconds=60)
    expect(page.locator("h1")).to_have_text(QUESTION["text"])
    wire.cut()
    expect(page.locator(".state")).to_have_text("断线，正在重连")
    page.click("text=4 × 3x")
    expect(page.locator(".phone-foot strong")).to_have_text("已选 B，正在交")
    assert not world.told(class_id)["answers"]
    wire.is_cut = False
    expect(page.locator(".phone-foot strong")).to_have_text("已选 B，收到了", timeout=30_000)
    (given,) = world.told(class_id)["answers"]
    assert given["given"] == ["B"]


def test_what_is_ticked_and_not_sent_stays_ticked(world: World, open_page: Open) -> None:
    class_id = world.book()
    world.begin(class_id)
    page = join(world, open_page, class_id)
    world.ask("open_quiz", quiz="q1", question=SEVERAL, seconds=60)
    page.click("text=−1")
    page.click(".phone-go")
    expect(page.locator(".phone-foot strong")).to_have_text("已选 A，收到了")
    page.click("text=−2")
    closes_ms = world.told(class_id)["stage"]["quiz"]["closes_ms"]
    world.ask("extend_quiz", quiz="q1", closes_ms=closes_ms + 300_000)
    time = page.locator(".phone-time")
    until(lambda: int(time.inner_text()) > 60, what="the page is drawn anew, with more time")
    ticked = [
        option.get_attribute("aria-pressed") for option in page.locator(".phone-option").all()
    ]
    assert ticked == ["true", "false", "true"]
    page.click(".phone-go")
    expect(page.locator(".phone-foot strong")).to_have_text("已选 A、C，收到了")


def test_a_short_answer_is_said_as_it_was_written_and_judged_as_the_service_tells(
    world: World, open_page: Open
) -> None:
    class_id = world.book()
    world.begin(class_id)
    page = join(world, open_page, class_id)
    said, send = page.locator(".phone-foot strong"), page.locator(".phone-go")
    asked = {"kind": "short", "text": "首都是哪里？", "right": ["北京"]}
    world.ask("open_quiz", quiz="q1", question=asked, seconds=60)
    expect(said).to_have_text("写好按“交上去”")
    # It is there to be found, and does nothing yet.
    expect(send).to_be_in_viewport()
    expect(send).to_be_disabled()
    keep(page, "phone-short-empty")
    page.fill(".phone-field", " 北京 ")
    send.click()
    expect(said).to_have_text("你写的是“北京”，收到了")
    expect(send).to_be_hidden()
    keep(page, "phone-short")
    page.fill(".phone-field", "南京")
    expect(send).to_be_visible()
    page.fill(".phone-field", "北京")
    expect(send).to_be_hidden()
    world.ask("close_quiz", quiz="q1")
    expect(said).to_have_text("停止作答，你写的是“北京”")
    expect(page.locator(".phone-foot p")).to_contain_text("等老师公布结果")
    world.ask("show_answer", quiz="q1")
    expect(said).to_have_text("答对了")
    world.ask("open_quiz", quiz="q2", question=asked, seconds=60)
    page.fill(".phone-field", "南京")
    send.click()
    expect(said).to_have_text("你写的是“南京”，收到了")
    world.ask("show_answer", quiz="q2")
    expect(said).to_have_text("答错了")
    expect(page.locator(".phone-foot p")).to_contain_text("正确答案：北京")
    keep(page, "phone-short-result")


SHORT = {"kind": "short", "text": "首都是哪里？", "right": ["北京"]}


def test_a_short_answer_goes_by_the_keyboard_and_when_answering_is_stopped(
    world: World, open_page: Open
) -> None:
    class_id = world.book()
    world.begin(class_id)
    page = join(world, open_page, class_id)
    said, field = page.locator(".phone-foot strong"), page.locator(".phone-field")
    world.ask("open_quiz", quiz="q1", question=SHORT, seconds=60)
    expect(field).to_have_attribute("enterkeyhint", "send")
    field.fill("北京")
    below = page.locator(".phone-go").bounding_box()
    typed = field.bounding_box()
    assert below and typed
    assert 0 < below["y"] - typed["y"] - typed["height"] < 40, "under the field"
    keep(page, "phone-short-typed")
    field.press("Enter")
    expect(said).to_have_text("你写的是“北京”，收到了")
    expect(field).not_to_be_focused()
    world.ask("close_quiz", quiz="q1")
    world.ask("open_quiz", quiz="q2", question=SHORT)
    expect(said).to_have_text("写好按“交上去”")
    field.fill("南京")
    world.ask("close_quiz", quiz="q2")
    expect(said).to_have_text("停止作答，你写的是“南京”")
    given = [each["given"] for each in world.told(class_id)["answers"]]
    assert given == [["南京"]]
    world.ask("open_quiz", quiz="q3", question=SEVERAL)
    page.click("text=−2")
    expect(page.locator(".phone-option").nth(2)).to_have_attribute("data-state", "chosen")
    world.ask("close_quiz", quiz="q3")
    expect(said).to_have_text("停止作答，你选的是 C")


def test_what_was_written_and_is_not_taken_is_said_not_to_be(world: World, open_page: Open) -> None:
    class_id = world.book()
    world.begin(class_id)
    page = join(world, open_page, class_id)

    def refuse(line: WebSocketRoute) -> None:
        server = line.connect_to_server()

        def carry(message: str | bytes) -> None:
            told = json.loads(message)
            if told.get("command") == "answer":
                no = {"code": "answer-too-late", "message": "停止作答了", "remedy": "等下一题"}
                line.send(json.dumps({"refused": told["ref"], **no}))
            else:
                server.send(message)

        line.on_message(carry)

    page.route_web_socket("**/device", refuse)
    page.reload()
    said = page.locator(".phone-foot strong")
    world.ask("open_quiz", quiz="q1", question=SHORT)
    page.fill(".phone-field", "南京")
    world.ask("close_quiz", quiz="q1")
    expect(said).to_have_text("没有交上去")
    keep(page, "phone-short-unsent")
    world.ask("show_answer", quiz="q1")
    expect(page.locator(".phone-foot p")).to_contain_text("正确答案：北京")
    expect(said).to_have_text("没有交上去")


def test_in_a_training_a_phone_has_a_name_and_no_number(world: World, open_page: Open) -> None:
    class_id = world.book(purpose="training")
    world.begin(class_id)
    page = open_page("/q", screen="phone")
    page.fill("#code", world.phone_code(class_id))
    page.click("text=进入课堂")
    page.click("text=桐木溪中学 七（2）班")
    page.fill("#name", "向雨禾")
    page.click("text=开始")
    place = page.locator(".phone-place")
    expect(place).to_have_text("桐木溪中学 七（2）班　向雨禾换教室或姓名")
    keep(page, "phone-training-room")


def test_a_wrong_code_says_so(world: World, open_page: Open) -> None:
    page = open_page("/q/000000", screen="phone")
    expect(page.locator("[role=alert]")).to_contain_text("现在没有课用这个数字码")
    expect(page.locator("#code")).to_have_value("000000")
