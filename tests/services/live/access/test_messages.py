"""A message is measured before it is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.live.access.messages import (
    MOST_CHARACTERS,
    MOST_OF_A_PING,
    MOST_OF_ROLE,
    MOST_PARTS,
    asked_time,
    read,
)
from tongke.live.bodies import Answer, Message, Note, Stroke
from tongke.live.boxes import DamagedStream
from tongke.live.quiz import Value
from tongke.live.vocabulary import Role

NAME = "n" * 64
TIME = 2**53


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Refused, and not read."""

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("it was read")

    def refused(text: str) -> None:
        monkeypatch.setattr("services.live.access.messages.json.loads", never)
        with pytest.raises(DamagedStream):
            read(text)

    return refused


@pytest.mark.parametrize(
    "text",
    ['{"ping": "%s"}' % ("x" * MOST_CHARACTERS), '{"command": [%s0]}' % ("0," * (MOST_PARTS + 1))],
    ids=["long", "many parts"],
)
def test_what_is_too_much_is_not_read(unread: Callable[[str], None], text: str) -> None:
    unread(text)


@pytest.mark.parametrize(
    ("role", "longest"),
    [
        (Role.DEVICE, Answer(quiz=NAME, given=("答" * 60,), shown_ms=TIME)),
        (Role.DEVICE, Answer(quiz=NAME, given=tuple("ABCDEFGH"), shown_ms=TIME)),
        (Role.OBSERVER, Note(id=NAME, text="记" * 1000, shown_ms=TIME)),
        (Role.TRAINEE, Note(id=NAME, text="记" * 1000, shown_ms=TIME)),
        (Role.TEACHER, Message(id=NAME, text="话" * 500)),
        (Role.LEAD, Stroke(stroke=NAME, points=((1 / 3, 2 / 3),) * 500)),
    ],
)
def test_the_longest_that_each_has_to_say_is_read(role: Role, longest: Value) -> None:
    said = {"command": "…", "ref": TIME, "media_ms": TIME, **longest.model_dump(mode="json")}
    text = json.dumps(said)
    assert read(text, MOST_OF_ROLE.get(role, MOST_CHARACTERS)) == json.loads(text)


@given(st.integers() | st.text(max_size=MOST_OF_A_PING))
def test_who_asks_the_time_hears_their_own_number(number: int | str) -> None:
    assert asked_time({"ping": number}) == number


@pytest.mark.parametrize("number", [None, 1.5, [0] * 900, {"a": 1}, "x" * (MOST_OF_A_PING + 1)])
def test_anything_else_is_not_sent_back(number: object) -> None:
    with pytest.raises(DamagedStream):
        asked_time({"ping": number})


def test_nor_what_is_not_there() -> None:
    with pytest.raises(DamagedStream):
        asked_time({"pings": 1})
