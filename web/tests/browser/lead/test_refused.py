"""The lead classroom whose picture the service does not take."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from services.live.access.closing import Close

pytestmark = pytest.mark.browser


def test_it_says_so_and_the_class_is_gone_on_with_by_hand(page: Page) -> None:
    refusing = True

    def route(line: WebSocketRoute) -> None:
        if refusing:
            line.close(code=Close.DAMAGED)
        else:
            line.connect_to_server()

    page.route_web_socket(re.compile("/publish$"), route)
    page.reload()
    page.get_by_role("button", name="开始上课").click()
    words = page.get_by_text("服务器不收这里的画面和声音了")
    expect(words).to_be_visible()
    refusing = False
    page.get_by_role("button", name="接着上课").click()
    expect(page.get_by_text("各教室正看到这个画面")).to_be_visible(timeout=15_000)
    expect(words).to_be_hidden()
