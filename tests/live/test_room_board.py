"""Strokes on the board and on slides, sent again and taken back."""

from __future__ import annotations

import pytest

from tests.live.lessons import LEAD, PAGE, Lesson
from tongke.live import ink
from tongke.live.bodies import ClearBoard, Stroke, UndoStroke
from tongke.live.ink import MOST_OF_CLASS, MOST_OF_SURFACE, OF_A_STROKE
from tongke.live.quiz import Page
from tongke.live.state import replay

# As many points as one message brings.
LONG = ((0.123456789, 0.987654321),) * 500


def test_a_stroke_sent_again_is_drawn_once() -> None:
    lesson = Lesson()
    first = Stroke(page=PAGE, stroke="s", points=((0.1, 0.1), (0.2, 0.2)))
    more = Stroke(page=PAGE, stroke="s", start=1, points=((0.2, 0.2), (0.3, 0.3)))
    for command in (first, first, more, more, first):
        lesson.ask(LEAD, command)
    assert lesson.state.stage.ink[PAGE]["s"].points == [(0.1, 0.1), (0.2, 0.2), (0.3, 0.3)]
    gap = Stroke(page=PAGE, stroke="s", start=9, points=((0.9, 0.9),))
    assert lesson.refused(LEAD, gap) == "stroke-broken"


def test_undo_takes_the_last_stroke_and_it_does_not_come_back() -> None:
    lesson = Lesson()
    strokes = [Stroke(stroke=name, points=((0, 0),)) for name in ("s1", "s2")]
    for stroke in strokes:
        lesson.ask(LEAD, stroke)
    (undone,) = lesson.ask(LEAD, UndoStroke())
    assert undone.body == UndoStroke(stroke="s2")
    assert not lesson.ask(LEAD, strokes[1])
    assert not lesson.ask(LEAD, UndoStroke(stroke="s2"))
    assert list(lesson.state.stage.ink[None]) == ["s1"]


def filled(lesson: Lesson, page: Page | None) -> list[Stroke]:
    """Draw until a surface is full: the strokes, and the one that is refused."""
    name = "board" if page is None else f"page{page.number}"
    strokes = [
        Stroke(page=page, stroke=f"{name}-{n}", points=LONG)
        for n in range(MOST_OF_SURFACE // (len(LONG) + OF_A_STROKE) + 1)
    ]
    for stroke in strokes[:-1]:
        assert lesson.ask(LEAD, stroke)
    return strokes


def test_a_surface_takes_what_a_lesson_draws_and_no_more() -> None:
    lesson = Lesson()
    *_, last = filled(lesson, None)
    assert lesson.refused(LEAD, last) == "surface-full"
    on = last.model_copy(update={"start": len(LONG)})
    assert lesson.refused(LEAD, on) == "surface-full", "its beginning found no room"
    dot = Stroke(stroke="dot", points=((0.5, 0.5),))
    for _ in range(500):
        if lesson.state.stage.inked[None] + 1 + OF_A_STROKE > MOST_OF_SURFACE:
            break
        lesson.ask(LEAD, dot.model_copy(update={"stroke": f"dot{len(lesson.log)}"}))
    assert lesson.refused(LEAD, dot) == "surface-full", "a stroke counts for more than its point"
    assert lesson.ask(LEAD, last.model_copy(update={"page": PAGE})), "another surface has its own"
    lesson.ask(LEAD, UndoStroke())
    assert lesson.ask(LEAD, dot), "what was taken back counts no more"
    lesson.ask(LEAD, ClearBoard())
    assert lesson.state.stage.inked[None] == 0
    assert lesson.ask(LEAD, last), "it was refused, so it may be drawn now"
    assert replay(lesson.log) == lesson.state


def test_so_do_all_surfaces_of_a_class_together() -> None:
    lesson = Lesson()
    pages = [Page(deck="d", number=n + 1) for n in range(MOST_OF_CLASS // MOST_OF_SURFACE)]
    for page in pages:
        filled(lesson, page)
    other, number = Page(deck="d", number=99), 0
    while lesson.state.stage.inked.total() + len(LONG) + OF_A_STROKE <= MOST_OF_CLASS:
        number += 1
        lesson.ask(LEAD, Stroke(page=other, stroke=f"more-{number}", points=LONG))
    last = Stroke(page=other, stroke="last", points=LONG)
    assert lesson.refused(LEAD, last) == "ink-full"
    lesson.ask(LEAD, ClearBoard(page=pages[0]))
    assert lesson.ask(LEAD, last)


def test_who_wipes_and_draws_all_the_time_does_not_fill_the_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ink, "MOST_EVER", 10 * len(LONG))
    lesson, strokes = Lesson(), [Stroke(stroke=f"s{n}", points=LONG) for n in range(10)]
    for stroke in strokes[:-1]:
        lesson.ask(LEAD, stroke)
        lesson.ask(LEAD, ClearBoard())
    assert lesson.refused(LEAD, strokes[-1]) == "drawn-too-much"


def test_points_are_kept_as_finely_as_they_are_seen() -> None:
    lesson = Lesson()
    (told,) = lesson.ask(LEAD, Stroke(stroke="s", points=LONG))
    assert isinstance(told.body, Stroke)
    assert set(told.body.points) == {(0.1235, 0.9877)}
