"""A form of a lesson that is open in two windows: neither takes away what the other one kept."""

from __future__ import annotations

import re

from tests.services.classes.observing.test_observe import STARS, opened, page, sent
from tests.services.house import House


async def test_a_draft_is_not_written_over_by_a_window_that_does_not_know_it(
    house: House, running: int
) -> None:
    path = f"/classes/{running}/observe"
    first = {**await opened(house, running, "county"), "action": "keep"}
    kept = {**first, "star-0": "2", "strengths": "第一个窗口"}
    assert (await house.ask("county", "POST", path, data=kept)).status == 303
    typed = {**first, "star-0": "5", "strengths": "第二个窗口"}
    answer = await house.ask("county", "POST", path, data=typed)
    text = await answer.text()
    assert answer.status == 409
    assert "在别处改过" in text
    assert re.search(r"<textarea[^>]*>第二个窗口</textarea>", text)
    assert re.search(r'name="star-0" value="5" checked', text)
    assert '<p class="written">第一个窗口</p>' in text
    assert "第一个窗口" in (await page(house, "county", path))[1], "it is still kept"
    # She has both before her now, and what she keeps is what she means.
    version = re.search(r'name="version" value="([^"]+)"', text)
    assert version
    typed["version"] = version[1]
    assert (await house.ask("county", "POST", path, data=typed)).status == 303
    assert "第二个窗口" in (await page(house, "county", path))[1]


async def test_what_another_window_typed_is_not_gone_where_the_form_was_sent_meanwhile(
    house: House, running: int
) -> None:
    path = f"/classes/{running}/observe"
    form = await opened(house, running, "county")
    await sent(house, running, "county")
    typed = {**form, "star-0": "5", "advice": "还有一句", "action": "keep"}
    answer = await house.ask("county", "POST", path, data=typed)
    text = await answer.text()
    assert answer.status == 409
    assert "已交给老师" in text
    assert "你刚填的，没有存，也没有交" in text
    assert '<p class="written">还有一句</p>' in text
    assert "你刚填的" not in (await page(house, "county", path))[1]


async def test_a_button_pressed_twice_is_no_second_window(house: House, running: int) -> None:
    path = f"/classes/{running}/observe"
    form = {**await opened(house, running, "county"), **STARS, "strengths": "提问有层次"}
    for action in ("keep", "send"):
        for _ in range(2):
            answer = await house.ask("county", "POST", path, data={**form, "action": action})
            assert answer.status == 303, action
    told = (await page(house, "zhou", "/notices"))[1]
    assert told.count("交了评课表") == 1
