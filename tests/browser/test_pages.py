"""Every page on a classroom PC and on a phone: it fits, axe finds nothing against it, its English
has no Chinese left, and a picture of it is kept to be looked at.

One window a person, because a window with its sign-in costs more than the page in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from importlib.resources import files

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # has none
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, Page

from tests.browser.conftest import PersonOf
from tests.browser.service import ROOT, Service
from tests.browser.windows import SCREENS, Windows, keep
from tongke.cli.demo import world
from tongke.demo_library.catalogue import ITEMS
from tongke.demo_library.lessons import mathematics

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CHINESE = re.compile(r"[\u3400-\u9fff]+")

LESSON = "5.3\u3000实际问题与一元一次方程（第 2 课时）"
SCANNED = "教师教学常规检查与评价方案"
WORDS = "学生考勤与请销假管理办法（2026 年修订）"
PLAIN = "冬季长跑与体育节活动方案"

# Name of the page -> who looks at it, and its address, which may name a resource by its title.
PAGES: dict[str, tuple[str, str]] = {
    "sign-in": ("", "/sign-in"),
    "slip": ("", "/slip"),
    "home-teacher": ("xiangyuhe", "/"),
    "home-officer": ("yuelu", "/"),
    "home-admin": ("heqinghe", "/"),
    "library": ("xiangyuhe", "/library"),
    "library-search": ("xiangyuhe", "/library?q=七年级数学 配套问题"),
    "library-nothing": ("xiangyuhe", "/library?q=没有这样的课"),
    "lesson": ("xiangyuhe", f"/resources/{{{LESSON}}}"),
    "policy-pdf": ("xiangyuhe", f"/resources/{{{SCANNED}}}"),
    "policy-docx": ("xiangyuhe", f"/resources/{{{WORDS}}}"),
    "policy-docx-search": ("xiangyuhe", f"/resources/{{{WORDS}}}?q=请假"),
    "policy-txt": ("xiangyuhe", f"/resources/{{{PLAIN}}}"),
    "edit": ("zhouminzhi", f"/resources/{{{LESSON}}}/edit"),
    "upload": ("xiangyuhe", "/upload"),
    "mine": ("chenyanzhou", "/mine"),
    "mine-empty": ("wushouzhuo", "/mine"),
    "review": ("yuelu", "/review"),
    "review-empty": ("pengxuyan", "/review"),
    "people": ("heqinghe", "/people"),
    "schools": ("hunan", "/schools"),
    "settings": ("xiangyuhe", "/settings"),
    "not-found": ("xiangyuhe", "/resources/999999"),
    "api": ("xiangyuhe", "/api/docs"),
}


# A paper's headings are its author's: he may begin with 一、 where a book would have a chapter.
NOT_OURS = {"heading-order": "policy-"}

# The texts a person reads, but for those marked as Chinese (papers, and the word 中文).
TEXTS = """() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement;
        if (!parent.closest("script, style, noscript, [lang=zh-CN]")) {
            texts.push(walker.currentNode.textContent.trim());
        }
    }
    for (const element of document.querySelectorAll("[aria-label], [placeholder], [title]")) {
        for (const name of ["aria-label", "placeholder", "title"]) {
            texts.push(element.getAttribute(name) ?? "");
        }
    }
    return texts;
}"""


class Pages:
    """The pages by name, in windows that stay open."""

    def __init__(self, windows: Windows, person: PersonOf) -> None:
        self._windows = windows
        self._person = person
        self._open: dict[tuple[str, str], Page] = {}

    def show(self, name: str, language: str = "zh-CN") -> Page:
        username, address = PAGES[name]
        key = username, language
        if key not in self._open:
            self._open[key] = self._windows.open(username, locale=language)
        page = self._open[key]
        page.goto(self._filled(username, address))
        if page.locator("video").count():
            page.wait_for_function("() => document.querySelector('video').readyState > 1")
        return page

    def _filled(self, username: str, address: str) -> str:
        title = re.search(r"\{(.*)\}", address)
        if title is None:
            return address
        return address.replace(title[0], str(self._person(username).resource(title[1])))


@pytest.fixture(scope="module")
def pages(chromium: Browser, library: Service, person: PersonOf) -> Iterator[Pages]:
    windows = Windows(chromium, library, person)
    yield Pages(windows, person)
    windows.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_both_screens_and_is_accessible(pages: Pages, name: str) -> None:
    page = pages.show(name)
    keep(page, name)
    _fits(page)
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    wrong = {one["id"]: [node["html"] for node in one["nodes"]] for one in found}
    assert {rule: wrong[rule] for rule in wrong if not _excused(name, rule)} == {}


def _fits(page: Page) -> None:
    for screen, (width, height) in SCREENS.items():
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, screen


def _excused(name: str, rule: str) -> bool:
    return rule in NOT_OURS and name.startswith(NOT_OURS[rule])


@pytest.mark.parametrize("name", PAGES)
def test_an_english_page_fits_and_has_no_chinese_but_what_people_wrote(
    pages: Pages, name: str, written: str, ours: frozenset[str]
) -> None:
    page = pages.show(name, "en")
    _fits(page)
    chinese = [text for text in page.evaluate(TEXTS) if CHINESE.search(text)]
    assert [text for text in chinese if text in ours] == []
    unknown = [run for text in chinese for run in CHINESE.findall(text) if run not in written]
    assert unknown == []


@pytest.fixture(scope="module")
def written(library: Service, person: PersonOf) -> str:
    """Everything that the people of the demonstration wrote, and their names."""
    texts = files("tongke.demo_library") / "texts"
    papers = [entry.read_text("utf-8") for entry in texts.iterdir() if entry.is_file()]
    names = [*world.REGIONS, *world.SCHOOLS, *world.INHABITANTS, mathematics.EQUATION]
    told = [person("heqinghe").get("/accounts?limit=100")]
    told += [person(name).get("/resources?limit=100") for name, _ in PAGES.values() if name]
    items = [asdict(item) for item in ITEMS]
    return "\n".join([*papers, *map(str, [*names, *items, *told]), *ASKED])


ASKED = [address for _, address in PAGES.values()]


@pytest.fixture(scope="module")
def ours() -> frozenset[str]:
    """Every Chinese string of the interface."""
    (catalogue,) = (ROOT / "services" / "web" / "locales").glob("en/**/*.po")
    with catalogue.open("rb") as file:
        ids = [message.id for message in read_po(file) if message.id]
    return frozenset(
        one for found in ids for one in ((found,) if isinstance(found, str) else found)
    )
