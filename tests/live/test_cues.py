"""Cues: from them alone the screen of a moment is drawn, and other players are told of them."""

from __future__ import annotations

import base64
import json

from hypothesis import given
from hypothesis import strategies as st

from tests.live.lessons import screen_at
from tongke.live.bodies import (
    Area,
    CallUp,
    ClearBoard,
    CloseQuiz,
    End,
    HeadCount,
    Known,
    Layout,
    OpenQuiz,
    RaiseHand,
    ShowAnswer,
    SitDown,
    Slide,
    Spotlight,
    Stroke,
    Timer,
    UndoStroke,
)
from tongke.live.cues import Cue, Stage, cue_of, date_range
from tongke.live.events import Event
from tongke.live.quiz import Given, Page, Question, QuestionKind
from tongke.live.scoring import score
from tongke.live.vocabulary import Role, View, Who

BEGAN = 1_790_000_000_000
LEAD = Who(Role.LEAD, "7")
FIRST, SECOND = Page(deck="d", number=1), Page(deck="d", number=2)
QUESTION = Question(kind=QuestionKind.SHORT, text="几个灯架？", right=("八个",))


def cues_of(*bodies: tuple[int, Known]) -> list[Cue]:
    told = enumerate(bodies, start=1)
    cues = (cue_of(Event(0, BEGAN + after, LEAD, body), number) for number, (after, body) in told)
    return [cue for cue in cues if cue is not None]


def stroke(name: str, page: Page | None = FIRST, start: int = 0) -> Stroke:
    return Stroke(page=page, stroke=name, start=start, points=((0.1, 0.2), (0.3, 0.4)))


def test_what_does_not_change_the_screen_is_no_cue() -> None:
    assert not cues_of((0, HeadCount(room="a", heads=31)), (1, RaiseHand(room="a")))


def test_a_seek_finds_slide_strokes_and_the_open_question() -> None:
    cues = cues_of(
        (0, Slide(page=FIRST)),
        (1_000, stroke("s1")),
        (1_500, stroke("s1", start=2)),
        (2_000, OpenQuiz(quiz="q", question=QUESTION, seconds=30)),
        (3_000, Slide(page=SECOND)),
        (4_000, CloseQuiz(quiz="q")),
    )
    then = screen_at(cues, BEGAN + 2_500)
    assert then.page == FIRST
    assert len(then.ink[FIRST]["s1"].points) == 4
    asked = then.open_quiz(BEGAN + 2_500)
    assert asked is not None
    assert asked.closes_ms == BEGAN + 32_000
    later = screen_at(cues, BEGAN + 4_000)
    assert later.page == SECOND
    assert later.open_quiz(BEGAN + 4_000) is None


def test_a_slide_that_is_turned_back_has_its_strokes() -> None:
    cues = cues_of(
        (0, Slide(page=FIRST)),
        (1, stroke("s1")),
        (2, stroke("s2")),
        (3, stroke("b", page=None)),
        (4, Slide(page=SECOND)),
        (5, UndoStroke(page=FIRST, stroke="s2")),
        (6, ClearBoard()),
        (7, Slide(page=FIRST)),
    )
    stage = screen_at(cues, BEGAN + 7)
    assert list(stage.ink[FIRST]) == ["s1"]
    assert not stage.ink[None]


def test_a_question_whose_answer_was_shown_goes_with_the_next_slide() -> None:
    cues = cues_of((0, OpenQuiz(quiz="q", question=QUESTION)), (5, CloseQuiz(quiz="q")))
    stage = screen_at(cues, BEGAN + 5)
    result = score(stage.quizzes["q"], [Given("device:1", "a", ("八个",), BEGAN + 3)])
    stage.apply(BEGAN + 6, Slide(page=FIRST))
    assert stage.quiz == "q"
    stage.apply(BEGAN + 7, ShowAnswer(quiz="q", right=("八个",), result=result))
    assert stage.quiz == "q"
    stage.apply(BEGAN + 8, Layout(view=View.TEACHER))
    assert stage.quiz is None


def test_the_end_of_a_class_clears_what_runs() -> None:
    cues = cues_of(
        (0, Timer(seconds=60)),
        (1, CallUp(room="a")),
        (2, OpenQuiz(quiz="q", question=QUESTION)),
        (9, End()),
    )
    stage = screen_at(cues, BEGAN + 9)
    assert stage.timer is None
    assert not stage.speaking
    assert stage.open_quiz(BEGAN + 9) is None


@st.composite
def lessons(draw: st.DrawFn) -> list[tuple[int, Known]]:
    """What a class would let into its log, at times that may be the same."""
    told: list[tuple[int, Known]] = []
    stage, now = Stage(), 0
    for number in range(draw(st.integers(0, 25))):
        page = draw(st.sampled_from([FIRST, SECOND, None]))
        drawn = list(stage.ink.get(page, {}))
        possible: list[Known] = [
            Slide(page=page or FIRST),
            Layout(view=draw(st.sampled_from(View))),
            stroke(f"s{number}", page),
            Timer(seconds=draw(st.integers(0, 9))),
            Spotlight(area=Area(x=0, y=0, width=1, height=0.5)),
            OpenQuiz(quiz=f"q{number}", question=QUESTION, seconds=draw(st.integers(1, 9))),
            *[CloseQuiz(quiz=quiz) for quiz in stage.quizzes],
            *[UndoStroke(page=page, stroke=name) for name in drawn],
            *([ClearBoard(page=page)] if drawn else []),
            SitDown(room="a") if "a" in stage.speaking else CallUp(room="a"),
        ]
        body = draw(st.sampled_from(possible))
        stage.apply(BEGAN + now, body)
        told.append((now, body))
        now += draw(st.integers(0, 2_000))
    return told


@given(lessons(), st.integers(-10, 60_000))
def test_the_screen_at_a_moment_is_the_replay_up_to_it(
    told: list[tuple[int, Known]], moment: int
) -> None:
    replayed = Stage()
    for after_ms, body in told:
        if after_ms <= moment:
            replayed.apply(BEGAN + after_ms, body)
    assert screen_at(cues_of(*told), BEGAN + moment) == replayed
    json.dumps(replayed.to_dict(knows_answers=True))


def told_in(cue: Cue) -> dict[str, object]:
    found = date_range(cue)
    assert found is not None
    payload = found.payload
    told: dict[str, object] = json.loads(
        base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    )
    return told


def test_other_players_are_told_the_moment_and_what_it_is() -> None:
    (cue,) = cues_of((1_250, Slide(page=SECOND)))
    found = date_range(cue)
    assert found is not None
    assert found.id == "cue-1"
    assert found.class_name == "cn.tongke.slide"
    assert round(found.start.timestamp() * 1000) == BEGAN + 1_250
    assert told_in(cue) == {"kind": "slide", "page": {"deck": "d", "number": 2}}


def test_the_playlist_does_not_give_the_answer_away() -> None:
    (cue,) = cues_of((0, OpenQuiz(quiz="q", question=QUESTION)))
    assert "八个" not in str(told_in(cue))


def test_strokes_are_not_in_the_playlist() -> None:
    (cue,) = cues_of((0, stroke("s")))
    assert date_range(cue) is None
