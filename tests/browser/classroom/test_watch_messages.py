"""What the lead writes to the teachers who are with the pupils, on a telephone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.classroom.conftest import Open
from tests.browser.classroom.world import World
from tests.browser.windows import SCREENSHOTS

pytestmark = pytest.mark.browser


def test_what_the_lead_writes_is_seen_wherever_the_page_stands(
    world: World, open_page: Open
) -> None:
    class_id = world.book()
    world.begin(class_id)
    page = open_page(f"/classes/{class_id}/watch", "xiang", screen="phone")
    # What WeChat and the telephone leave of the screen.
    page.set_viewport_size({"width": 390, "height": 560})
    latest, last = page.locator(".watch-latest"), page.locator(".watch-messages li").last
    expect(page.get_by_role("button", name="替本班举手")).to_be_attached()
    world.ask("text", id="m1", text="请把第二组的板演拍给我看，字写大一点，再让他们读一遍")
    expect(last).to_contain_text("请把第二组的板演拍给我看")
    expect(last).not_to_be_in_viewport()
    expect(latest).to_have_text("主讲请把第二组的板演拍给我看，字写大一点，再让他们读一遍")
    expect(latest).to_be_in_viewport(ratio=1)
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "watch-message-phone.png")
    latest.click()
    expect(last).to_be_in_viewport()
    expect(latest).to_be_hidden()
    # Her own she knows, and one that she looks at stands in its place alone.
    page.get_by_label("给主讲老师留言").fill("好的")
    page.get_by_role("button", name="发出").click()
    world.ask("text", id="m2", text="谢谢")
    expect(last).to_contain_text("谢谢")
    expect(last).to_be_in_viewport()
    expect(latest).to_be_hidden()
    page.evaluate("scrollTo(0, 0)")
    world.ask("text", id="m3", text="下课以后请留一下")
    expect(latest).to_have_text("主讲下课以后请留一下")
    expect(latest).to_be_visible()
