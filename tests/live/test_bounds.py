"""How often anybody says something: nobody fills the log of a class."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.live.lessons import BAI, BEGAN, LEAD, TEACHERS, TONG, Lesson
from tongke.live.bodies import HeadCount, Join, Known, Leave, Line, LowerHand, Mode, RaiseHand
from tongke.live.bounds import BOUNDS, COMES_AGAIN_MS
from tongke.live.rules import OWN_WORDS, RULES
from tongke.live.vocabulary import Level, Playing, Role, Who

# What only undoes another kind, and changes nothing where there is nothing to undo.
UNDOES = {"leave": "join", "depart": "arrive", "lower_hand": "raise_hand", "hand_down": "hand_up"}
# What is said of somebody, and not by Tongke of the class.
THEIRS = {"join", "leave", "arrive", "depart"}

Number = Callable[[int, str], Known]
TOGGLED: dict[str, Number] = {
    "counted-too-often": lambda n, room: HeadCount(room=room, heads=n % 2),
    "raised-too-often": lambda n, room: RaiseHand(room=room, count=1 + n % 2),
}


def test_every_kind_that_another_than_the_lead_can_cause_has_a_bound() -> None:
    others = frozenset(Role) - {Role.LEAD, Role.SERVER}
    caused = {kind for kind, rule in RULES.items() if rule.may & others} | THEIRS
    assert {UNDOES.get(kind, kind) for kind in caused} == set(BOUNDS)


@pytest.mark.parametrize("code", TOGGLED)
@pytest.mark.parametrize("who", [TONG, TEACHERS[0]])
def test_a_room_and_its_teacher_do_not_fill_the_log(code: str, who: Who) -> None:
    lesson, said = Lesson(), TOGGLED[code]
    most = BOUNDS[said(0, "tong").kind].most
    for number in range(most):
        assert lesson.ask(who, said(number, "tong"))
    assert lesson.refused(who, said(most, "tong")) == code
    assert not lesson.ask(who, said(most - 1, "tong")), "it is so already"
    assert lesson.ask(BAI, said(0, "bai")), "the other's are its own"


def test_the_lead_still_sets_what_a_room_counts_no_more() -> None:
    lesson = Lesson()
    for number in range(BOUNDS["head_count"].most):
        lesson.ask(TONG, HeadCount(room="tong", heads=number % 2))
    assert lesson.ask(LEAD, HeadCount(room="tong", heads=31))
    assert lesson.state.rooms["tong"].heads == 31


def test_a_hand_goes_down_no_oftener_than_up() -> None:
    lesson = Lesson()
    for _ in range(BOUNDS["raise_hand"].most):
        lesson.ask(TONG, RaiseHand(room="tong"))
        assert lesson.ask(TONG, LowerHand(room="tong"))
    assert lesson.refused(TONG, RaiseHand(room="tong")) == "raised-too-often"
    assert not lesson.ask(TONG, LowerHand(room="tong"))


def test_nor_does_a_picture_that_is_switched_all_the_time() -> None:
    lesson = Lesson()
    levels, plays = (Level.SMALL_PICTURE, Level.FULL), (Playing.PAST, Playing.LESSON)
    for number in range(BOUNDS["line"].most):
        assert lesson.ask(TONG, Line(room="tong", level=levels[number % 2]))
        assert lesson.ask(TONG, Mode(room="tong", playing=plays[number % 2]))
    assert lesson.refused(TONG, Line(room="tong", level=levels[0])) == "switched-too-often"
    assert lesson.refused(TONG, Mode(room="tong", playing=plays[0])) == "switched-too-often"


def test_who_reconnects_all_the_time_is_soon_there_again_and_gone_at_once() -> None:
    lesson = Lesson()
    for number in range(1, BOUNDS["join"].most):
        assert lesson.ask(TONG, Join(connection=f"c{number}"), BEGAN)
    last = f"c{number}"
    assert lesson.ask(TONG, Leave(connection=last), BEGAN)
    soon, later = BEGAN + COMES_AGAIN_MS - 1, BEGAN + COMES_AGAIN_MS
    assert lesson.refused(TONG, Join(connection="d"), soon) == "came-too-often"
    assert lesson.ask(BAI, Join(connection="b2"), soon), "the other's are its own"
    assert lesson.ask(TONG, Join(connection="d"), later)
    assert lesson.ask(TONG, Leave(connection="d"), later)
    assert not lesson.state.rooms["tong"].connection
    assert lesson.refused(TONG, Join(connection="e"), later + 1) == "came-too-often"


def test_nobody_asks_for_tongkes_own_words() -> None:
    assert THEIRS | {"prepare", "publisher", "delay"} <= OWN_WORDS
    assert not OWN_WORDS & {"begin", "end", "answer", "note"}
