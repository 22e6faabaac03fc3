"""Two recordings side by side, for who may watch both."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.classes.after import compare_pages
from tests.services.classes.lessons import held
from tests.services.house import House
from tongke.classes.models import LiveClass
from tongke.library.models import Resource


async def test_both_have_to_be_visible(house: House, running: int) -> None:
    mine = await held(house, running)
    other = await house.publish("tang", ["school:1"], kind="lesson_recording", title="另一节")
    path = f"/compare?a={mine}&b={other}"
    answer = await house.ask("zhou", "GET", path)
    text = await answer.text()
    assert answer.status == 200
    assert "另一节" in text
    assert "小测：两个负数相加得什么？" in text
    assert f'data-media="/api/v1/resources/{other}/media"' in text
    # The partner sees the class's recording, and not what is the other school's own.
    assert (await house.ask("xiang", "GET", path)).status == 404
    assert (await house.ask("long", "GET", path)).status == 404
    assert (await house.ask("", "GET", path)).status in {401, 303}


async def test_the_second_is_chosen_from_what_one_may_watch(house: House, running: int) -> None:
    mine = await held(house, running)
    other = await house.publish("tang", ["school:1"], kind="lesson_recording", title="另一节")
    for name, offered in (("zhou", True), ("xiang", False)):
        text = await (await house.ask(name, "GET", f"/compare?a={mine}")).text()
        assert (f'value="{other}"' in text) == offered, name
        assert f'value="{mine}" selected' in text, name


async def test_two_recordings_of_one_title_are_told_apart_by_when_and_how_long(
    house: House, running: int
) -> None:
    """A class by when it began; what was uploaded has no such time, and says when that was."""
    mine = await held(house, running)
    other = await house.publish("zhou", ["school:1"], kind="lesson_recording")

    def dated(session: Session) -> None:
        live = session.scalars(select(LiveClass).where(LiveClass.resource_id == mine)).one()
        live.started_at = datetime(2025, 11, 24, 1, 2, tzinfo=UTC)
        session.get_one(Resource, mine).duration_s = 39 * 60
        session.get_one(Resource, other).created_at = datetime(2025, 11, 26, 1, 2, tzinfo=UTC)

    await house.ground.database.write(dated)
    chosen = await (await house.ask("zhou", "GET", "/compare")).text()
    assert "，2025年11月24日 09:02，39 分钟</option>" in chosen
    assert "，2025年11月26日上传，2 分钟</option>" in chosen
    both = await (await house.ask("zhou", "GET", f"/compare?a={mine}&b={other}")).text()
    assert "<span>2025年11月24日 09:02</span><span>39 分钟</span>" in both
    assert "<span>2025年11月26日上传</span><span>2 分钟</span>" in both


async def test_a_lesson_of_the_same_unit_is_offered_however_old(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After it those of the subject, then the newest, and no more than a list can hold."""
    monkeypatch.setattr(compare_pages, "MOST_CHOICES", 5)
    said = (
        {"unit": "第二单元", "subject": "math"},
        {"unit": "第一单元", "subject": "math"},
        {"unit": "第一单元", "subject": "english"},
        {"unit": "第一单元", "subject": "math"},
        *[{"unit": "第九单元", "subject": "music"}] * 5,
    )
    of_subject, same, other_subject, chosen, *newer = [
        await house.publish("zhou", ["school:1"], kind="lesson_recording", **each) for each in said
    ]
    # In groups by subject, the one that was chosen left out.
    assert await offered(house, f"/compare?a={chosen}") == [
        same, of_subject, other_subject, newer[-1],
    ]  # fmt: skip
    assert await offered(house, "/compare") == newer[::-1]


async def test_a_lesson_is_not_compared_with_itself(house: House, running: int) -> None:
    mine = await held(house, running)
    answer = await house.ask("zhou", "GET", f"/compare?a={mine}&b={mine}")
    text = await answer.text()
    assert answer.status == 409
    assert "两边选了同一节课" in text
    assert f'value="{mine}" selected' in text


async def offered(house: House, path: str) -> list[int]:
    """The recordings of the choice on the right."""
    text = await (await house.ask("zhou", "GET", path)).text()
    choice = text.split('id="c-b"')[1].split("</select>")[0]
    return [int(number) for number in re.findall(r'value="(\d+)"', choice)]


async def test_a_document_is_no_lesson_to_compare(house: House, running: int) -> None:
    mine = await held(house, running)
    paper = await house.publish("zhou", ["school:1"], title="教案")

    def is_paper(session: Session) -> None:
        session.get_one(Resource, paper).medium = "document"

    await house.ground.database.write(is_paper)
    assert (await house.ask("zhou", "GET", f"/compare?a={mine}&b={paper}")).status == 409
    assert (await house.ask("zhou", "GET", "/compare?a=x&b=1")).status == 404
