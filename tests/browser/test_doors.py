"""Coming in, going out, and the people a school looks after. Needs no library, so it is first."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageOf
from tests.browser.service import Service
from tests.browser.windows import keep
from tongke.cli.demo import world

pytestmark = pytest.mark.browser


def sign_in(page: Page, username: str, password: str = world.PASSWORD) -> None:
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(password)
    page.locator(".door-form").get_by_role("button", name="登录").click()


def test_in_by_the_door_to_where_one_was_going_and_out_again(
    service: Service, page_of: PageOf
) -> None:
    page = page_of()
    page.goto("/library?q=望岳")
    expect(page).to_have_title(re.compile("登录"))
    sign_in(page, "luoyichuan", "not my password")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("用户名")).to_have_value("luoyichuan")
    sign_in(page, "luoyichuan")
    expect(page).to_have_url(re.compile(r"/library\?q="))
    assert "tongke" not in page.evaluate("() => document.cookie"), "scripts cannot read it"

    page.get_by_label(re.compile("账号菜单")).click()
    page.locator(".account").get_by_role("button", name="退出登录").click()
    expect(page.locator(".notice")).to_have_text(re.compile("已退出登录"))
    page.goto("/library")
    expect(page.get_by_label("用户名")).to_be_visible()


def test_a_forgotten_password_is_set_anew_with_a_slip_that_holds_once(
    service: Service, page_of: PageOf
) -> None:
    office = page_of("heqinghe")
    office.goto("/people")
    office.get_by_role("textbox", name="姓名", exact=True).fill("易新来")
    office.locator("[name=username]").fill("yixinlai")
    office.get_by_label("角色").select_option("teacher")
    office.get_by_role("button", name="建账号，给重设单").click()
    first = office.locator(".slip-shown .secret").inner_text()
    keep(office, "people-slip")
    office.goto("/people")
    office.locator("tr", has_text="易新来").get_by_role("button", name="给重设单").click()
    second = office.locator(".slip-shown .secret").inner_text()

    page = page_of()
    use_slip(page, first)
    expect(page.get_by_role("alert")).to_be_visible()
    use_slip(page, second)
    expect(page.locator(".account")).to_contain_text("易新来")
    page.context.clear_cookies()
    use_slip(page, second)
    expect(page.get_by_role("alert")).to_be_visible()
    page.goto("/sign-in")
    sign_in(page, "yixinlai", NEW_PASSWORD)
    expect(page.locator(".account")).to_contain_text("易新来")

    office.goto("/people")
    office.locator("tr", has_text="易新来").get_by_role("button", name="停用").click()
    office.get_by_role("dialog").get_by_role("button", name="停用").click()
    expect(office.locator("tr", has_text="易新来")).to_contain_text("已停用")
    page.goto("/library")
    expect(page.get_by_label("用户名")).to_be_visible()


NEW_PASSWORD = "橘洲路上有一棵老樟树"


def use_slip(page: Page, code: str) -> None:
    page.goto("/slip")
    page.get_by_label("单子上的号码").fill(code)
    page.get_by_label("新密码").fill(NEW_PASSWORD)
    page.get_by_label("再输一遍").fill(NEW_PASSWORD)
    page.get_by_role("button", name="设好密码并登录").click()


def test_another_language_is_one_click_away_and_stays(service: Service, page_of: PageOf) -> None:
    page = page_of()
    page.goto("/sign-in")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/slip")
    expect(page.locator("html")).to_have_attribute("lang", "en")
