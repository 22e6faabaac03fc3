"""The cue log: drawn when due, and after a seek the screen as it stood then."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from tongke.live.cues import Cue, CueLog, Stage, cue_of, date_range
from tongke.live.events import Event
from tongke.live.playlist_text import DateRange
from tongke.live.quiz import Given, Page, Question, QuestionKind, score
from tongke.live.vocabulary import Role, View, Who

BEGAN = 1_790_000_000_000
LEAD = Who(Role.LEAD, "7")
FIRST, SECOND = Page(deck="d", number=1), Page(deck="d", number=2)
QUESTION = Question(kind=QuestionKind.SHORT, text="几个灯架？", right=("八个",))


def log_of(*bodies: tuple[int, Known]) -> CueLog:
    log = CueLog()
    for number, (after_ms, body) in enumerate(bodies, start=1):
        cue = cue_of(Event(0, BEGAN + after_ms, LEAD, body), number)
        if cue is not None:
            log.append(cue)
    return log


def stroke(name: str, page: Page | None = FIRST, start: int = 0) -> Stroke:
    return Stroke(page=page, stroke=name, start=start, points=((0.1, 0.2), (0.3, 0.4)))


def test_what_is_due_is_told_once() -> None:
    log = log_of((0, Slide(page=FIRST)), (500, Slide(page=SECOND)), (900, Layout(view=View.BOARD)))
    assert [cue.kind for cue in log.due(BEGAN - 1, BEGAN + 500)] == ["slide", "slide"]
    assert [cue.kind for cue in log.due(BEGAN + 500, BEGAN + 900)] == ["layout"]
    assert not log.due(BEGAN + 900, BEGAN + 10_000)


def test_the_log_only_grows() -> None:
    log = log_of((500, Slide(page=FIRST)))
    with pytest.raises(ValueError, match="after"):
        log.append(Cue(BEGAN + 499, 9, "slide", {}))
    with pytest.raises(ValueError, match="after"):
        log.append(Cue(BEGAN + 500, 1, "slide", {}))


def test_what_does_not_change_the_screen_is_no_cue() -> None:
    log = log_of((0, HeadCount(room="a", heads=31)), (1, RaiseHand(room="a")))
    assert not log.due(0, 2 * BEGAN)


def test_a_seek_finds_slide_strokes_and_the_open_question() -> None:
    log = log_of(
        (0, Slide(page=FIRST)),
        (1_000, stroke("s1")),
        (1_500, stroke("s1", start=2)),
        (2_000, OpenQuiz(quiz="q", question=QUESTION, seconds=30)),
        (3_000, Slide(page=SECOND)),
        (4_000, CloseQuiz(quiz="q")),
    )
    then = log.state_at(BEGAN + 2_500)
    assert then.page == FIRST
    assert len(then.ink[FIRST]["s1"].points) == 4
    asked = then.open_quiz(BEGAN + 2_500)
    assert asked is not None
    assert asked.closes_ms == BEGAN + 32_000
    later = log.state_at(BEGAN + 4_000)
    assert later.page == SECOND
    assert later.open_quiz(BEGAN + 4_000) is None


def test_a_slide_that_is_turned_back_has_its_strokes() -> None:
    log = log_of(
        (0, Slide(page=FIRST)),
        (1, stroke("s1")),
        (2, stroke("s2")),
        (3, stroke("b", page=None)),
        (4, Slide(page=SECOND)),
        (5, UndoStroke(page=FIRST, stroke="s2")),
        (6, ClearBoard()),
        (7, Slide(page=FIRST)),
    )
    stage = log.state_at(BEGAN + 7)
    assert list(stage.ink[FIRST]) == ["s1"]
    assert not stage.ink[None]


def test_a_question_whose_answer_was_shown_goes_with_the_next_slide() -> None:
    stage = log_of((0, OpenQuiz(quiz="q", question=QUESTION)), (5, CloseQuiz(quiz="q"))).state_at(
        BEGAN + 5
    )
    result = score(stage.quizzes["q"], [Given("device:1", "a", ("八个",), BEGAN + 3)])
    stage.apply(BEGAN + 6, Slide(page=FIRST))
    assert stage.quiz == "q"
    stage.apply(BEGAN + 7, ShowAnswer(quiz="q", right=("八个",), result=result))
    assert stage.quiz == "q"
    stage.apply(BEGAN + 8, Layout(view=View.TEACHER))
    assert stage.quiz is None


def test_the_end_of_a_class_clears_what_runs() -> None:
    log = log_of(
        (0, Timer(seconds=60)),
        (1, CallUp(room="a")),
        (2, OpenQuiz(quiz="q", question=QUESTION)),
        (9, End()),
    )
    stage = log.state_at(BEGAN + 9)
    assert stage.timer is None
    assert not stage.speaking
    assert stage.open_quiz(BEGAN + 9) is None


def test_a_kind_of_a_later_version_is_kept_and_not_drawn() -> None:
    log = log_of((0, Slide(page=FIRST)))
    log.append(Cue(BEGAN + 5, 9, "hologram", {"height": 3}))
    assert [cue.kind for cue in log.due(BEGAN, BEGAN + 5)] == ["hologram"]
    assert log.state_at(BEGAN + 5) == log.state_at(BEGAN)


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
    log = log_of(*told)
    assert log.state_at(BEGAN + moment) == replayed
    json.dumps(replayed.to_dict(knows_answers=True))


@given(lessons(), st.lists(st.integers(-10, 60_000), max_size=6))
def test_a_player_that_looks_now_and_then_misses_nothing(
    told: list[tuple[int, Known]], looks: list[int]
) -> None:
    log = log_of(*told)
    seen: list[int] = []
    last = 0
    for look in [*sorted(looks), 60_001]:
        seen += [cue.id for cue in log.due(last, BEGAN + look)]
        last = BEGAN + look
    assert seen == list(range(1, len(told) + 1))


def told_in(cue: Cue) -> dict[str, object]:
    values = date_range(cue)
    assert values is not None
    payload = DateRange(**values).payload
    told: dict[str, object] = json.loads(
        base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    )
    return told


def test_other_players_are_told_the_moment_and_what_it_is() -> None:
    (cue,) = log_of((1_250, Slide(page=SECOND))).due(0, 2 * BEGAN)
    values = date_range(cue)
    assert values is not None
    assert values["id"] == "cue-1"
    assert values["class_name"] == "cn.tongke.slide"
    assert round(values["start"].timestamp() * 1000) == BEGAN + 1_250
    assert told_in(cue) == {"kind": "slide", "page": {"deck": "d", "number": 2}}


def test_the_playlist_does_not_give_the_answer_away() -> None:
    (cue,) = log_of((0, OpenQuiz(quiz="q", question=QUESTION))).due(0, 2 * BEGAN)
    assert "八个" not in str(told_in(cue))


def test_strokes_are_not_in_the_playlist() -> None:
    (cue,) = log_of((0, stroke("s"))).due(0, 2 * BEGAN)
    assert date_range(cue) is None
