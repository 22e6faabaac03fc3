"""The chapters of a lesson, out of its log: where a slide was turned to, the board was put up, a
question was asked, a room was called up.

Pure. Their times are the lesson's clock; where that is in the recording says `recorded_time`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import zip_longest
from typing import Final, TypeVar

from tongke.live.bodies import Begin, CallUp, Layout, OpenQuiz, Slide
from tongke.live.events import Event
from tongke.live.quiz import Page
from tongke.live.vocabulary import View

# Who leafs through to a slide shows each for a moment: only where she stays is a chapter. So is it
# with the board. Its strokes are not asked for: they are most of a log.
STAYS_MS: Final = 5000
KINDS: Final = frozenset({"begin", "slide", "layout", "open_quiz", "call_up"})

Shown = TypeVar("Shown", Page, View)


class ChapterKind(StrEnum):
    SLIDE = "slide"
    BOARD = "board"
    QUIZ = "quiz"
    CALL_UP = "call_up"


@dataclass(frozen=True)
class Chapter:
    """`text` is the question, `room` the seat that was called up, `page` the slide."""

    media_ms: int
    kind: ChapterKind
    text: str = ""
    page: Page | None = None
    room: str = ""


def chapters(log: Iterable[Event]) -> list[Chapter]:
    """The chapters in their order. What was shown before the bell is shown from the bell on."""
    events = list(log)
    begun_ms = next((e.media_ms for e in events if isinstance(e.body, Begin)), 0)
    at_their_time = [replace(each, media_ms=max(each.media_ms, begun_ms)) for each in events]
    said = map(_said, at_their_time)
    found = [*_slides(at_their_time), *_boards(at_their_time), *filter(None, said)]
    return sorted(found, key=lambda chapter: chapter.media_ms)


def _said(event: Event) -> Chapter | None:
    """A question, or who was called up."""
    match event.body:
        case OpenQuiz(question=question):
            return Chapter(event.media_ms, ChapterKind.QUIZ, question.text, question.page)
        case CallUp(room=room):
            return Chapter(event.media_ms, ChapterKind.CALL_UP, room=room)
    return None


def _slides(events: Iterable[Event]) -> list[Chapter]:
    shown = [(e.media_ms, e.body.page) for e in events if isinstance(e.body, Slide)]
    return [Chapter(at, ChapterKind.SLIDE, page=page) for at, page in _stayed(shown)]


def _boards(events: Iterable[Event]) -> list[Chapter]:
    shown = [(e.media_ms, e.body.view) for e in events if isinstance(e.body, Layout)]
    return [Chapter(at, ChapterKind.BOARD) for at, view in _stayed(shown) if view is View.BOARD]


def _stayed(shown: Sequence[tuple[int, Shown]]) -> list[tuple[int, Shown]]:
    """Of what was shown from when on: without what was only passed, and without what was there
    already."""
    kept: list[tuple[int, Shown]] = []
    ends = [at for at, _ in shown[1:]]
    for (at, what), until in zip_longest(shown, ends):
        passed = until is not None and until - at < STAYS_MS
        if not passed and (not kept or kept[-1][1] != what):
            kept.append((at, what))
    return kept


def heat(moments_s: Iterable[float], duration_s: float, columns: int) -> list[float]:
    """How much was noted where: one value a column of the time line, the most being 1.

    A note is about the minute it was written in, so it warms the columns beside it half as much.
    """
    warmth = [0.0] * columns
    for second in moments_s:
        at = min(columns - 1, int(second / duration_s * columns)) if duration_s > 0 else 0
        for column, share in ((at - 1, 0.5), (at, 1.0), (at + 1, 0.5)):
            if 0 <= column < columns:
                warmth[column] += share
    most = max(warmth, default=0.0)
    return [value / most if most else 0.0 for value in warmth]
