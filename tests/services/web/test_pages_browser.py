"""Pages that a walk through the real service does not come by, in a real browser, on a classroom
PC and on a phone: nothing sticks out sideways, and axe finds nothing against WCAG 2.2 AA.

The others are looked at as they are served, with their scripts, in `tests/browser`."""

from __future__ import annotations

import json
import mimetypes
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, sync_playwright

from services.http.language import LANGUAGES
from tests.servers.process import LEFT_OUT
from tests.services.web import preview, samples_observation
from tests.services.web.pages import unbuilt

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SCREENS = {"classroom": (1366, 768), "phone": (390, 844)}
ORIGIN = "http://tongke.test"
NOT_WALKED = (
    *("edit-returned", "edit-wrong", "error", "error-signed-out", "failed", "home-empty"),
    *("pending", "signin-wrong", "sound"),
    *samples_observation.PAGES_BY_NAME,
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason=f"{LEFT_OUT}no Chromium: install it"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("preview")
    preview.write(path)
    _lay_sheets(path / "static" / "build")
    return path


def _lay_sheets(built: Path) -> None:
    """The built style of the pages, by the names that unbuilt pages ask for."""
    names = json.loads((built / "manifest.json").read_text("utf-8"))
    for sheet in ("page.css", "resource.css"):
        shutil.copyfile(built / names[sheet], built / unbuilt(sheet))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=SCREENS)
def screen(request: pytest.FixtureRequest, chromium: Browser, folder: Path) -> Iterator[Page]:
    width, height = SCREENS[request.param]
    page = chromium.new_page(viewport={"width": width, "height": height})
    page.route(f"{ORIGIN}/**", lambda route: _serve(route, folder))
    yield page
    page.close()


def _serve(route: Route, folder: Path) -> None:
    path = folder / urlsplit(route.request.url).path.lstrip("/")
    if not path.is_file():
        route.fulfill(status=404, body="")
        return
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    route.fulfill(body=path.read_bytes(), content_type=f"{kind}; charset=utf-8")


def _width(screen: Page) -> tuple[int, int]:
    assert screen.viewport_size is not None
    return screen.evaluate("document.documentElement.scrollWidth"), screen.viewport_size["width"]


@pytest.mark.parametrize("name", NOT_WALKED)
def test_a_page_fits_the_screen_in_both_languages_and_is_accessible(
    screen: Page, name: str
) -> None:
    for language in reversed(LANGUAGES):
        screen.goto(f"{ORIGIN}/{name}.{language}.html")
        needed, given = _width(screen)
        assert needed <= given, language
    # The structure is the same in both; one of them is asked about, as it takes a second.
    found = Axe().run(screen, options={"runOnly": RULES}).response["violations"]
    wrong = {violation["id"]: [node["html"] for node in violation["nodes"]] for violation in found}
    assert wrong == {}


@pytest.mark.parametrize("width", [1349, 1366], ids=["beside-a-scrollbar", "whole"])
def test_the_bar_of_who_runs_a_school_fits_in_both_languages(
    chromium: Browser, folder: Path, width: int
) -> None:
    """The one with the most entries, whose words are longer in English."""
    page = chromium.new_page(viewport={"width": width, "height": 768})
    page.route(f"{ORIGIN}/**", lambda route: _serve(route, folder))
    for language in LANGUAGES:
        page.goto(f"{ORIGIN}/rooms.{language}.html")
        row = page.locator(".top-row")
        needed, given = row.evaluate(
            """row => {
              const pad = parseFloat(getComputedStyle(row).paddingRight);
              const last = row.lastElementChild.getBoundingClientRect();
              return [last.right, row.getBoundingClientRect().right - pad];
            }"""
        )
        assert needed <= given + 0.5, language
        entries = page.locator(".nav a").all()
        tops = {box["y"] for entry in entries if (box := entry.bounding_box())}
        assert len(entries) >= 6 and len(tops) == 1, language
        tools = page.locator(".top-tools").bounding_box()
        end = entries[-1].bounding_box()
        assert tools and end and end["x"] + end["width"] + 12 <= tools["x"], language


@pytest.mark.parametrize("width", [768, 820, 1112])
def test_the_bar_does_not_run_out_of_a_tablet(chromium: Browser, folder: Path, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 1024})
    page.route(f"{ORIGIN}/**", lambda route: _serve(route, folder))
    for language in LANGUAGES:
        page.goto(f"{ORIGIN}/rooms.{language}.html")
        account = page.locator(".top-tools .account").bounding_box()
        assert account and account["x"] + account["width"] <= width, language
    page.close()


@pytest.mark.parametrize("width", [768, 820, 1112, 1280])
def test_the_table_of_rooms_stays_within_its_column(
    chromium: Browser, folder: Path, width: int
) -> None:
    """It says and offers much of each room, and more letters in English."""
    page = chromium.new_page(viewport={"width": width, "height": 1024})
    page.route(f"{ORIGIN}/**", lambda route: _serve(route, folder))
    for language in LANGUAGES:
        page.goto(f"{ORIGIN}/rooms.{language}.html")
        table, column = page.locator(".table").evaluate(
            "table => [table, table.parentElement].map(each => each.getBoundingClientRect().right)"
        )
        assert table <= column + 0.5 <= width, language
    page.close()
