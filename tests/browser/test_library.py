"""A teacher finds what she needs in the library (issue list, 6)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PageOf, PersonOf
from tests.browser.service import Service
from tongke.cli.demo import world
from tongke.cli.demo.filling import LEFT_WAITING
from tongke.demo_library.catalogue import ITEMS

pytestmark = pytest.mark.browser

TEACHER, COLLEAGUE = "xiangyuhe", "longtingquan"
LESSON = "2.1.1\u3000有理数的加法（第 1 课时）"


@pytest.fixture
def page(library: Service, page_of: PageOf) -> Page:
    page = page_of(TEACHER)
    page.goto("/library")
    return page


def box(page: Page, label: str) -> Locator:
    return page.locator(".facets .box", has_text=label).first


def count(page: Page, label: str) -> int:
    return int(box(page, label).locator(".n").inner_text())


def total(page: Page) -> int:
    return int(page.locator(".results-head [role=status] b").inner_text())


def titles(page: Page) -> list[str]:
    return page.locator(".hit h2").all_inner_texts()


def search(page: Page, text: str) -> None:
    page.get_by_label("在资源库里找").fill(text)
    page.get_by_role("button", name="搜索").click()


def test_each_of_its_people_sees_what_its_authors_meant_for_them(
    library: Service, person: PersonOf
) -> None:
    assert {"xiangyuhe", "hunan", "admin"} <= library.passwords().keys()
    names = (*world.AUTHORS.values(), "luoyichuan", "chenyanzhou", "heqinghe")
    items = {name: person(name).get("/resources?limit=100")["items"] for name in names}
    seen = {name: [item["title"] for item in found] for name, found in items.items()}
    for item in ITEMS:
        assert seen[world.AUTHORS[item.author_key]].count(item.title) == 1
    public = {item.title for item in ITEMS if item.audience_key == "everyone"}
    assert set(seen["luoyichuan"]) & {item.title for item in ITEMS} == public
    waiting = next(item.title for item in ITEMS if item.filename == LEFT_WAITING)
    assert {name for name, found in seen.items() if waiting in found} == {
        *(world.AUTHORS[item.author_key] for item in ITEMS if item.title == waiting),
        "heqinghe",
    }


def test_facets_count_what_is_there_and_narrow_it(page: Page) -> None:
    lessons, chinese = count(page, "课堂实录"), count(page, "语文")
    assert 0 < lessons < total(page)
    box(page, "课堂实录").click()
    page.wait_for_url(re.compile(r"kind=lesson_recording"))
    assert total(page) == lessons
    mathematics = count(page, "数学")
    assert mathematics + count(page, "语文") <= lessons
    box(page, "数学").click()
    page.wait_for_url(re.compile(r"subject=math"))
    assert total(page) == mathematics
    assert count(page, "语文") == chinese, "a facet's own choice leaves its other counts"
    box(page, "课堂实录").click()
    page.wait_for_url(lambda url: "kind=" not in url)
    assert total(page) > mathematics


def test_chinese_is_found_in_full_text_and_understood(page: Page) -> None:
    search(page, "七年级数学 配套问题")
    understood = page.locator(".understood")
    expect(understood).to_contain_text("年级 七年级")
    expect(understood).to_contain_text("学科 数学")
    expect(understood.locator(".chip.word")).to_have_text("配套问题")
    assert titles(page)[0].startswith("5.3")
    assert "配套问题" in page.locator(".snippet mark").all_inner_texts()
    understood.locator("a.chip", has_text="数学").click()
    expect(understood.locator("a.chip", has_text="数学")).to_have_count(0)
    search(page, "灯架和燈穗")
    expect(page.locator(".hit").first).to_contain_text("5.3")


def test_sorted_and_shared_by_its_address(page: Page, page_of: PageOf) -> None:
    box(page, "数学").click()
    page.wait_for_url(re.compile("subject=math"))
    page.locator(".results-head summary").click()
    page.get_by_role("link", name="按标题").click()
    page.wait_for_url(re.compile("sort=title"))
    shown = titles(page)
    assert len(shown) > 2
    assert shown[:2] == sorted(shown[:2])
    theirs = page_of(COLLEAGUE)
    theirs.goto(page.url)
    assert titles(theirs) == shown
    expect(box(theirs, "数学").get_by_role("checkbox")).to_be_checked()


def test_suggestions_are_reached_by_keyboard(page: Page, page_of: PageOf) -> None:
    field = page.get_by_label("在资源库里找")
    field.press_sequentially("有理")
    suggestions = page.get_by_role("option")
    expect(suggestions.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(suggestions.first).to_have_attribute("aria-selected", "true")
    chosen = suggestions.first.inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/resources/\d+|/library\?"))
    expect(page.locator("main")).to_contain_text(chosen)

    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("望岳")
    expect(suggestions.first).to_contain_text("望岳")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/library\?q="))
    assert titles(page) == ["望岳"]
