"""A question to several rooms: what fits, when it counts, and what comes of it."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st
from pydantic import ValidationError

from tongke.live.quiz import (
    LONGEST_LAG_MS,
    AnswerTooEarly,
    AnswerTooLate,
    Given,
    Question,
    QuestionKind,
    Quiz,
    UnfitAnswer,
    fitting,
    fold,
    is_right,
    score,
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
    ],
)
def test_an_answer_to_another_kind_of_question_is_refused(
    question: Question, said: list[str]
) -> None:
    with pytest.raises(UnfitAnswer):
        fitting(question, said)


@pytest.mark.parametrize(
    ("one", "other"),
    [("ｘ＝３", "x=3"), ("X = 3", "x=3"), ("桐　木 溪", "桐木溪"), ("−5", "-5"), ("－5", "-5")],
)
def test_width_case_and_space_make_no_other_answer(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("x²", "x2"), ("½", "1/2"), ("x", "×")])
def test_another_meaning_stays_another_answer(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@examples(st.text(max_size=30))
def test_folding_twice_is_folding_once(words: str) -> None:
    assert fold(fold(words)) == fold(words)


def test_several_right_options_are_right_only_together() -> None:
    assert is_right(MULTIPLE, ("B", "A"))
    assert not is_right(MULTIPLE, ("A",))
    assert not is_right(MULTIPLE, ("A", "B", "C"))


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


def test_counts_rate_rooms_and_the_fastest() -> None:
    result = score(
        quiz(SINGLE),
        [
            given("device:1", "tong", "B", 4_000),
            given("device:2", "tong", "A", 900),
            given("room:bai", "bai", "B", 2_500),
            given("device:3", "bai", "B", 9_000),
        ],
    )
    assert [(c.key, c.count, c.right) for c in result.counts] == [
        ("A", 1, False),
        ("B", 3, True),
        ("C", 0, False),
    ]
    assert (result.answered, result.right, result.rate) == (4, 3, 0.75)
    assert [(r.room, r.answered, r.rate) for r in result.rooms] == [
        ("bai", 2, 1.0),
        ("tong", 2, 0.5),
    ]
    assert [(f.by, f.taken_ms) for f in result.fastest] == [
        ("room:bai", 2_500),
        ("device:1", 4_000),
        ("device:3", 9_000),
    ]


def test_short_answers_are_grouped_as_they_were_first_written() -> None:
    result = score(
        quiz(SHORT),
        [
            given("device:1", "tong", "Ｘ = 3", 3_000),
            given("device:2", "tong", "x=3", 5_000),
            given("device:3", "tong", "四", 1_000),
        ],
    )
    assert [(c.key, c.count, c.right) for c in result.counts] == [
        ("Ｘ = 3", 2, True),
        ("四", 1, False),
    ]


def test_an_opinion_has_no_rate_and_nothing_is_right() -> None:
    result = score(quiz(OPINION), [given("device:1", "tong", "A", 100)])
    assert result.rate is None
    assert result.right == 0
    assert [f.by for f in result.fastest] == ["device:1"]
    assert score(quiz(SINGLE), []).rate is None


@examples(
    st.dictionaries(
        st.integers(1, 50),
        st.tuples(st.sampled_from(["tong", "bai"]), st.sampled_from("ABC"), st.integers(0, 10**5)),
    ),
    st.randoms(use_true_random=False),
)
def test_the_result_does_not_depend_on_who_arrives_first(
    said: dict[int, tuple[str, str, int]], random: Random
) -> None:
    answers = [given(f"device:{n}", *rest) for n, rest in said.items()]
    mixed = random.sample(answers, len(answers))
    result = score(quiz(SINGLE), answers)
    assert result == score(quiz(SINGLE), mixed)
    assert sum(c.count for c in result.counts) == result.answered == len(said)
    assert sum(r.right for r in result.rooms) == result.right
