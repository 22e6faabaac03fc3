"""From watching a class to the form of it, and out of a class that is hers to see no more."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from tests.browser.classroom.conftest import Open
from tests.browser.classroom.in_class import SOON_MS
from tests.browser.classroom.test_watch import watched
from tests.browser.classroom.world import World
from tests.browser.windows import keep
from tests.waiting import until
from tongke.people.models import Account

pytestmark = pytest.mark.browser


def test_the_form_has_one_window_and_keeps_what_is_typed_there(
    world: World, open_page: Open
) -> None:
    _, page = watched(world, open_page, "county")
    way = page.get_by_role("link", name="填听课评课表")
    with page.expect_popup() as opened:
        way.click()
    form = opened.value
    field = form.get_by_role("textbox", name="建议")
    field.fill("多等三秒")
    way.click()
    expect(field).to_have_value("多等三秒")
    assert len(page.context.pages) == 2
    # She went on from there: it is led back to the form, in the same window.
    form.get_by_role("button", name="存草稿").click()
    form.get_by_role("link", name="回到这节课").click()
    expect(form).to_have_url(re.compile(r"/classes/\d+$"))
    way.click()
    expect(form).to_have_url(re.compile("/observe$"))
    expect(field).to_have_value("多等三秒")
    assert len(page.context.pages) == 2


def test_whose_right_is_withdrawn_takes_her_notes_along_and_is_offered_nothing_more(
    world: World, open_page: Open
) -> None:
    class_id, page = watched(world, open_page, "county")
    page.fill("textarea", "导入自然")
    page.keyboard.press("Enter")
    until(lambda: world.told(class_id)["notes"], what="the note is kept")
    page.fill("textarea", "板书层次清楚")

    def withdraw(session: Session) -> None:
        account = session.get_one(Account, world.house.ids["county"])
        for role in list(account.roles):
            session.delete(role)

    world.do(world.house.ground.database.write(withdraw))
    expect(page.locator(".watch-veil").first).to_contain_text(
        "你现在看不到这节课了", timeout=SOON_MS
    )
    expect(page.locator(".watch-state")).to_have_text("你现在看不到这节课了")
    expect(page.locator(".watch-head")).not_to_contain_text("课堂里看不到你", use_inner_text=True)
    expect(page.locator("#watch button:visible")).to_have_text(["复制"])
    expect(page.locator("#watch select:visible, .watch-rooms:visible")).to_have_count(0)
    expect(page.get_by_role("link", name="填听课评课表")).to_have_count(0)
    for link in page.locator("#watch a:visible").all():
        expect(link).to_have_attribute("href", "/timetable")
    left = page.locator("textarea")
    expect(left).to_have_value(re.compile(r"^\d\d:\d\d 导入自然\n板书层次清楚$"))
    expect(left).to_have_attribute("readonly", "")
    keep(page, "watch-out")
    page.get_by_role("button", name="复制").click()
    expect(page.get_by_role("button", name="复制好了")).to_be_visible()
