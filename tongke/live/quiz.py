"""A question to several classrooms at once, answered on the lesson's clock.

A room sees the question when its playhead reaches it, some seconds after the lead and later still
on a slow line. So the time of an answer is what the lesson's clock showed on the device when it was
given, less the lesson's time of the question: a slow line costs nothing, and an answer that was
given before closing counts although it arrives after it. A device could lie about that time, so it
is believed only as far back as an honest line can lag (`LONGEST_LAG_MS`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from string import ascii_uppercase
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from tongke.errors import Conflict, Text, TongkeError
from tongke.legible import legible
from tongke.live.vocabulary import Role
from tongke.live.wording import fold

# A room on the worst line plays 4.5 s behind, and everybody is back 10 s after the server died.
LONGEST_LAG_MS: Final = 15_000
_OPTIONS: Final = range(2, 9)
# A sentence; what is longer is a composition, and no class compares those. So is a right answer's.
MOST_LETTERS: Final = 60
# More wordings of one short answer than anybody thinks of.
MOST_WORDINGS: Final = 20
# Of what is read at all: a question that names more is told so in words (`TooManyWordings`).
MOST_READ: Final = 10 * MOST_WORDINGS
# Answers that come after the result was shown are gathered for so long: two hundred phones that
# are late would otherwise have it worked out, and told to everybody, two hundred times.
GATHERED_MS: Final = 1_000

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
# Of a room, a quiz, a deck and whatever else is named.
Id = Annotated[str, StringConstraints(pattern=r"^[\w.:-]{1,64}$")]


class AnswerTooEarly(Conflict):
    """No honest device answers a question before its playhead has reached it."""

    code = "answer-too-early"
    message = Text("这道题还没有出现", "The question had not been shown yet")
    remedy = Text("等题目出现再作答", "Answer once it is shown")


class AnswerTooLate(Conflict):
    code = "answer-too-late"
    message = Text("这道题已停止作答", "Answering has been closed")
    remedy = Text("看老师公布的答案", "See the answer that the teacher shows")


class UnfitAnswer(TongkeError):
    code = "unfit-answer"
    status = 422
    message = Text("这个回答和题型对不上", "This answer does not fit the question")
    remedy = Text("照题目的选项作答", "Answer with the options of the question")


class AnswerTooLong(TongkeError):
    code = "answer-too-long"
    status = 422
    message = Text("这个回答太长了", "This answer is too long")
    remedy = Text(f"写到 {MOST_LETTERS} 个字以内", f"Keep it to {MOST_LETTERS} characters")


class TooManyWordings(TongkeError):
    code = "too-many-wordings"
    status = 422
    message = Text("标准答案写得太多了", "Too many right answers are given")
    remedy = Text(f"最多写 {MOST_WORDINGS} 种写法", f"Give {MOST_WORDINGS} of them at most")


class WordingTooLong(TongkeError):
    """Nobody could give it: an answer is no longer."""

    code = "wording-too-long"
    status = 422
    message = Text("标准答案太长了", "A right answer is too long")
    remedy = Text(f"每种写法不超过 {MOST_LETTERS} 个字", f"Keep each to {MOST_LETTERS} characters")


class QuestionKind(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"
    SHORT = "short"


class Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class Page(Value):
    """A slide, by its number from 1."""

    deck: Id
    number: int = Field(ge=1, le=2000)


class Question(Value):
    """What is asked. Options are known by their letter.

    Args:
        right: Keys, or every accepted wording of a short answer. Empty: it asks for an opinion, and
            nothing is right or wrong.
        page: The slide it is about, for devices that show nothing else of the lesson.
    """

    kind: QuestionKind
    text: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    options: tuple[Words, ...] = Field(default=(), max_length=_OPTIONS[-1])
    right: tuple[Words, ...] = Field(default=(), max_length=MOST_READ)
    page: Page | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        if self.kind is QuestionKind.TRUE_FALSE:
            return ("true", "false")
        return tuple(ascii_uppercase[: len(self.options)])

    @cached_property
    def accepted(self) -> frozenset[str]:
        """The wordings of a short answer that are right, folded."""
        return frozenset(fold(right) for right in self.right)

    @model_validator(mode="after")
    def _holds_together(self) -> Question:
        chosen = self.kind in (QuestionKind.SINGLE, QuestionKind.MULTIPLE)
        if chosen and len(self.options) not in _OPTIONS:
            raise ValueError("a choice has two to eight options")
        if not chosen and self.options:
            raise ValueError("only a choice has options")
        if self.kind is QuestionKind.SHORT:
            return self
        if not set(self.right) <= set(self.keys):
            raise ValueError("what is right is one of the options")
        if self.kind is not QuestionKind.MULTIPLE and len(self.right) > 1:
            raise ValueError("only one option is right")
        return self


@dataclass
class Quiz:
    """A question in a lesson. Times are of the lesson's clock; without `closes_ms` it stays open
    until somebody closes it."""

    id: str
    question: Question
    opened_ms: int
    closes_ms: int | None = None
    result: Result | None = None

    def is_open(self, media_ms: int) -> bool:
        return self.closes_ms is None or media_ms < self.closes_ms

    def close(self, media_ms: int) -> None:
        self.closes_ms = media_ms if self.closes_ms is None else min(self.closes_ms, media_ms)

    def time_of(self, shown_ms: int, media_ms: int) -> int:
        """The time of an answer: `shown_ms` on the device, arrived at `media_ms`. It lies between
        the question's opening and closing, and nobody has given it after it arrived.

        Raises:
            AnswerTooEarly: given before the question was shown.
            AnswerTooLate: given after closing, or so late that it cannot be told.
        """
        believed = max(shown_ms, media_ms - LONGEST_LAG_MS)
        if believed < self.opened_ms:
            raise AnswerTooEarly
        if self.closes_ms is not None and believed > self.closes_ms:
            raise AnswerTooLate
        return min(believed, media_ms)


@dataclass(frozen=True)
class Given:
    """An answer: of a device, or one that a room's class gives together."""

    by: str
    room: str
    given: tuple[str, ...]
    shown_ms: int

    @property
    def is_together(self) -> bool:
        """Whether a class gave it with its room's screen, and no pupil alone."""
        return self.by.startswith(f"{Role.ROOM}:")

    @cached_property
    def folded(self) -> str:
        """Of a short answer: by which it is compared. Folded once, however often it is counted."""
        return fold(self.given[0])

    def gives_way_to(self, given: tuple[str, ...], shown_ms: int) -> bool:
        """Whether a later one takes its place. The same sent again does not make it slower, and
        one that was overtaken on the way does not come back."""
        return given != self.given and shown_ms >= self.shown_ms


class Count(Value):
    """How often an option was chosen, or a short answer given (as it was first written)."""

    key: str
    count: int
    right: bool


class RoomResult(Value):
    """Of who answered alone in a room, else of its class's one answer (`scoring.counted`), and
    then `by_class`. `class_right` says whether that answer is right: none without one, or where
    none is."""

    room: str
    answered: int
    right: int
    rate: float | None
    counts: tuple[Count, ...]
    by_class: bool = False
    class_right: bool | None = None


class Fastest(Value):
    by: str
    room: str
    taken_ms: int


class Result(Value):
    """Of pupils, else of classes that answered together (`scoring.counted`), and then `by_class`.
    `rate` is the share of answers that are right: none for an opinion or without answers.
    Of an opinion, `fastest` are the first to say theirs."""

    answered: int
    right: int
    rate: float | None
    counts: tuple[Count, ...]
    rooms: tuple[RoomResult, ...]
    fastest: tuple[Fastest, ...]
    by_class: bool = False


def fitting(question: Question, given: Sequence[str]) -> tuple[str, ...]:
    """The answer as it is kept.

    Raises:
        UnfitAnswer: not what such a question is answered with. AnswerTooLong.
    """
    if question.kind is QuestionKind.SHORT:
        words = legible(given[0]) if len(given) == 1 else ""
        if not words:
            raise UnfitAnswer
        if len(words) > MOST_LETTERS:
            raise AnswerTooLong
        return (words,)
    chosen = tuple(sorted(set(given)))
    most = len(question.keys) if question.kind is QuestionKind.MULTIPLE else 1
    if not 1 <= len(chosen) <= most or not set(chosen) <= set(question.keys):
        raise UnfitAnswer
    return chosen


def check_wordings(question: Question) -> None:
    """Refuse right answers that no class needs. Only where a question is asked: what stands in a
    log is read as it is.

    Raises:
        TooManyWordings, WordingTooLong.
    """
    if len(question.right) > MOST_WORDINGS:
        raise TooManyWordings
    is_short = question.kind is QuestionKind.SHORT
    if is_short and any(len(right) > MOST_LETTERS for right in question.right):
        raise WordingTooLong
