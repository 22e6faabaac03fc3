"""The patrol in a browser: it renews itself, and its pictures come for what is on the screen."""

from __future__ import annotations

import io
import re
from collections import Counter
from dataclasses import replace

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from services.web.rendering import StaticFiles, render
from services.web.views.patrol import PatrolCard, PatrolPart
from tests.services.web import samples_observation
from tests.services.web.pages import environment
from tests.services.web.samples_ground import shell
from tongke.classes.running.patrol import PatrolState
from web.tests.browser.fake_api import Running
from web.tests.browser.test_after import opened

pytestmark = pytest.mark.browser

VIEW = samples_observation.PATROL
RUNNING = tuple(
    samples_observation.card(number, f"第 {number} 节", PatrolState.RUNNING)
    for number in range(1, 13)
)


def renewed(page: Page, cards: tuple[PatrolCard, ...]) -> None:
    """What the service answers from now on."""

    def answer(route: Route) -> None:
        part = PatrolPart(VIEW.at, cards, VIEW.rest, VIEW.counts)
        html = render(environment("zh", StaticFiles()), shell("zh"), part)
        route.fulfill(body=html, content_type="text/html")

    page.unroute("**/patrol/now")
    page.route("**/patrol/now", answer)


def test_it_renews_itself_and_keeps_the_focus(page: Page, server: Running) -> None:
    page.clock.install()
    opened(page, server, VIEW, "/patrol")
    link = page.locator('a[href="/classes/2/watch"]')
    link.focus()
    renewed(page, tuple(replace(card, title="换了课题") for card in VIEW.now))
    page.clock.run_for(11_000)
    renamed = page.get_by_role("heading", name="换了课题")
    expect(renamed).to_have_count(len(samples_observation.CARDS))
    expect(link).to_be_focused()
    page.unroute("**/patrol/now")
    page.route("**/patrol/now", lambda route: route.abort())
    page.clock.run_for(11_000)
    expect(page.get_by_text("连不上服务")).to_be_visible()


@pytest.fixture
def asked(page: Page) -> Counter[str]:
    """How often the picture of each class was asked for; each is answered."""
    asked: Counter[str] = Counter()
    picture = io.BytesIO()
    Image.new("RGB", (320, 180), "green").save(picture, "JPEG")

    def answer(route: Route) -> None:
        found = re.search(r"/live/(\d+)/still", route.request.url)
        assert found
        asked[found[1]] += 1
        route.fulfill(body=picture.getvalue(), content_type="image/jpeg")

    page.route("**/live/*/still", answer)
    return asked


def test_pictures_are_asked_for_while_their_cards_are_on_the_screen(
    page: Page, server: Running, asked: Counter[str]
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.clock.install()
    opened(page, server, replace(VIEW, now=RUNNING), "/patrol")
    first = page.get_by_alt_text("第 1 节，现在的画面", exact=True)
    expect(first).to_be_visible()
    assert "12" not in asked
    renewed(page, tuple(replace(card, minutes_late=1) for card in RUNNING))
    page.clock.run_for(11_000)
    expect(page.get_by_text("晚 1 分钟")).to_have_count(len(RUNNING))
    expect(first).to_be_visible()
    assert asked["1"] == 1, "it is not asked for again before twenty seconds are over"
    page.clock.run_for(10_000)
    page.locator(".patrol-card").last.scroll_into_view_if_needed()
    expect(page.get_by_alt_text("第 12 节，现在的画面", exact=True)).to_be_visible()
    assert asked["1"] == 2
    renewed(page, (replace(RUNNING[0], publishing=False), *RUNNING[1:]))
    page.clock.run_for(11_000)
    expect(page.get_by_text("主讲教室没有画面")).to_have_count(1)
    expect(first).to_have_count(0)


def test_without_a_picture_the_card_says_how_the_class_is(page: Page, server: Running) -> None:
    page.route("**/live/*/still", lambda route: route.fulfill(status=409))
    opened(page, server, replace(VIEW, now=RUNNING[:1]), "/patrol")
    expect(page.locator(".patrol-still").get_by_text("老师和课件")).to_be_visible()
    expect(page.locator(".patrol-still img")).to_have_count(0)
