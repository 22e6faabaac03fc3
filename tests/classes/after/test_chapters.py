"""A lesson's chapters are where she stayed, not what she leafed through."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.classes.after.chapters import STAYS_MS, ChapterKind, chapters, heat
from tongke.live.bodies import Begin, CallUp, Known, Layout, OpenQuiz, Slide
from tongke.live.events import Event
from tongke.live.quiz import Page, Question, QuestionKind
from tongke.live.vocabulary import Role, View, Who

BEGAN = 1_790_000_000_000
LEAD = Who(Role.LEAD, "1")


def at(seconds: float, body: Known) -> Event:
    media_ms = BEGAN + round(seconds * 1000)
    return Event(media_ms, media_ms, LEAD, body)


def slide(number: int) -> Slide:
    return Slide(page=Page(deck="7", number=number))


def shown(log: list[Event]) -> list[tuple[float, int | None]]:
    return [((c.media_ms - BEGAN) / 1000, c.page.number if c.page else None) for c in chapters(log)]


def test_only_where_she_stays_is_a_chapter() -> None:
    log = [at(0, Begin()), at(1, slide(1)), at(60, slide(2)), at(61, slide(3)), at(62, slide(4))]
    assert shown([*log, at(200, slide(5))]) == [(1, 1), (62, 4), (200, 5)]


def test_a_glance_at_the_next_slide_and_back_is_no_new_chapter() -> None:
    assert shown([at(0, slide(1)), at(60, slide(2)), at(62, slide(1))]) == [(0, 1)]


def test_what_was_shown_before_the_bell_is_there_at_the_bell() -> None:
    log = [at(-90, slide(1)), at(0, Begin()), at(50, slide(2))]
    assert shown(log) == [(0, 1), (50, 2)]


def test_where_she_stays_at_the_board_is_a_chapter() -> None:
    log = [
        at(-20, Layout(view=View.BOARD)), at(-9, Layout(view=View.BOTH)), at(0, Begin()),
        at(1, slide(1)), at(60, Layout(view=View.BOARD)), at(120, Layout(view=View.TEACHER)),
        at(122, Layout(view=View.BOARD)), at(360, Layout(view=View.SLIDES)),
        at(400, Layout(view=View.BOARD)), at(403, Layout(view=View.SLIDES)), at(410, slide(2)),
    ]  # fmt: skip
    found = [((c.media_ms - BEGAN) / 1000, c.kind) for c in chapters(log)]
    assert found == [
        (1, ChapterKind.SLIDE),
        (60, ChapterKind.BOARD),
        (410, ChapterKind.SLIDE),
    ]


def test_questions_and_who_was_called_up_are_named() -> None:
    question = Question(kind=QuestionKind.TRUE_FALSE, text="负数比零小吗？", right=("true",))
    opened = OpenQuiz(quiz="q", question=question)
    found = chapters([at(0, Begin()), at(10, opened), at(20, CallUp(room="2"))])
    assert [(c.kind, c.text, c.room) for c in found] == [
        (ChapterKind.QUIZ, "负数比零小吗？", ""),
        (ChapterKind.CALL_UP, "", "2"),
    ]


@given(st.lists(st.tuples(st.integers(0, 60_000), st.integers(1, 4)), max_size=30))
def test_slides_are_in_order_apart_and_never_the_same_twice(
    steps: list[tuple[int, int]],
) -> None:
    media_ms, log = BEGAN, []
    for after, number in steps:
        media_ms += after
        log.append(Event(media_ms, media_ms, LEAD, slide(number)))
    found = chapters(log)
    for before, later in pairwise(found):
        assert later.media_ms - before.media_ms >= STAYS_MS
        assert later.page != before.page
    # Whatever she ended on is the last chapter.
    if log:
        assert found[-1].page == slide(steps[-1][1]).page


@given(st.lists(st.floats(0, 2400), min_size=1), st.integers(1, 60))
def test_the_heat_is_most_where_most_was_noted(moments: list[float], columns: int) -> None:
    warmth = heat(moments, 2400, columns)
    assert len(warmth) == columns
    assert max(warmth) == 1
    assert all(0 <= value <= 1 for value in warmth)


def test_the_heat_of_one_note_is_about_its_minute() -> None:
    assert heat([30], 100, 10) == pytest.approx([0, 0, 0.5, 1, 0.5, 0, 0, 0, 0, 0])
    assert heat([], 100, 3) == [0, 0, 0]
