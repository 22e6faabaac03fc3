"""What tests do at the lead classroom's page, and see of its picture."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from web.tests.browser.lead.leading import Leading

# What a lossless picture and a canvas agree on.
NEAR = 12


def window(browser: Browser, leading: Leading, errors: list[str], name: str = "zhou") -> Page:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    context.add_cookies([leading.cookie(name)])  # type: ignore[list-item]  # a dict is one
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    return page


def until(page: Page, condition: Callable[[], object], seconds: float = 10) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not come about"
        page.wait_for_timeout(50)


def begin(page: Page) -> None:
    page.get_by_role("button", name="开始上课").click()
    expect(page.get_by_text("各教室正看到这个画面")).to_be_visible(timeout=15_000)


def shown(page: Page, x: float = 0.5, y: float = 0.5) -> list[int]:
    """The colour at a place of the picture that goes out, in shares of it."""
    found = page.evaluate(
        """([x, y]) => {
            const canvas = document.querySelector(".lead-frame canvas");
            const data = canvas.getContext("2d").getImageData(x * canvas.width, y * canvas.height, 1, 1).data;
            return [...data].slice(0, 3);
        }""",  # noqa: E501
        [x, y],
    )
    return [int(each) for each in found]


def is_near(found: list[int], wanted: tuple[int, ...], near: int = NEAR) -> bool:
    return len(found) == len(wanted) and all(
        abs(a - b) <= near for a, b in zip(found, wanted, strict=True)
    )


def drag(page: Page, *places: tuple[float, float]) -> None:
    """With the mouse over the picture, in shares of it."""
    box = page.locator(".lead-frame canvas").bounding_box()
    assert box
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    page.mouse.move(*at[0])
    page.mouse.down()
    for x, y in at[1:]:
        page.mouse.move(x, y, steps=8)
    page.mouse.up()
