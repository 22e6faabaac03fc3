"""The first message of a line: the same as it always was, and each stroke is written once."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from services.live.signalling import hellos
from services.live.signalling.hellos import Hellos, as_json
from tests.live.lessons import LEAD, Lesson
from tests.services.house import House
from tests.services.live.signalling.test_socket import ask, entered, event_of, until
from tongke.live.bodies import ClearBoard, Message, Stroke
from tongke.live.quiz import Page
from tongke.live.views import snapshot
from tongke.live.vocabulary import Role

POINTS = tuple((number / 1000, 0.5) for number in range(500))


def hello_of(lesson: Lesson, role: Role = Role.LEAD) -> dict[str, Any]:
    return {"role": role, "seq": len(lesson.log), "state": snapshot(lesson.state, role)}


def drawn(*strokes: str, page: Page | None = None, lesson: Lesson | None = None) -> Lesson:
    lesson = lesson or Lesson()
    for stroke in strokes:
        lesson.ask(LEAD, Stroke(stroke=stroke, points=POINTS, page=page))
    return lesson


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The strokes that were written, by their names."""
    names: list[str] = []

    def writing(value: Any) -> str:
        if isinstance(value, dict) and "points" in value:
            names.append(value["stroke"])
        return as_json(value)

    monkeypatch.setattr(hellos, "as_json", writing)
    return names


@pytest.mark.parametrize("role", [Role.LEAD, Role.OBSERVER, Role.TRAINEE, Role.DEVICE, Role.ROOM])
async def test_it_says_what_is_so(role: Role) -> None:
    lesson = drawn("s1", "s2")
    drawn("s3", page=Page(deck="d", number=2), lesson=lesson)
    # Whatever somebody writes is theirs, and nothing is put in its place.
    for number, text in enumerate(('"ink": ""', '\\"ink\\": \\"\\"', "ink", '", "ink": "", "')):
        lesson.ask(LEAD, Message(id=f"m{number}", text=text))
    hello, kept = hello_of(lesson, role), Hellos()
    for _ in range(2):
        assert json.loads(await kept.written(hello)) == json.loads(as_json({"hello": hello}))


async def test_a_stroke_is_written_once_for_all(written: list[str]) -> None:
    lesson, kept = drawn("s1", "s2", "s3", "s4", "s5", "s6"), Hellos()
    all_at_once = [kept.written(hello_of(lesson, role)) for role in (Role.LEAD, Role.OBSERVER)]
    await asyncio.gather(*all_at_once)
    assert sorted(written) == ["s1", "s2", "s3", "s4", "s5", "s6"]


async def test_what_goes_on_is_written_anew(written: list[str]) -> None:
    lesson, kept = drawn("s1", "s2"), Hellos()
    await kept.written(hello_of(lesson))
    lesson.ask(LEAD, Stroke(stroke="s2", start=500, points=((0.9, 0.9),)))
    text = await kept.written(hello_of(lesson))
    assert written == ["s1", "s2", "s2"]
    (surface,) = json.loads(text)["hello"]["state"]["stage"]["ink"]
    assert [len(stroke["points"]) for stroke in surface["strokes"]] == [500, 501]


async def test_what_was_wiped_is_gone(written: list[str]) -> None:
    lesson, kept = drawn("s1"), Hellos()
    await kept.written(hello_of(lesson))
    lesson.ask(LEAD, ClearBoard())
    drawn("s2", lesson=lesson)
    text = await kept.written(hello_of(lesson))
    assert "s1" not in text and "s2" in text


async def test_others_have_their_turn_meanwhile() -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    going = asyncio.create_task(other())
    lesson = drawn(*(f"s{number}" for number in range(40)))
    await Hellos().written(hello_of(lesson))
    going.cancel()
    assert turns >= 5


async def test_what_happens_meanwhile_is_told_after_it(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stroke that is drawn while somebody's hello is written reaches them as an event."""
    lead, _ = await entered(house, running, "zhou")
    await ask(lead, "begin")
    await ask(lead, "stroke", stroke="s1", points=[[0.1, 0.2]])
    written, writing, go_on = Hellos.written, asyncio.Event(), asyncio.Event()

    async def slowly(self: Hellos, hello: Any) -> str:
        writing.set()
        await go_on.wait()
        return await written(self, hello)

    monkeypatch.setattr(Hellos, "written", slowly)
    coming = asyncio.create_task(entered(house, running, "county"))
    await writing.wait()
    assert await ask(lead, "stroke", stroke="s2", points=[[0.3, 0.4]]) == {"done": 7}
    go_on.set()
    observer, hello = await coming
    (surface,) = hello["state"]["stage"]["ink"]
    assert [stroke["stroke"] for stroke in surface["strokes"]] == ["s1"]
    told = await until(observer, event_of("stroke"))
    assert (told["event"]["stroke"], told["event"]["seq"]) == ("s2", hello["seq"] + 1)
