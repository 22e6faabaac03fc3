"""Who may speak to whom in a talk: the lead and the rooms that take part, and nobody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.live.lessons import (
    BAI,
    BEGAN,
    DEVICES,
    LEAD,
    OBSERVERS,
    ROOMS,
    SERVER,
    TEACHERS,
    TONG,
    TRAINEES,
)
from tongke.errors import Invalid
from tongke.live.bodies import Begin, BookedRoom, CallUp, Prepare, Remove, SitDown
from tongke.live.events import Event
from tongke.live.state import ClassState, replay
from tongke.live.talk import MOST_CHARACTERS, NotInTalk, speaker, word
from tongke.live.vocabulary import LessonKind, Who

EVERYBODY = [LEAD, *ROOMS, *TEACHERS, *OBSERVERS, *TRAINEES, *DEVICES]
BOOKED = tuple(BookedRoom(id=room.id, name="教室") for room in (TONG, BAI))


def a_class(lesson: LessonKind, *bodies: object) -> ClassState:
    happened = [Prepare(lesson=lesson, rooms=BOOKED), Begin(), *bodies]
    return replay(Event(BEGAN, BEGAN, SERVER, body) for body in happened)  # type: ignore[arg-type]


def speaks(state: ClassState, who: Who, to: str) -> bool:
    try:
        speaker(state, who, to)
    except NotInTalk:
        return False
    return True


@given(who=st.sampled_from(EVERYBODY), to=st.sampled_from(["lead", "tong", "bai", "yun", "who"]))
def test_only_the_lead_and_the_room_that_was_called_up(who: Who, to: str) -> None:
    state = a_class(LessonKind.BROADCAST, CallUp(room="tong"))
    assert speaks(state, who, to) == ((who, to) in [(LEAD, "tong"), (TONG, "lead")])


def test_in_an_interactive_class_every_room_from_the_beginning() -> None:
    state = a_class(LessonKind.INTERACTIVE)
    assert speaks(state, TONG, "lead") and speaks(state, BAI, "lead") and speaks(state, LEAD, "bai")
    assert not speaks(state, TONG, "bai")
    assert not speaks(ClassState(lesson=LessonKind.INTERACTIVE), LEAD, "tong")


@pytest.mark.parametrize("leaving", [SitDown(room="tong"), Remove(room="tong")])
def test_it_ends_with_the_seat(leaving: object) -> None:
    state = a_class(LessonKind.BROADCAST, CallUp(room="tong"), leaving)
    assert not speaks(state, TONG, "lead") and not speaks(state, LEAD, "tong")


@pytest.mark.parametrize(
    "asked",
    [
        *("lead", [], {"to": "lead"}, {"to": "", "data": {}}, {"to": "lead", "data": "sdp"}),
        {"to": "lead", "data": {"sdp": "v" * MOST_CHARACTERS}},
        {"to": "lead", "data": {}, "from": "tong"},
    ],
)
def test_a_word_has_its_shape_and_an_end(asked: object) -> None:
    with pytest.raises(Invalid):
        word(asked)
