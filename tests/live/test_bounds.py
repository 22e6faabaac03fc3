"""How often anybody says something: nobody fills the log of a class."""

from __future__ import annotations

from array import array
from collections.abc import Callable

import pytest

from tests.live.lessons import BAI, BEGAN, LEAD, PAGE, SERVER, TEACHERS, TONG, Lesson, question
from tongke.live.bodies import (
    Admit,
    Begin,
    CallUp,
    CloseQuiz,
    Delay,
    End,
    ExtendQuiz,
    HeadCount,
    Join,
    Known,
    Layout,
    Leave,
    Line,
    LowerHand,
    Mode,
    Mute,
    OpenQuiz,
    Publisher,
    RaiseHand,
    Remove,
    RollCall,
    SitDown,
    Slide,
    Spotlight,
    Stroke,
    Timer,
)
from tongke.live.bounds import (
    BOUNDS,
    CHANGES_AGAIN_MS,
    COMES_AGAIN_MS,
    DONE_AGAIN_MS,
    LET_IN_AGAIN_MS,
    MINUTE_MS,
    counted_as,
)
from tongke.live.rules import OWN_WORDS, RULES
from tongke.live.vocabulary import Level, Playing, View, Who

# What only undoes another kind, and changes nothing where there is nothing to undo.
UNDOES = {
    "leave": "join", "depart": "arrive", "lower_hand": "raise_hand", "hand_down": "hand_up",
    "remove": "admit", "sit_down": "call_up", "close_quiz": "open_quiz",
    "undo_stroke": "stroke", "clear_board": "stroke", "erase_note": "note",
}  # fmt: skip
# What happens once in a lesson, and what is said with a booking that has changed.
ONCE = {"begin", "end"}
BOOKED = {"prepare"}
# What is said of somebody, and not by Tongke of the class.
THEIRS = {"join", "leave", "arrive", "depart"}

Number = Callable[[int, str], Known]
TOGGLED: dict[str, Number] = {
    "counted-too-often": lambda n, room: HeadCount(room=room, heads=n % 2),
    "raised-too-often": lambda n, room: RaiseHand(room=room, count=1 + n % 2),
}


def test_every_kind_has_a_bound() -> None:
    caused = set(RULES) - ONCE - BOOKED
    assert {UNDOES.get(kind, kind) for kind in caused} == set(BOUNDS)


def test_a_lesson_begins_and_ends_once() -> None:
    lesson = Lesson()
    assert not lesson.ask(LEAD, Begin())
    assert lesson.ask(LEAD, End())
    assert not lesson.ask(LEAD, End())
    assert lesson.refused(LEAD, Begin()) == "class-has-ended"


# What she may do over and over, as a script of hers would.
AGAIN: dict[str, Callable[[int], Known]] = {
    "mute": lambda n: Mute(room="tong", on=n % 2 == 0),
    "roll_call": lambda _: RollCall(),
    "layout": lambda n: Layout(view=(View.SLIDES, View.BOARD)[n % 2]),
    "slide": lambda _: Slide(page=PAGE),
    "spotlight": lambda _: Spotlight(),
    "timer": lambda n: Timer(seconds=1 + n % 2),
    "extend_quiz": lambda n: ExtendQuiz(quiz="q", closes_ms=BEGAN + 60_001 + n),
}


@pytest.mark.parametrize("kind", AGAIN)
def test_nor_does_the_lead_who_goes_on_more_slowly_then(kind: str) -> None:
    lesson, said, most = Lesson(), AGAIN[kind], BOUNDS[kind].most
    lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q"), seconds=60))
    for number in range(most):
        assert lesson.ask(LEAD, said(number))
    soon, later = BEGAN + DONE_AGAIN_MS - 1, BEGAN + DONE_AGAIN_MS
    assert lesson.refused(LEAD, said(most), soon) == "done-too-often"
    assert lesson.ask(LEAD, said(most), later)
    assert lesson.refused(LEAD, said(most + 1), later + 1) == "done-too-often"


def test_questions_are_counted_whatever_she_calls_them() -> None:
    lesson, most = Lesson(), BOUNDS["open_quiz"].most
    for number in range(most):
        name = f"q{number}"
        assert lesson.ask(LEAD, OpenQuiz(quiz=name, question=question("q")))
        assert lesson.ask(LEAD, CloseQuiz(quiz=name))
    assert lesson.refused(LEAD, OpenQuiz(quiz="one", question=question("q"))) == "done-too-often"


def test_who_is_called_up_and_sits_down_all_the_time() -> None:
    lesson = Lesson()
    for _ in range(BOUNDS["call_up"].most):
        assert lesson.ask(LEAD, CallUp(room="tong"))
        assert lesson.ask(LEAD, SitDown(room="tong"))
    assert lesson.refused(LEAD, CallUp(room="tong")) == "done-too-often"
    assert not lesson.ask(LEAD, SitDown(room="tong"))
    assert lesson.ask(LEAD, CallUp(room="bai")), "the other's are its own"


def out_and_in(lesson: Lesson, at: int) -> None:
    assert lesson.ask(LEAD, Remove(room="tong"), at)
    assert lesson.ask(LEAD, Admit(room="tong"), at)


def test_a_room_is_let_in_so_often_a_minute_and_sent_out_at_once() -> None:
    lesson, a_minute = Lesson(), BOUNDS["admit"].a_minute
    assert a_minute is not None
    for _ in range(a_minute):
        out_and_in(lesson, BEGAN)
    assert lesson.ask(LEAD, Remove(room="tong"))
    assert lesson.refused(LEAD, Admit(room="tong"), BEGAN + MINUTE_MS - 1) == "let-in-too-often"
    assert not lesson.ask(LEAD, Remove(room="tong")), "it is out, and stays so"
    assert lesson.ask(LEAD, Remove(room="bai"))
    assert lesson.ask(LEAD, Admit(room="bai")), "the other's are its own"
    assert lesson.ask(LEAD, Admit(room="tong"), BEGAN + MINUTE_MS)


def test_and_so_often_a_lesson_then_once_a_minute() -> None:
    lesson = Lesson()
    for number in range(BOUNDS["admit"].most):
        at = BEGAN + number * MINUTE_MS // 10
        out_and_in(lesson, at)
    lesson.ask(LEAD, Remove(room="tong"), at)
    soon, later = at + LET_IN_AGAIN_MS - 1, at + LET_IN_AGAIN_MS
    assert lesson.refused(LEAD, Admit(room="tong"), soon) == "let-in-too-often"
    assert lesson.ask(LEAD, Admit(room="tong"), later)


def test_she_draws_for_three_hours_and_no_longer() -> None:
    lesson = Lesson()
    drawn = Stroke(stroke="a", points=((0.5, 0.5),))
    most = BOUNDS["stroke"].most
    lesson.state.said_ms[counted_as(LEAD, drawn)] = array("q", [BEGAN]) * (most - 1)
    assert lesson.ask(LEAD, drawn)
    more = Stroke(stroke="b", points=((0.5, 0.5),))
    assert lesson.refused(LEAD, more) == "drawn-too-much"


def test_what_changes_by_itself_is_noted_at_most_once_in_a_while_then() -> None:
    lesson, most = Lesson(), BOUNDS["publisher"].most
    for number in range(most):
        assert lesson.ask(SERVER, Publisher(on=number % 2 == 0))
    for number in range(BOUNDS["delay"].most):
        assert lesson.ask(SERVER, Delay(ms=1000 + 500 * (number % 2)))
    soon, later = BEGAN + CHANGES_AGAIN_MS - 1, BEGAN + CHANGES_AGAIN_MS
    for change in (Publisher(on=True), Delay(ms=1000)):
        assert lesson.refused(SERVER, change, soon) == "changed-too-often"
        assert lesson.ask(SERVER, change, later)


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
