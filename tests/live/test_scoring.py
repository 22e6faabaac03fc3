"""What comes of a question: counts, rates, rooms, the fastest; and what it costs."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from tests.live.test_quiz import MULTIPLE, OPINION, SHORT, SINGLE, given, quiz
from tongke.live import quiz as quizzes
from tongke.live.scoring import is_right, score, together


def test_several_right_options_are_right_only_together() -> None:
    assert is_right(MULTIPLE, given("device:1", "tong", "B+A", 0))
    assert not is_right(MULTIPLE, given("device:1", "tong", "A", 0))
    assert not is_right(MULTIPLE, given("device:1", "tong", "A+B+C", 0))


def test_words_are_folded_once_however_often_they_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A result that is shown anew each second costs what has come since."""
    fold, folded = quizzes.fold, Counter[str]()

    def counted(words: str) -> str:
        folded[words] += 1
        return fold(words)

    monkeypatch.setattr(quizzes, "fold", counted)
    asked = quiz(SHORT.model_copy())
    answers = [given(f"device:{n}", f"room{n % 3}", f"说{n}", n) for n in range(50)]
    first = score(asked, answers)
    answers.append(given("device:50", "room0", "说50", 50))
    assert score(asked, answers).answered == first.answered + 1
    assert folded == Counter([*SHORT.right, *(f"说{n}" for n in range(51))])


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
        ("B", 2, True),
        ("C", 0, False),
    ]
    assert (result.answered, result.right, result.rate) == (3, 2, 2 / 3)
    assert [(r.room, r.answered, r.rate) for r in result.rooms] == [
        ("bai", 1, 1.0),
        ("tong", 2, 0.5),
    ]
    assert [(f.by, f.taken_ms) for f in result.fastest] == [
        ("device:1", 4_000),
        ("device:3", 9_000),
    ]


def test_classes_that_answer_together_are_counted_where_no_pupil_answers() -> None:
    classes = [given("room:bai", "bai", "B", 2_500), given("room:an", "an", "A", 900)]
    result = score(quiz(SINGLE), classes)
    assert (result.answered, result.right, result.rate) == (2, 1, 0.5)
    assert [f.by for f in result.fastest] == ["room:bai"]
    assert [answer.room for answer in together(classes)] == ["an", "bai"]
    with_a_pupil = score(quiz(SINGLE), [*classes, given("device:3", "bai", "A", 9_000)])
    assert (with_a_pupil.answered, with_a_pupil.right, with_a_pupil.rate) == (1, 0, 0.0)
    # Of a room without pupils' answers its class's is told, also then.
    assert [(r.room, r.answered, r.right) for r in with_a_pupil.rooms] == [
        ("an", 1, 0),
        ("bai", 1, 0),
    ]


def test_a_result_says_whose_it_is_and_how_whole_classes_did_beside_pupils() -> None:
    classes = [given("room:bai", "bai", "B", 2_500), given("room:an", "an", "A", 900)]
    pupils = [given("device:3", "bai", "A", 9_000), given("device:4", "tong", "B", 9_000)]
    for answers, by_class in ((classes, True), ([*classes, *pupils], False), ([], False)):
        assert score(quiz(SINGLE), answers).by_class is by_class
    rooms = score(quiz(SINGLE), [*classes, *pupils]).rooms
    assert [(r.room, r.by_class, r.class_right) for r in rooms] == [
        ("an", True, False),
        ("bai", False, True),
        ("tong", False, None),
    ]
    opinions = score(quiz(OPINION), [given("room:an", "an", "A", 900)]).rooms
    assert [(r.by_class, r.class_right) for r in opinions] == [(True, None)]


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
