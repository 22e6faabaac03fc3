"""Cues: what happens on the screen of a lesson, each at its media time.

The log only grows. A player draws what came due since it last looked, and after a seek or a late
join it takes the whole screen as it stood at that moment. The same fold makes the live class's
screen (`state.ClassState.stage`), so a recording shows what the rooms saw.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, cast

from pydantic import JsonValue

from tongke.live import ink
from tongke.live.bodies import (
    Area,
    CallUp,
    ClearBoard,
    CloseQuiz,
    End,
    ExtendQuiz,
    Known,
    Layout,
    OpenQuiz,
    Point,
    ShowAnswer,
    SitDown,
    Slide,
    Spotlight,
    Stroke,
    Timer,
    UndoStroke,
)
from tongke.live.events import Event
from tongke.live.playlist_text import DateRange
from tongke.live.quiz import Page, Quiz
from tongke.live.vocabulary import View

_STROKES: Final = frozenset({"stroke", "undo_stroke", "clear_board"})
# What other players are told in the playlist: strokes they could not draw, and those are many.
MIRRORED: Final = frozenset(
    {"begin", "end", "call_up", "sit_down", "layout", "slide", "spotlight", "timer"}
    | {"open_quiz", "extend_quiz", "close_quiz", "show_answer"}
)
CUES: Final = _STROKES | MIRRORED


@dataclass
class Ink:
    """A stroke as far as it is drawn."""

    colour: str
    width: float
    points: list[Point] = field(default_factory=list)


@dataclass(frozen=True)
class Countdown:
    began_ms: int
    seconds: int


@dataclass
class Stage:
    """The screen of a lesson at one moment, changed by `apply` alone.

    Attributes:
        ink: By surface: a slide keeps what was drawn on it when it is turned, and so does the board
            (no page).
        inked, drawn: How much stands on each surface (`tongke.live.ink`), and was ever drawn.
        spent: Strokes taken back or wiped: a part of one that comes late draws nothing.
        quiz: The one on the screen. It stays when it is closed; once its answer was shown, the next
            slide or layout puts it away.
    """

    layout: View = View.TEACHER
    page: Page | None = None
    ink: dict[Page | None, dict[str, Ink]] = field(default_factory=dict)
    inked: Counter[Page | None] = field(default_factory=Counter)
    drawn: int = 0
    spent: set[str] = field(default_factory=set)
    spotlight: Area | None = None
    timer: Countdown | None = None
    speaking: list[str] = field(default_factory=list)
    quizzes: dict[str, Quiz] = field(default_factory=dict)
    quiz: str | None = None

    def open_quiz(self, media_ms: int) -> Quiz | None:
        return next((quiz for quiz in self.quizzes.values() if quiz.is_open(media_ms)), None)

    def apply(self, media_ms: int, body: Known) -> None:
        """Take what has happened; what is no cue changes nothing."""
        match body:
            case Layout() | Slide():
                self._turn(body)
            case Stroke() | UndoStroke() | ClearBoard():
                self._draw(body)
            case Spotlight(area=area):
                self.spotlight = area
            case Timer(seconds=seconds):
                self.timer = Countdown(media_ms, seconds) if seconds else None
            case CallUp(room=room):
                self.speaking.append(room)
            case SitDown(room=room):
                self.speaking.remove(room)
            case OpenQuiz() | ExtendQuiz() | CloseQuiz() | ShowAnswer():
                self._ask(media_ms, body)
            case End():
                self._end(media_ms)

    def takes(self, body: Stroke) -> int:
        """How much more would stand on a surface with these points."""
        known = body.stroke in self.ink.get(body.page, {})
        return len(body.points) + (0 if known else ink.OF_A_STROKE)

    def check_room(self, page: Page | None, more: int) -> None:
        """Raises what `ink.check` does where so much more finds no room."""
        ink.check(self.inked[page] + more, self.inked.total() + more, self.drawn + more)

    def _turn(self, body: Layout | Slide) -> None:
        if self.quiz is not None and self.quizzes[self.quiz].result is not None:
            self.quiz = None
        if isinstance(body, Layout):
            self.layout = body.view
        else:
            self.page = body.page
            self.spotlight = None

    def _draw(self, body: Stroke | UndoStroke | ClearBoard) -> None:
        surface = self.ink.setdefault(body.page, {})
        if isinstance(body, Stroke):
            more = self.takes(body)
            self.inked[body.page] += more
            self.drawn += more
            drawn = surface.setdefault(body.stroke, Ink(body.colour, body.width))
            drawn.points.extend(body.points)
            return
        gone = list(surface) if isinstance(body, ClearBoard) else [body.stroke or ""]
        for stroke in gone:
            self.inked[body.page] -= ink.OF_A_STROKE + len(surface.pop(stroke).points)
        self.spent.update(gone)

    def _ask(self, media_ms: int, body: OpenQuiz | ExtendQuiz | CloseQuiz | ShowAnswer) -> None:
        if isinstance(body, OpenQuiz):
            closes_ms = None if body.seconds is None else media_ms + body.seconds * 1000
            self.quizzes[body.quiz] = Quiz(body.quiz, body.question, media_ms, closes_ms)
            self.quiz = body.quiz
            return
        quiz = self.quizzes[body.quiz]
        if isinstance(body, ExtendQuiz):
            quiz.closes_ms = body.closes_ms
        elif isinstance(body, CloseQuiz):
            quiz.close(media_ms)
        else:
            quiz.result = body.result

    def _end(self, media_ms: int) -> None:
        self.speaking.clear()
        self.timer = self.spotlight = None
        for quiz in self.quizzes.values():
            quiz.close(media_ms)

    def to_dict(self, *, knows_answers: bool) -> dict[str, JsonValue]:
        """The whole screen. `knows_answers` is for who may see what is right beforehand."""
        return {
            "layout": self.layout,
            "page": None if self.page is None else self.page.model_dump(mode="json"),
            "ink": [_surface(page, drawn) for page, drawn in self.ink.items() if drawn],
            "spotlight": None if self.spotlight is None else self.spotlight.model_dump(mode="json"),
            "timer": None if self.timer is None else asdict(self.timer),
            "speaking": [*self.speaking],
            "quiz": None
            if self.quiz is None
            else quiz_dict(self.quizzes[self.quiz], knows_answers=knows_answers),
        }


def _surface(page: Page | None, drawn: Mapping[str, Ink]) -> dict[str, JsonValue]:
    strokes: list[JsonValue] = [
        {
            "stroke": name,
            "colour": ink.colour,
            "width": ink.width,
            # Pairs stay tuples, which JSON writes as lists: there may be a hundred thousand.
            "points": cast(list[JsonValue], [*ink.points]),
        }
        for name, ink in drawn.items()
    ]
    return {"page": None if page is None else page.model_dump(mode="json"), "strokes": strokes}


def quiz_dict(quiz: Quiz, *, knows_answers: bool) -> dict[str, JsonValue]:
    """A quiz as it stands: what is right is in it once it was shown."""
    asked: dict[str, JsonValue] = {
        "quiz": quiz.id,
        "question": quiz.question.model_dump(mode="json"),
        "opened_ms": quiz.opened_ms,
        "closes_ms": quiz.closes_ms,
        "result": None if quiz.result is None else quiz.result.model_dump(mode="json"),
    }
    return asked if knows_answers else openly(asked)


def openly(payload: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """A payload as everybody in the class may know it: not what is right while a question is only
    asked, and of a result not which pupil's device was fastest."""
    told = dict(payload)
    question, result = told.get("question"), told.get("result")
    if isinstance(question, dict) and result is None:
        told["question"] = {name: value for name, value in question.items() if name != "right"}
    if isinstance(result, dict) and isinstance(result["fastest"], list):
        fastest: list[JsonValue] = [
            {name: value for name, value in first.items() if name != "by"}
            for first in result["fastest"]
            if isinstance(first, dict)
        ]
        told["result"] = {**result, "fastest": fastest}
    return told


@dataclass(frozen=True)
class Cue:
    """`id` is the number of its event in the class's log."""

    media_ms: int
    id: int
    kind: str
    payload: Mapping[str, JsonValue]


def cue_of(event: Event, number: int) -> Cue | None:
    """An event of the class's log as a cue, if it changes the screen."""
    if event.body.kind not in CUES:
        return None
    row = event.body.model_dump(mode="json", exclude={"kind"})
    return Cue(event.media_ms, number, event.body.kind, row)


def date_range(cue: Cue) -> DateRange | None:
    """A cue for players that are not ours, or none. The playlist is the same for all who watch, so
    it says no more than everybody may know; base64url, as a quoted string holds no quotes."""
    if cue.kind not in MIRRORED:
        return None
    told = json.dumps({"kind": cue.kind, **openly(cue.payload)}, ensure_ascii=False)
    return DateRange(
        id=f"cue-{cue.id}",
        class_name=f"cn.tongke.{cue.kind}",
        start=datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=cue.media_ms),
        duration_s=0.0,
        payload=base64.urlsafe_b64encode(told.encode()).decode().rstrip("="),
    )
