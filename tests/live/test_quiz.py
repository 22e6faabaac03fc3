"""A question to several rooms: what fits, when it counts, and what comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st
from pydantic import ValidationError

from tongke.live.quiz import (
    LONGEST_LAG_MS,
    MOST_LETTERS,
    MOST_WORDINGS,
    AnswerTooEarly,
    AnswerTooLate,
    AnswerTooLong,
    Given,
    Question,
    QuestionKind,
    Quiz,
    TooManyWordings,
    UnfitAnswer,
    WordingTooLong,
    check_wordings,
    fitting,
)

OPENED = 1_000_000
SINGLE = Question(
    kind=QuestionKind.SINGLE, text="哪个方程对？", options=("甲", "乙", "丙"), right=("B",)
)
MULTIPLE = Question(
    kind=QuestionKind.MULTIPLE, text="哪些是质数？", options=("2", "3", "4"), right=("A", "B")
)
TRUE_FALSE = Question(kind=QuestionKind.TRUE_FALSE, text="0 是自然数", right=("true",))
SHORT = Question(kind=QuestionKind.SHORT, text="解方程", right=("x=3", "3"))
OPINION = Question(kind=QuestionKind.SINGLE, text="听懂了吗？", options=("懂了", "还没有"))


def quiz(question: Question, closes_ms: int | None = None) -> Quiz:
    return Quiz("q1", question, OPENED, closes_ms)


def given(by: str, room: str, said: str, after_ms: int) -> Given:
    return Given(by, room, tuple(said.split("+")), OPENED + after_ms)


@pytest.mark.parametrize(
    ("kind", "options", "right"),
    [
        ("single", ("only one",), ()),
        ("single", tuple("123456789"), ()),
        ("single", ("a", "b"), ("C",)),
        ("single", ("a", "b"), ("A", "B")),
        ("true_false", ("a", "b"), ()),
        ("true_false", (), ("A",)),
        ("short", ("a", "b"), ()),
    ],
)
def test_a_question_that_does_not_hold_together_is_refused(
    kind: str, options: tuple[str, ...], right: tuple[str, ...]
) -> None:
    with pytest.raises(ValidationError):
        Question.model_validate({"kind": kind, "text": "?", "options": options, "right": right})


@pytest.mark.parametrize(
    ("question", "said", "kept"),
    [
        (SINGLE, ["B"], ("B",)),
        (MULTIPLE, ["C", "A", "A"], ("A", "C")),
        (TRUE_FALSE, ["false"], ("false",)),
        (SHORT, [" x = 3 "], ("x = 3",)),
        (SHORT, ["\u202ex = \u200b3"], ("x = 3",)),
    ],
)
def test_an_answer_is_kept_in_one_form(
    question: Question, said: list[str], kept: tuple[str, ...]
) -> None:
    assert fitting(question, said) == kept


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (SINGLE, []),
        (SINGLE, ["A", "B"]),
        (SINGLE, ["D"]),
        (MULTIPLE, []),
        (MULTIPLE, ["A", "true"]),
        (TRUE_FALSE, ["A"]),
        (SHORT, ["x", "y"]),
        (SHORT, ["　 "]),
        (SHORT, ["\u200b\u202e\u0301"]),
    ],
)
def test_an_answer_to_another_kind_of_question_is_refused(
    question: Question, said: list[str]
) -> None:
    with pytest.raises(UnfitAnswer):
        fitting(question, said)


def test_a_short_answer_is_short() -> None:
    longest = "字" * MOST_LETTERS
    assert fitting(SHORT, [f" {longest} "]) == (longest,)
    with pytest.raises(AnswerTooLong):
        fitting(SHORT, [longest + "字"])


def test_pages_let_nobody_write_a_longer_one() -> None:
    page = Path("web/classroom/questions.ts").read_text("utf-8")
    assert f"MOST_LETTERS = {MOST_LETTERS};" in page


def test_nobody_asks_with_more_right_answers_than_are_of_use() -> None:
    check_wordings(SHORT.model_copy(update={"right": ("字" * MOST_LETTERS,) * MOST_WORDINGS}))
    with pytest.raises(TooManyWordings):
        check_wordings(SHORT.model_copy(update={"right": ("三",) * (MOST_WORDINGS + 1)}))
    with pytest.raises(TooManyWordings):
        check_wordings(MULTIPLE.model_copy(update={"right": ("A",) * (MOST_WORDINGS + 1)}))
    with pytest.raises(WordingTooLong):
        check_wordings(SHORT.model_copy(update={"right": ("字" * (MOST_LETTERS + 1),)}))


def test_a_slow_line_costs_nothing() -> None:
    """Both pupils take 4 s from the moment they see it; one of them sees it 4.5 s later."""
    asked = quiz(SINGLE, closes_ms=OPENED + 6_000)
    near = asked.time_of(OPENED + 4_000, media_ms=OPENED + 4_100)
    far = asked.time_of(OPENED + 4_000, media_ms=OPENED + 8_900)
    assert near == far == OPENED + 4_000


def test_after_closing_it_is_late_however_fast_the_line() -> None:
    asked = quiz(SINGLE, closes_ms=OPENED + 6_000)
    assert asked.time_of(OPENED + 6_000, OPENED + 6_000) == OPENED + 6_000
    with pytest.raises(AnswerTooLate):
        asked.time_of(OPENED + 6_001, OPENED + 6_001)


def test_nobody_answers_before_the_question() -> None:
    with pytest.raises(AnswerTooEarly):
        quiz(SINGLE).time_of(OPENED - 1, OPENED + 100)


def test_a_time_is_believed_no_further_back_than_a_line_can_lag() -> None:
    asked = quiz(SINGLE)
    now = OPENED + 60_000
    assert asked.time_of(OPENED + 10, now) == now - LONGEST_LAG_MS
    asked.close(OPENED + 30_000)
    with pytest.raises(AnswerTooLate):
        asked.time_of(OPENED + 10, now)


@pytest.mark.parametrize("closes_ms", [None, OPENED + 2**60])
def test_nobody_answers_after_it_has_arrived(closes_ms: int | None) -> None:
    asked = quiz(SINGLE, closes_ms=closes_ms)
    assert asked.time_of(2**53, OPENED + 4_000) == OPENED + 4_000


@examples(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_time_is_never_better_than_told_nor_than_the_lag_allows(
    closes: int, shown: int, lag: int
) -> None:
    asked = quiz(SINGLE, OPENED + closes)
    arrives = OPENED + shown + lag
    try:
        time = asked.time_of(OPENED + shown, arrives)
    except AnswerTooLate:
        assert max(shown, shown + lag - LONGEST_LAG_MS) > closes
    else:
        assert OPENED <= time <= OPENED + closes
        assert time >= OPENED + shown
        assert time >= arrives - LONGEST_LAG_MS
        assert lag > LONGEST_LAG_MS or time == OPENED + shown


def test_closing_does_not_reopen_what_has_run_out() -> None:
    asked = quiz(SINGLE, closes_ms=OPENED + 5_000)
    asked.close(OPENED + 9_000)
    assert asked.closes_ms == OPENED + 5_000
    assert not asked.is_open(OPENED + 5_000)
