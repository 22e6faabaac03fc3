"""A class for the tests: who is in it, what they may ask for as it is drawn, and a lesson."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import strategies as st

from tongke.errors import TongkeError
from tongke.live.bodies import (
    Admit,
    Arrive,
    Begin,
    BookedRoom,
    CallUp,
    ClearBoard,
    CloseQuiz,
    Delay,
    Depart,
    End,
    EraseNote,
    ExtendQuiz,
    HandDown,
    HandUp,
    HeadCount,
    Join,
    Known,
    Layout,
    Leave,
    Line,
    LowerHand,
    Message,
    Mode,
    Mute,
    Note,
    OpenQuiz,
    Prepare,
    Publisher,
    RaiseHand,
    Remove,
    RollCall,
    ShowAnswer,
    SitDown,
    Slide,
    Spotlight,
    Stroke,
    Timer,
    UndoStroke,
    body,
)
from tongke.live.cues import Cue, Stage
from tongke.live.decide import decide, put_right
from tongke.live.events import Event
from tongke.live.quiz import Page, Question, QuestionKind
from tongke.live.state import ClassState
from tongke.live.vocabulary import LessonKind, Level, Playing, Role, View, Who

BEGAN = 1_790_000_000_000
SERVER = Who(Role.SERVER)
LEAD = Who(Role.LEAD, "LEAD7")
# Two rooms are booked; the third knocks.
ROOMS = [Who(Role.ROOM, name, name) for name in ("tong", "bai", "yun")]
TONG, BAI, YUN = ROOMS
TEACHERS = [Who(Role.TEACHER, f"teacher-{seat.id}", seat.id) for seat in ROOMS]
# One of them belongs to a school that takes part, and its class must not see her either.
OBSERVERS = [Who(Role.OBSERVER, "WATCHER1"), Who(Role.OBSERVER, "WATCHER2", "tong")]
DEVICES = [
    Who(Role.DEVICE, "PUPIL1", "tong"),
    Who(Role.DEVICE, "PUPIL2", "tong"),
    Who(Role.DEVICE, "PUPIL3", "bai"),
    Who(Role.DEVICE, "PUPIL4", "lead-room"),
]
# Of a training: at desks of their own.
TRAINEES = [Who(Role.TRAINEE, "COLLEAGUE1"), Who(Role.TRAINEE, "COLLEAGUE2")]
EVERYBODY = [SERVER, LEAD, *ROOMS, *TEACHERS, *OBSERVERS, *TRAINEES, *DEVICES]
BOOKED = (BookedRoom(id="tong", name="桐木溪中学"), BookedRoom(id="bai", name="白竹坪学校"))
PAGE = Page(deck="d", number=1)


def question(quiz: str) -> Question:
    right = (f"RIGHT-{quiz}", *[said(quiz, who) for who in [*ROOMS, *DEVICES]])
    return Question(kind=QuestionKind.SHORT, text="为什么？", right=right)


def screen_at(cues: Iterable[Cue], media_ms: int) -> Stage:
    """What a player draws of a recording at that moment, from its cues alone."""
    stage = Stage()
    for cue in cues:
        if cue.media_ms <= media_ms:
            stage.apply(cue.media_ms, body(cue.kind, cue.payload))
    return stage


def said(quiz: str, who: Who, often: int = 0) -> str:
    return f"SAID-{quiz}-{who.id}" + "!" * often


def seat_of(who: Who) -> str:
    return who.id if who.role in (Role.DEVICE, Role.TRAINEE) else who.room


def arrival(trainee: str, connection: str) -> Arrive:
    name = f"NAMED-{trainee}"
    return Arrive(trainee=trainee, connection=connection, name=name, school="桐木溪中学")


names = st.sampled_from([seat.id for seat in ROOMS] + ["nowhere"])
colleagues = st.sampled_from([who.id for who in TRAINEES] + ["nobody"])
ids = st.sampled_from(["a", "b", "c"])
pages = st.sampled_from([None, PAGE, Page(deck="d", number=2)])

COMMANDS: dict[str, st.SearchStrategy[Known]] = {
    "prepare": st.builds(Prepare, lesson=st.sampled_from(LessonKind), rooms=st.just(BOOKED)),
    "begin": st.just(Begin()),
    "end": st.just(End()),
    "publisher": st.builds(Publisher, on=st.booleans()),
    "delay": st.builds(Delay, ms=st.sampled_from([1000, 1500])),
    "join": st.builds(Join, connection=ids),
    "leave": st.builds(Leave, connection=ids, dropped=st.booleans()),
    "arrive": st.builds(arrival, colleagues, ids),
    "depart": st.builds(Depart, trainee=colleagues, connection=ids, dropped=st.booleans()),
    "hand_up": st.builds(HandUp, trainee=colleagues),
    "hand_down": st.builds(HandDown, trainee=colleagues),
    "admit": st.builds(Admit, room=names),
    "remove": st.builds(Remove, room=names),
    "mute": st.builds(Mute, room=names, on=st.booleans()),
    "call_up": st.builds(CallUp, room=names),
    "sit_down": st.builds(SitDown, room=names),
    "raise_hand": st.builds(RaiseHand, room=names, count=st.integers(1, 3)),
    "lower_hand": st.builds(LowerHand, room=names),
    "head_count": st.builds(HeadCount, room=names, heads=st.integers(0, 40)),
    "line": st.builds(Line, room=names, level=st.sampled_from(Level)),
    "mode": st.builds(Mode, room=names, playing=st.sampled_from(Playing)),
    "roll_call": st.just(RollCall()),
    "layout": st.builds(Layout, view=st.sampled_from(View)),
    "slide": st.builds(Slide, page=st.just(PAGE)),
    "stroke": st.builds(
        Stroke, page=pages, stroke=ids, start=st.integers(0, 3), points=st.just(((0.5, 0.5),) * 2)
    ),
    "undo_stroke": st.builds(UndoStroke, page=pages, stroke=st.none() | ids),
    "clear_board": st.builds(ClearBoard, page=pages),
    "spotlight": st.just(Spotlight()),
    "timer": st.builds(Timer, seconds=st.integers(0, 90)),
    "open_quiz": st.builds(
        lambda quiz, seconds: OpenQuiz(quiz=quiz, question=question(quiz), seconds=seconds),
        ids,
        st.none() | st.integers(1, 20),
    ),
    "extend_quiz": st.builds(ExtendQuiz, quiz=ids, closes_ms=st.integers(BEGAN, BEGAN + 60_000)),
    "close_quiz": st.builds(CloseQuiz, quiz=ids),
    "show_answer": st.builds(ShowAnswer, quiz=ids, right=st.just(("forged",))),
    "text": st.builds(Message, id=ids, text=st.just("BETWEEN us")),
    "note": st.builds(Note, id=ids, shown_ms=st.just(BEGAN), text=st.just("NOTED well")),
    "erase_note": st.builds(EraseNote, id=ids),
}


class Lesson:
    """A class that runs, for the cases below. What is asked has to be granted."""

    def __init__(self, lesson: LessonKind = LessonKind.BROADCAST) -> None:
        self.state = ClassState()
        self.log: list[Event] = []
        self.ask(SERVER, Prepare(lesson=lesson, rooms=BOOKED))
        self.ask(TONG, Join(connection="t1"))
        self.ask(BAI, Join(connection="b1"))
        self.ask(LEAD, Begin(), BEGAN)

    def ask(self, who: Who, command: Known, media_ms: int | None = None) -> list[Event]:
        told = decide(self.state, who, command, media_ms or BEGAN, media_ms)
        for event in told:
            self.state.apply(event)
        self.log += told
        return told

    def gathered(self, at: int) -> list[Event]:
        """The results that Tongke shows anew by then."""
        told = put_right(self.state, at, at)
        for event in told:
            self.state.apply(event)
        self.log += told
        return told

    def refused(self, who: Who, command: Known, media_ms: int | None = None) -> str:
        with pytest.raises(TongkeError) as refusal:
            decide(self.state, who, command, media_ms or BEGAN, media_ms)
        return refusal.value.code


def kinds(told: list[Event]) -> list[str]:
    return [event.body.kind for event in told]
