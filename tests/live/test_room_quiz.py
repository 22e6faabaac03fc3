"""A question in a class: asked, given more time, answered and shown."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from tests.live.lessons import BAI, BEGAN, DEVICES, LEAD, TONG, Lesson, kinds, question
from tongke.errors import TongkeError
from tongke.live.bodies import Answer, CloseQuiz, End, ExtendQuiz, OpenQuiz, ShowAnswer
from tongke.live.bounds import BOUNDS
from tongke.live.quiz import GATHERED_MS, MOST_LETTERS, MOST_WORDINGS, AnswerTooLate
from tongke.live.state import replay
from tongke.live.vocabulary import Role, Who


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
    assert kinds(lesson.ask(BAI, answer, BEGAN + 9_000)) == ["answer"]
    told = lesson.gathered(BEGAN + 9_000 + GATHERED_MS)
    assert kinds(told) == ["show_answer"]
    assert told[0].by.role is Role.SERVER
    result = lesson.state.stage.quizzes["q"].result
    assert result is not None
    assert (result.answered, result.right) == (1, 1)
    late = Answer(quiz="q", given=("RIGHT-q",), shown_ms=BEGAN + 5_001)
    with pytest.raises(AnswerTooLate):
        lesson.ask(TONG, late, BEGAN + 5_001)


def test_who_has_answered_does_not_change_it_when_the_result_stands() -> None:
    """She was shown what is right, and says that she had pressed it before: her device may say any
    time. What she sends again is known."""
    lesson = Lesson()
    lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q")), BEGAN)
    first = Answer(quiz="q", given=("wrong",), shown_ms=BEGAN + 1_000)
    lesson.ask(DEVICES[0], first, BEGAN + 1_100)
    lesson.ask(LEAD, ShowAnswer(quiz="q"), BEGAN + 5_000)
    changed = Answer(quiz="q", given=("RIGHT-q",), shown_ms=BEGAN + 4_900)
    assert lesson.refused(DEVICES[0], changed, BEGAN + 7_000) == "answer-too-late"
    assert not lesson.ask(DEVICES[0], first, BEGAN + 7_000)
    assert kinds(lesson.ask(DEVICES[1], changed, BEGAN + 7_000)) == ["answer"], "a slow line"
    lesson.gathered(BEGAN + 7_000 + GATHERED_MS)
    result = lesson.state.stage.quizzes["q"].result
    assert result is not None
    assert (result.answered, result.right) == (2, 1)


def test_until_the_result_stands_it_is_changed_though_it_is_closed() -> None:
    lesson = Lesson()
    lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q")), BEGAN)
    lesson.ask(DEVICES[0], Answer(quiz="q", given=("a",), shown_ms=BEGAN + 1_000), BEGAN + 1_100)
    lesson.ask(LEAD, CloseQuiz(quiz="q"), BEGAN + 5_000)
    changed = Answer(quiz="q", given=("b",), shown_ms=BEGAN + 4_900)
    assert kinds(lesson.ask(DEVICES[0], changed, BEGAN + 7_000)) == ["answer"]


ANSWERS = st.lists(
    st.tuples(
        st.sampled_from(DEVICES[:2]), st.sampled_from(["RIGHT-q", "b"]), st.integers(0, 9_000)
    ),
    max_size=6,
)


@examples(ANSWERS, ANSWERS)
def test_whatever_time_is_told_the_result_changes_nobodys_answer(
    before: list[tuple[Who, str, int]], after: list[tuple[Who, str, int]]
) -> None:
    lesson = Lesson()

    def answer(told: list[tuple[Who, str, int]], at: int) -> dict[str, tuple[str, ...]]:
        for pupil, said, shown in told:
            with suppress(TongkeError):
                lesson.ask(pupil, Answer(quiz="q", given=(said,), shown_ms=BEGAN + shown), at)
        return {by: each.given for by, each in lesson.state.answers.get("q", {}).items()}

    lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q")), BEGAN)
    stood = answer(before, BEGAN + 5_000)
    lesson.ask(LEAD, ShowAnswer(quiz="q"), BEGAN + 5_000)
    assert stood.items() <= answer(after, BEGAN + 9_000).items()
    assert replay(lesson.log) == lesson.state


def test_answers_that_come_after_the_result_are_gathered() -> None:
    """However many come, the result is shown anew once a second."""
    lesson = Lesson()
    lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q")), BEGAN)
    lesson.ask(LEAD, ShowAnswer(quiz="q"), BEGAN + 5_000)
    first, told = BEGAN + 6_000, []
    for number in range(400):
        at = first + number * 10
        pupil = Who(Role.DEVICE, str(number), "tong")
        answer = Answer(quiz="q", given=("RIGHT-q",), shown_ms=BEGAN + 4_900)
        assert kinds(lesson.ask(pupil, answer, at)) == ["answer"]
        told += lesson.gathered(at)
        assert replay(lesson.log) == lesson.state
    told += lesson.gathered(at + GATHERED_MS)
    assert len(told) == 4
    assert not lesson.gathered(at + 9 * GATHERED_MS), "nothing has come since"
    result = lesson.state.stage.quizzes["q"].result
    assert result is not None
    assert (result.answered, result.right) == (400, 400)


def test_the_result_is_put_right_after_the_bell_too() -> None:
    lesson = Lesson()
    lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q")), BEGAN)
    lesson.ask(LEAD, ShowAnswer(quiz="q"), BEGAN + 5_000)
    lesson.ask(LEAD, End(), BEGAN + 6_000)
    lesson.ask(BAI, Answer(quiz="q", given=("RIGHT-q",), shown_ms=BEGAN + 4_900), BEGAN + 7_000)
    assert kinds(lesson.gathered(BEGAN + 7_000 + GATHERED_MS)) == ["show_answer"]


def test_a_question_and_an_answer_have_their_length() -> None:
    lesson = Lesson()
    asked = question("q").model_copy(update={"right": ("a",) * (MOST_WORDINGS + 1)})
    assert lesson.refused(LEAD, OpenQuiz(quiz="q", question=asked)) == "too-many-wordings"
    lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q")), BEGAN)
    answer = Answer(quiz="q", given=("字" * (MOST_LETTERS + 1),), shown_ms=BEGAN)
    assert lesson.refused(DEVICES[0], answer, BEGAN) == "answer-too-long"


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
