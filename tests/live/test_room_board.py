"""Strokes on the board and on slides, sent again and taken back."""

from __future__ import annotations

from tests.live.lessons import LEAD, PAGE, Lesson
from tongke.live.bodies import Stroke, UndoStroke


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
