"""The chapters of a lesson, out of its log: where a slide was turned to, a question was asked, a
room was called up.

Pure. Their times are the lesson's clock; where that is in the recording says `recorded_time`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final

from tongke.live.bodies import Begin, CallUp, OpenQuiz, Prepare, Slide
from tongke.live.events import Event
from tongke.live.quiz import Page

# Who leafs through to a slide shows each for a moment: only where she stays is a chapter.
STAYS_MS: Final = 5000
KINDS: Final = frozenset({"prepare", "begin", "slide", "open_quiz", "call_up"})


class ChapterKind(StrEnum):
    SLIDE = "slide"
    QUIZ = "quiz"
    CALL_UP = "call_up"


@dataclass(frozen=True)
class Chapter:
    """`text` is the question, or the name of the room that was called up; `page` the slide."""

    media_ms: int
    kind: ChapterKind
    text: str = ""
    page: Page | None = None


def chapters(log: Iterable[Event]) -> list[Chapter]:
    """The chapters in their order. What was shown before the bell is shown from the bell on."""
    events = list(log)
    begun_ms = next((e.media_ms for e in events if isinstance(e.body, Begin)), 0)
    names = _names(events)
    found = [chapter for event in events if (chapter := _chapter(event, names)) is not None]
    at_their_time = [replace(each, media_ms=max(each.media_ms, begun_ms)) for each in found]
    return _settled(sorted(at_their_time, key=lambda chapter: chapter.media_ms))


def _names(events: Iterable[Event]) -> dict[str, str]:
    booked = (event.body.rooms for event in events if isinstance(event.body, Prepare))
    return {room.id: room.name for rooms in booked for room in rooms}


def _chapter(event: Event, names: dict[str, str]) -> Chapter | None:
    match event.body:
        case Slide(page=page):
            return Chapter(event.media_ms, ChapterKind.SLIDE, page=page)
        case OpenQuiz(question=question):
            return Chapter(event.media_ms, ChapterKind.QUIZ, question.text, question.page)
        case CallUp(room=room):
            return Chapter(event.media_ms, ChapterKind.CALL_UP, names.get(room, ""))
    return None


def _settled(found: Sequence[Chapter]) -> list[Chapter]:
    """Without the slides that were only passed, and without the one that was there already."""
    kept: list[Chapter] = []
    shown: Page | None = None
    slides = [chapter for chapter in found if chapter.kind is ChapterKind.SLIDE]
    following = {id(slide): later for slide, later in pairwise(slides)}
    for chapter in found:
        if chapter.kind is ChapterKind.SLIDE:
            later = following.get(id(chapter))
            passed = later is not None and later.media_ms - chapter.media_ms < STAYS_MS
            if passed or chapter.page == shown:
                continue
            shown = chapter.page
        kept.append(chapter)
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
