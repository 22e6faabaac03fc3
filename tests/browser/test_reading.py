"""A staff member reads a policy, finds it by its words, takes it along (issue list, 5)."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Page, expect

from tests.browser import files
from tests.browser.conftest import PageOf, PersonOf
from tests.browser.service import Service
from tests.browser.windows import keep

pytestmark = pytest.mark.browser

READER = "longtingquan"
PICTURES = "教师教学常规检查与评价方案"
WORDS = "学生考勤与请销假管理办法（2026 年修订）"
PLAIN = "冬季长跑与体育节活动方案"


def read(page: Page, person: PersonOf, title: str, query: str = "") -> Page:
    page.goto(f"/resources/{person(READER).resource(title)}{query}")
    return page


def test_a_pdf_is_pictures_with_their_text_over_them(
    library: Service, page_of: PageOf, person: PersonOf
) -> None:
    page = read(page_of(READER), person, PICTURES)
    first = page.locator("#page-1")
    page.wait_for_function("() => document.querySelector('#page-1 img').naturalWidth > 700")
    selected = page.evaluate(
        """() => {
            getSelection().selectAllChildren(document.querySelector("#page-1 svg"));
            return getSelection().toString().replace(/\\s/g, "");
        }"""
    )
    assert "为落实教学常规，帮助教师把备课、上课、作业、辅导和评价做实" in selected
    picture, text = first.locator("img").bounding_box(), first.locator("text").first.bounding_box()
    assert picture and text
    assert picture["x"] < text["x"] and text["x"] + text["width"] < picture["x"] + picture["width"]
    # A layer that stands lower by its page's number marks the blank under each line.
    layer = page.evaluate("() => document.querySelector('#page-1 svg').getScreenCTM().f")
    assert abs(layer - picture["y"]) < 1

    page.get_by_label("在这份文件里找").fill("备课")
    page.keyboard.press("Enter")
    expect(page.locator(".help[role=status]")).to_have_text("找到 13 处")
    expect(page.locator(".found mark").first).to_have_text("备课")
    expect(page.locator("svg rect").first).to_be_attached()


@pytest.mark.parametrize("screen", ["phone", "tablet"])
def test_in_a_narrow_window_what_was_found_stands_before_the_text(
    library: Service, page_of: PageOf, person: PersonOf, screen: str
) -> None:
    page = page_of(READER, "phone")
    if screen == "tablet":
        page.set_viewport_size({"width": 820, "height": 1180})
    read(page, person, WORDS, "?q=迟到")
    expect(page.locator(".found mark").first).to_be_in_viewport()
    keep(page, "document-found")
    found, text = page.locator(".found").bounding_box(), page.locator(".sheet").bounding_box()
    assert found and text
    assert found["y"] + found["height"] <= text["y"]
    page.locator(".found a").first.click()
    expect(page.locator(".sheet mark").first).to_be_in_viewport()


@pytest.mark.parametrize(
    ("title", "sentence", "word"),
    [(WORDS, "为保障学生的安全和受教育的权利", "请假"), (PLAIN, "跑起来，冬天不冷。", "校医")],
)
def test_a_docx_and_a_txt_are_text(
    library: Service, page_of: PageOf, person: PersonOf, title: str, sentence: str, word: str
) -> None:
    page = read(page_of(READER), person, title)
    expect(page.locator(".prose")).to_contain_text(sentence)
    heading = page.locator(".contents a").nth(1)
    heading.click()
    assert page.locator(f"{heading.get_attribute('href')}").is_visible()
    page.get_by_label("在这份文件里找").fill(word)
    page.keyboard.press("Enter")
    expect(page.locator(".prose mark").first).to_have_text(word)
    expect(page.locator(".found li").first).to_be_visible()


def test_it_is_found_by_its_words(library: Service, page_of: PageOf) -> None:
    page = page_of(READER)
    page.goto("/library")
    page.get_by_label("在资源库里找").fill("大课间长跑")
    page.get_by_role("button", name="搜索").click()
    hit = page.locator(".hit", has_text=PLAIN)
    expect(hit.locator("mark").first).to_be_visible()
    hit.get_by_role("link", name=PLAIN).click()
    expect(page.locator(".prose")).to_be_visible()


def test_it_is_taken_along_without_its_authors_name(
    library: Service, page_of: PageOf, person: PersonOf, tmp_path: Path
) -> None:
    author = person("tianxiaoman")
    paper = files.paper(tmp_path / "护学岗.docx", "护学岗安排", "每天两名教师值守校门。")
    number = author.publish(
        paper, title="护学岗安排", audience=f"school:{author.me['school']['id']}"
    )
    page = page_of(READER)
    page.goto(f"/resources/{number}")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载").click()
    assert download.value.suggested_filename == "护学岗安排.docx"
    taken = Document(str(download.value.path()))
    assert [p.text for p in taken.paragraphs] == ["护学岗安排", "每天两名教师值守校门。"]
    assert taken.core_properties.author == ""
    assert page.get_by_text("原文件").count() == 0
