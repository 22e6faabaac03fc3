"""A recording's playlist tells players that are not ours what happened on the screen."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode

from tests.services.classes.lessons import held
from tests.services.house import House

RANGE = re.compile(r'#EXT-X-DATERANGE:ID="cue-\d+",CLASS="cn\.tongke\.(\w+)".*X-TONGKE="([\w-]+)"')


async def test_slides_and_questions_are_in_it_and_what_is_right_is_not(
    house: House, running: int
) -> None:
    await held(house, running)
    answer = await house.ask("xiang", "GET", f"/live/{running}/hls/source/live.m3u8")
    assert answer.status == 200
    found = RANGE.findall(await answer.text())
    kinds = [kind for kind, _ in found]
    assert kinds.count("slide") == 2
    assert "open_quiz" in kinds and "note" not in kinds and "head_count" not in kinds
    said = [urlsafe_b64decode(payload + "=" * (-len(payload) % 4)) for _, payload in found]
    assert any("两个负数相加得什么？".encode() in each for each in said)
    assert not any(b'"right"' in each for each in said)
