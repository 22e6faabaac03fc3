"""The form of a booking as it is filled in: what stands in the way is told at once."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from services.web.rendering import StaticFiles
from tests.services.web.pages import draw
from tests.waiting import until
from web.tests.browser.fake_api import Running

pytestmark = pytest.mark.browser


@pytest.fixture
def asked(page: Page, server: Running) -> list[dict[str, Any]]:
    """What the page has asked; a room is taken in the first period."""
    bodies: list[dict[str, Any]] = []

    def answer(route: Route) -> None:
        body = json.loads(route.request.post_data or "{}")
        bodies.append(body)
        taken = body["when"]["period"] == 1 and 2 in body["room_ids"]
        once = body["when"]["repeat"] == "once" and body["scope"] == "one"
        times = 1 if once else 12
        lines = ["2026-11-24 08:20—09:05，七（2）班已有别的课"] if taken else []
        days = "11月24日到2027年2月9日" if times > 1 else "11月24日"
        odd = body["when"]["repeat"] == "odd"
        holidays = ["11月24日 星期二，龙山县桐木溪中学放假"] if odd else []
        said = {"times": times, "days": days, "lines": lines, "holidays": holidays}
        route.fulfill(json=said)

    html = draw("zh", StaticFiles())["class-book"]
    page.route("**/api/v1/classes/clashes", answer)
    page.route("**/classes/new", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(f"{server.url}/classes/new")
    return bodies


def test_a_clash_is_said_beside_the_time_and_gone_with_it(
    page: Page, asked: list[dict[str, Any]]
) -> None:
    page.get_by_label("第几节").select_option("1")
    clashes = page.locator("[data-clashes]")
    expect(clashes).to_have_text("2026-11-24 08:20—09:05，七（2）班已有别的课")
    page.get_by_label("第几节").select_option("2")
    expect(clashes).to_have_text("这个时间没有冲突")
    page.get_by_label("每周").check()
    expect(clashes).to_have_text("11月24日到2027年2月9日，一共 12 节，都没有冲突")
    page.get_by_label("单周").check()
    expect(clashes).to_contain_text("龙山县桐木溪中学放假")
    page.get_by_label("每周").check()
    expect(clashes).not_to_contain_text("放假")
    assert asked[-1]["when"] == {
        "day": "2026-11-24", "period": 2, "begins": None, "ends": None, "repeat": "every",
    }  # fmt: skip


def test_of_a_change_those_that_follow_are_asked_for_beside_the_time(
    page: Page, server: Running, asked: list[dict[str, Any]]
) -> None:
    html = draw("zh", StaticFiles())["class-edit"]
    page.route("**/edit", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(f"{server.url}/classes/3/edit")
    when = page.get_by_role("region", name="什么时候")
    when.get_by_label("这一节和以后各周的").check()
    clashes = page.locator("[data-clashes]")
    expect(clashes).to_have_text("11月24日到2027年2月9日，一共 12 节，都没有冲突")
    assert (asked[-1]["but"], asked[-1]["scope"]) == (3, "following")
    when.get_by_label("只这一节").check()
    expect(clashes).to_have_text("这个时间没有冲突")


def test_a_group_ticks_its_rooms_and_is_no_group_without_one_of_them(
    page: Page, asked: list[dict[str, Any]]
) -> None:
    # What is said of a room that has another class then is in its label.
    room = page.get_by_role("checkbox", name=re.compile("^七（2）班"))
    group = page.get_by_role("checkbox", name="七年级三个班")
    room.uncheck()
    group.check()
    expect(room).to_be_checked()
    room.uncheck()
    expect(group).not_to_be_checked()


def test_a_group_is_forgotten_unless_that_is_taken_back(
    page: Page, server: Running, asked: list[dict[str, Any]]
) -> None:
    def forgotten() -> list[tuple[str, str]]:
        return [each for each in server.api.seen if "room-groups" in each[1]]

    group = page.get_by_role("checkbox", name="七年级三个班")
    button = page.get_by_role("button", name="删掉“七年级三个班”这一组")
    number = group.input_value()
    button.click()
    expect(group).to_be_hidden()
    page.get_by_role("button", name="撤销").click()
    expect(group).to_be_visible()
    assert forgotten() == []
    button.click()
    # The page is left: that decides it. What it still sends, no interception sees.
    page.goto("about:blank")
    until(forgotten, what="it is forgotten")
    assert forgotten() == [("DELETE", f"/api/v1/room-groups/{number}")]


def test_the_clock_is_asked_for_only_without_a_period(
    page: Page, asked: list[dict[str, Any]]
) -> None:
    expect(page.get_by_label("几点上课")).to_be_hidden()
    page.get_by_label("第几节").select_option("")
    expect(page.get_by_label("几点上课")).to_be_visible()


@pytest.mark.usefixtures("asked")
def test_for_teachers_it_asks_who_is_to_take_part(page: Page) -> None:
    page.get_by_role("radio", name="老师").check()
    expect(page.get_by_role("group", name="请哪些老师参加")).to_be_visible()
    page.get_by_role("radio", name="学生").check()
    expect(page.get_by_role("group", name="除了参加的人，还有谁能看这节课和录像")).to_be_visible()
    expect(page.get_by_text("请哪些老师参加")).to_be_hidden()


def test_who_sees_a_lesson_by_the_schools_rule_is_not_asked_to_a_training(
    page: Page, asked: list[dict[str, Any]]
) -> None:
    boxes = page.locator("input[name=audience]")
    by_rule = [box.is_checked() for box in boxes.all()]
    assert any(by_rule)
    page.get_by_label("教师同步研修").check()
    assert not any(box.is_checked() for box in boxes.all())
    page.locator("input[name=purpose][value=lesson]").check()
    assert [box.is_checked() for box in boxes.all()] == by_rule
