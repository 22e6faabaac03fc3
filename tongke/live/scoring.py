"""What came of a question: how many were right, in each room too, and who was fastest.

A class that answers together with its room's screen is no pupil: where pupils answered alone, they
are counted, and what classes said stands beside it (`together`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from tongke.live.quiz import (
    Count,
    Fastest,
    Given,
    Question,
    QuestionKind,
    Quiz,
    Result,
    RoomResult,
)

# More different short answers, or more of the fastest, say nothing to a class.
MOST_GROUPS: Final = 20
MOST_FASTEST: Final = 3


def is_right(question: Question, answer: Given) -> bool:
    if question.kind is QuestionKind.SHORT:
        return answer.folded in question.accepted
    return bool(question.right) and set(answer.given) == set(question.right)


def counted(answers: Sequence[Given]) -> Sequence[Given]:
    """The answers that make up a result: of pupils, where there are any, else of whole classes."""
    return [answer for answer in answers if not answer.is_together] or answers


def together(answers: Iterable[Given]) -> list[Given]:
    """What whole classes said, by their room."""
    found = (answer for answer in answers if answer.is_together)
    return sorted(found, key=lambda answer: answer.room)


class _Judged(NamedTuple):
    answer: Given
    right: bool


def score(quiz: Quiz, answers: Iterable[Given]) -> Result:
    """What came of a quiz: all answers, by room, and who was fastest."""
    question = quiz.question
    given = [*answers]
    by_room: dict[str, list[Given]] = {}
    for answer in given:
        by_room.setdefault(answer.room, []).append(answer)
    answers_counted = counted(given)
    judged = _judged(question, answers_counted)
    right, rate = _rate(question, judged)
    return Result(
        answered=len(judged),
        right=right,
        rate=rate,
        counts=_counts(question, judged),
        rooms=tuple(_of_room(question, room, by_room[room]) for room in sorted(by_room)),
        fastest=_fastest(quiz, judged),
        by_class=_is_by_class(answers_counted),
    )


def _judged(question: Question, answers: Iterable[Given]) -> list[_Judged]:
    return [_Judged(answer, is_right(question, answer)) for answer in answers]


def _of_room(question: Question, room: str, answers: Sequence[Given]) -> RoomResult:
    answers_counted = counted(answers)
    given = _judged(question, answers_counted)
    right, rate = _rate(question, given)
    whole = together(answers)
    return RoomResult(
        room=room,
        answered=len(given),
        right=right,
        rate=rate,
        counts=_counts(question, given),
        by_class=_is_by_class(answers_counted),
        class_right=is_right(question, whole[0]) if whole and question.right else None,
    )


def _is_by_class(answers_counted: Iterable[Given]) -> bool:
    return any(answer.is_together for answer in answers_counted)


def _rate(question: Question, given: Sequence[_Judged]) -> tuple[int, float | None]:
    right = sum(each.right for each in given)
    return right, right / len(given) if given and question.right else None


def _counts(question: Question, given: Sequence[_Judged]) -> tuple[Count, ...]:
    if question.kind is QuestionKind.SHORT:
        return _groups(given)
    return tuple(
        Count(
            key=key,
            count=sum(key in each.answer.given for each in given),
            right=key in question.right,
        )
        for key in question.keys
    )


def _groups(given: Sequence[_Judged]) -> tuple[Count, ...]:
    """Of short answers: those that are the same, under the words of the first of them."""
    same: dict[str, list[_Judged]] = {}
    for each in sorted(given, key=_in_order):
        same.setdefault(each.answer.folded, []).append(each)
    groups = sorted(same.values(), key=lambda group: (-len(group), group[0].answer.given[0]))
    return tuple(
        Count(key=group[0].answer.given[0], count=len(group), right=group[0].right)
        for group in groups[:MOST_GROUPS]
    )


def _fastest(quiz: Quiz, given: Sequence[_Judged]) -> tuple[Fastest, ...]:
    counted = [each for each in given if not quiz.question.right or each.right]
    first = [each.answer for each in sorted(counted, key=_in_order)[:MOST_FASTEST]]
    return tuple(Fastest(by=a.by, room=a.room, taken_ms=a.shown_ms - quiz.opened_ms) for a in first)


def _in_order(each: _Judged) -> tuple[int, str]:
    return each.answer.shown_ms, each.answer.by
