"""A receiving classroom without a keyboard: its screen is touched."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.classroom.conftest import Open
from tests.browser.classroom.in_class import QUESTION, in_a_class
from tests.browser.classroom.world import World
from tests.browser.windows import keep
from tests.waiting import until

pytestmark = pytest.mark.browser


def test_a_class_without_a_keyboard_hands_in_several(world: World, open_page: Open) -> None:
    class_id, page = in_a_class(world, open_page)
    several = {**QUESTION, "kind": "multiple", "options": ["2", "3", "4"], "right": ["A", "B"]}
    world.ask("open_quiz", quiz="q1", question=several)
    options, foot = page.locator(".room-option"), page.locator(".room-quiz-foot")
    send = page.get_by_role("button", name="交上去")
    expect(foot).to_have_text("可以多选，选好按“交上去”或回车")
    expect(send).to_be_disabled()
    options.nth(0).click()
    options.nth(2).click()
    keep(page, "room-several")
    send.click()
    expect(foot).to_contain_text("收到了：“A、C”")
    until(lambda: len(world.told(class_id)["answers"]) == 1, what="it is given")
    world.ask("show_answer", quiz="q1")
    expect(send).to_be_hidden()
    marks = [options.nth(row).locator("small span") for row in range(3)]
    expect(marks[0]).to_have_text(["正确", "1 个班选"])
    expect(marks[1]).to_have_text(["本班漏选"])
    expect(marks[2]).to_have_text(["本班选错", "1 个班选"])
    keep(page, "room-several-result")


def test_heads_are_stepped_to_and_reported_without_a_keyboard(
    world: World, open_page: Open
) -> None:
    class_id, page = in_a_class(world, open_page)
    report, more = page.locator(".room-report"), page.locator("[aria-label=多一人]")
    hint = page.locator(".room-heads-hint")
    world.ask("roll_call")
    expect(hint).to_have_text("老师点名，按 + − 或打数字")
    expect(report).to_be_hidden()
    more.hover()
    page.mouse.down()
    expect(report).to_have_text(re.compile(r"报 \d{2} 人"))
    page.mouse.up()
    heads = int(re.sub(r"\D", "", report.inner_text()))
    more.click()
    expect(report).to_have_text(f"报 {heads + 1} 人")
    keep(page, "room-heads-stepped")
    # Longer than a pause between taps: a number that is on its way is not the class's.
    page.wait_for_timeout(1000)
    assert not world.room(class_id)["counted"]
    report.click()
    until(lambda: world.room(class_id)["heads"] == heads + 1, what="they are reported")
    expect(report).to_be_hidden()
    world.ask("roll_call")
    expect(hint).to_have_text("老师点名，没变就直接报")
    report.click()
    until(lambda: world.room(class_id)["counted"], what="they are as many as they were")
