"""Who may do what in a class, and when."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.live.lessons import COMMANDS, LEAD, PAGE, TEACHERS, TONG, Lesson, kinds
from tongke.errors import Invalid
from tongke.live.bodies import (
    KINDS,
    Begin,
    CallUp,
    End,
    HeadCount,
    RaiseHand,
    ShowAnswer,
    Slide,
)
from tongke.live.quiz import MOST_READ
from tongke.live.rules import OWN_WORDS, RULES, NotYoursToDo, asked
from tongke.live.vocabulary import Phase, Role, Who


def test_every_kind_has_a_rule() -> None:
    assert set(RULES) == KINDS == {*COMMANDS, "answer"}


@given(st.data(), st.sampled_from(Role))
def test_the_table_is_kept(data: st.DataObject, role: Role) -> None:
    kind = data.draw(st.sampled_from(sorted(k for k in COMMANDS if role not in RULES[k].may)))
    command = data.draw(COMMANDS[kind])
    assert Lesson().refused(Who(role, "tong", "tong"), command) == "not-yours-in-class"


def test_a_room_asks_for_itself_alone() -> None:
    lesson = Lesson()
    assert lesson.refused(TONG, RaiseHand(room="bai")) == "not-yours-in-class"
    assert lesson.refused(TEACHERS[0], HeadCount(room="bai", heads=3)) == "not-yours-in-class"
    assert kinds(lesson.ask(TEACHERS[0], HeadCount(room="tong", heads=31))) == ["head_count"]


def test_before_the_bell_and_after_it() -> None:
    lesson = Lesson()
    lesson.state.phase = Phase.WAITING
    assert lesson.refused(LEAD, CallUp(room="tong")) == "class-not-begun"
    lesson.state.phase = Phase.RUNNING
    assert not lesson.ask(LEAD, Begin())
    lesson.ask(LEAD, End())
    assert not lesson.ask(LEAD, End())
    assert lesson.refused(LEAD, Slide(page=PAGE)) == "class-has-ended"


NOT_THEIRS = [
    (role, kind)
    for role in Role
    for kind, rule in RULES.items()
    if kind in OWN_WORDS or role not in rule.may
]
RUBBISH = st.dictionaries(
    st.sampled_from(["quiz", "rooms", "question", "points", "page", "result", "given", "room"]),
    st.none() | st.integers() | st.text() | st.lists(st.dictionaries(st.text(), st.none())),
)


@given(st.sampled_from(NOT_THEIRS), RUBBISH)
def test_what_is_not_theirs_is_not_looked_at(
    whose: tuple[Role, str], said: dict[str, object]
) -> None:
    """However wrong it is: whoever is in a class may send it all the time."""
    role, kind = whose
    with pytest.raises(NotYoursToDo):
        asked(role, kind, said)


@pytest.mark.parametrize("kind", ["", "dance", None, 7, ["slide"], {"slide": 1}])
def test_what_is_no_command_is_refused(kind: object) -> None:
    with pytest.raises(Invalid):
        asked(Role.LEAD, kind, {})


def test_what_the_class_fills_in_is_not_read() -> None:
    said = {"quiz": "q", "right": [0] * 900, "result": {"rooms": [{}] * 900}}
    assert asked(Role.LEAD, "show_answer", said) == ShowAnswer(quiz="q")


def test_a_question_is_read_so_far() -> None:
    question = {"kind": "short", "text": "?", "right": ["a"] * (MOST_READ + 1)}
    with pytest.raises(Invalid):
        asked(Role.LEAD, "open_quiz", {"quiz": "q", "question": question})
