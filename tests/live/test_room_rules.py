"""Who may do what in a class, and when."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.live.lessons import COMMANDS, LEAD, PAGE, TEACHERS, TONG, Lesson, kinds
from tongke.live.bodies import KINDS, Begin, CallUp, End, HeadCount, RaiseHand, Slide
from tongke.live.rules import RULES
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
