"""A question in a class: asked, given more time, answered and shown."""

from __future__ import annotations

import pytest

from tests.live.lessons import BAI, BEGAN, DEVICES, LEAD, TONG, Lesson, kinds, question
from tongke.live.bodies import Answer, CloseQuiz, ExtendQuiz, OpenQuiz, ShowAnswer
from tongke.live.bounds import BOUNDS
from tongke.live.quiz import AnswerTooLate
from tongke.live.vocabulary import Role


def test_showing_the_answer_closes_the_question() -> None:
    lesson = Lesson()
    lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q"), seconds=30), BEGAN)
    assert lesson.refused(LEAD, OpenQuiz(quiz="r", question=question("r"))) == "quiz-still-open"
    assert not lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q")))
    assert kinds(lesson.ask(LEAD, ShowAnswer(quiz="q"), BEGAN + 9)) == ["close_quiz", "show_answer"]
    assert lesson.refused(LEAD, ExtendQuiz(quiz="q", closes_ms=BEGAN + 99)) == "quiz-closed"
    assert lesson.refused(LEAD, CloseQuiz(quiz="none")) == "no-such-quiz"


def test_a_question_gets_more_time_once() -> None:
    lesson = Lesson()
    lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q"), seconds=30), BEGAN)
    longer = ExtendQuiz(quiz="q", closes_ms=BEGAN + 60_000)
    assert lesson.ask(LEAD, longer)
    assert not lesson.ask(LEAD, longer)
    assert lesson.state.stage.quizzes["q"].is_open(BEGAN + 59_999)


def test_an_answer_on_its_way_when_the_result_is_shown_puts_it_right() -> None:
    """A room that plays 4.5 s behind still sees the question open when the lead has closed it."""
    lesson = Lesson()
    lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q")), BEGAN)
    lesson.ask(LEAD, ShowAnswer(quiz="q"), BEGAN + 5_000)
    answer = Answer(quiz="q", given=("RIGHT-q",), shown_ms=BEGAN + 4_900)
    told = lesson.ask(BAI, answer, BEGAN + 9_000)
    assert kinds(told) == ["answer", "show_answer"]
    assert told[1].by.role is Role.SERVER
    result = lesson.state.stage.quizzes["q"].result
    assert result is not None
    assert (result.answered, result.right) == (1, 1)
    late = Answer(quiz="q", given=("RIGHT-q",), shown_ms=BEGAN + 5_001)
    with pytest.raises(AnswerTooLate):
        lesson.ask(TONG, late, BEGAN + 5_001)


def test_the_last_answer_of_a_device_counts() -> None:
    lesson = Lesson()
    lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q")), BEGAN)
    pupil = DEVICES[0]
    first = Answer(quiz="q", given=("one",), shown_ms=BEGAN + 1_000)
    second = Answer(quiz="q", given=("two",), shown_ms=BEGAN + 2_000)
    assert lesson.ask(pupil, first, BEGAN + 1_000)
    assert lesson.ask(pupil, second, BEGAN + 2_000)
    assert not lesson.ask(pupil, first, BEGAN + 2_100)
    (given,) = lesson.state.answers["q"].values()
    assert (given.given, given.room) == (("two",), "tong")


def test_an_answer_is_changed_so_often_and_no_more() -> None:
    lesson = Lesson()
    for quiz in ("q", "r"):
        lesson.ask(LEAD, OpenQuiz(quiz=quiz, question=question(quiz)), BEGAN)
        lesson.ask(LEAD, CloseQuiz(quiz=quiz), BEGAN + 9_000)
    pupil, most = DEVICES[0], BOUNDS["answer"].most
    for number in range(most):
        at = BEGAN + number
        assert lesson.ask(pupil, Answer(quiz="q", given=(f"a{number}",), shown_ms=at), at)
    at = BEGAN + most
    more = Answer(quiz="q", given=("another",), shown_ms=at)
    assert lesson.refused(pupil, more, at) == "answered-too-often"
    assert not lesson.ask(pupil, more.model_copy(update={"given": (f"a{most - 1}",)}), at)
    assert lesson.ask(DEVICES[1], more, at), "the other's are its own"
    of_the_next = more.model_copy(update={"quiz": "r", "shown_ms": BEGAN + 9_000})
    assert lesson.ask(pupil, of_the_next, at)
