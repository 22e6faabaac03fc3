"""A class under any order of commands: the log is the class, and nobody learns too much."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pydantic import JsonValue

from tongke.errors import Invalid, TongkeError
from tongke.live import events
from tongke.live.cues import CueLog, cue_of
from tongke.live.events import (
    KINDS,
    Admit,
    Answer,
    Begin,
    BookedRoom,
    CallUp,
    ClearBoard,
    CloseQuiz,
    End,
    Event,
    ExtendQuiz,
    HeadCount,
    Join,
    Known,
    Layout,
    Leave,
    LessonKind,
    Level,
    Line,
    LowerHand,
    Message,
    Mode,
    Mute,
    Note,
    OpenQuiz,
    Playing,
    Prepare,
    Publisher,
    RaiseHand,
    Remove,
    Role,
    RollCall,
    ShowAnswer,
    SitDown,
    Slide,
    Spotlight,
    Stroke,
    Timer,
    UndoStroke,
    View,
    Who,
)
from tongke.live.quiz import AnswerTooLate, Page, Question, QuestionKind
from tongke.live.room import RULES, ClassState, Phase, decide, for_role, replay, snapshot

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
EVERYBODY = [SERVER, LEAD, *ROOMS, *TEACHERS, *OBSERVERS, *DEVICES]
BOOKED = (BookedRoom(id="tong", name="桐木溪中学"), BookedRoom(id="bai", name="白竹坪学校"))
PAGE = Page(deck="d", number=1)


def question(quiz: str) -> Question:
    right = (f"RIGHT-{quiz}", *[said(quiz, who) for who in [*ROOMS, *DEVICES]])
    return Question(kind=QuestionKind.SHORT, text="为什么？", right=right)


def said(quiz: str, who: Who, often: int = 0) -> str:
    return f"SAID-{quiz}-{who.id}" + "!" * often


def seat_of(who: Who) -> str:
    return who.id if who.role is Role.DEVICE else who.room


names = st.sampled_from([seat.id for seat in ROOMS] + ["nowhere"])
ids = st.sampled_from(["a", "b", "c"])
pages = st.sampled_from([None, PAGE, Page(deck="d", number=2)])

COMMANDS: dict[str, st.SearchStrategy[Known]] = {
    "prepare": st.builds(Prepare, lesson=st.sampled_from(LessonKind), rooms=st.just(BOOKED)),
    "begin": st.just(Begin()),
    "end": st.just(End()),
    "publisher": st.builds(Publisher, on=st.booleans()),
    "join": st.builds(Join, connection=ids),
    "leave": st.builds(Leave, connection=ids, dropped=st.booleans()),
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
}


class Class(RuleBasedStateMachine):
    """Anybody asks for anything. Two classes run: the one that is asked, and the one in the log."""

    def __init__(self) -> None:
        super().__init__()
        self.state = ClassState()
        self.log: list[Event] = []
        self.now = BEGAN
        self.new: list[Event] = []

    @initialize(lesson=st.sampled_from(LessonKind))
    def it_is_prepared_and_begins(self, lesson: LessonKind) -> None:
        self.ask(SERVER, Prepare(lesson=lesson, rooms=BOOKED))
        for seat in (TONG, BAI):
            self.ask(seat, Join(connection="first"))
        self.ask(LEAD, Begin())

    def ask(self, who: Who, command: Known) -> None:
        try:
            self.new = decide(self.state, who, command, self.now + 7, self.now)
        except TongkeError:
            self.new = []
        assert not self.new or who.role in RULES[command.kind].may
        for event in self.new:
            self.state.apply(event)
            self.log.append(event)

    @rule(data=st.data(), kind=st.sampled_from(sorted(COMMANDS)))
    def somebody_asks(self, data: st.DataObject, kind: str) -> None:
        command = data.draw(COMMANDS[kind])
        allowed = [who for who in EVERYBODY if who.role in RULES[kind].may]
        who = data.draw(st.sampled_from(allowed))
        if kind == "end" and data.draw(st.integers(0, 3)):
            return
        self.ask(who, command)

    @rule(data=st.data(), who=st.sampled_from(EVERYBODY))
    def somebody_asks_for_what_is_not_theirs(self, data: st.DataObject, who: Who) -> None:
        kind = data.draw(st.sampled_from(sorted(COMMANDS)))
        self.ask(who, data.draw(COMMANDS[kind]))

    @rule(seat=st.sampled_from(ROOMS), kind=st.sampled_from([Admit, Remove, CallUp, SitDown]))
    def the_lead_turns_to_a_room(
        self, seat: Who, kind: type[Admit | Remove | CallUp | SitDown]
    ) -> None:
        self.ask(LEAD, kind(room=seat.id))

    @rule(quiz=ids, seconds=st.sampled_from([None, 5]))
    def the_lead_asks_a_question(self, quiz: str, seconds: int | None) -> None:
        self.ask(LEAD, OpenQuiz(quiz=quiz, question=question(quiz), seconds=seconds))

    @precondition(lambda self: self.state.stage.quizzes)
    @rule(data=st.data())
    def the_lead_shows_an_answer(self, data: st.DataObject) -> None:
        quiz = data.draw(st.sampled_from(sorted(self.state.stage.quizzes)))
        self.ask(LEAD, ShowAnswer(quiz=quiz))

    @rule(who=st.sampled_from([LEAD, *TEACHERS, *OBSERVERS]))
    def somebody_writes(self, who: Who) -> None:
        name = f"n{len(self.log)}"
        if who.role is Role.OBSERVER:
            self.ask(who, Note(id=name, shown_ms=self.now, text="NOTED well"))
        else:
            self.ask(who, Message(id=name, text="BETWEEN us"))

    @precondition(lambda self: self.state.stage.quizzes)
    @rule(
        data=st.data(),
        who=st.sampled_from([*ROOMS, *DEVICES]),
        lag=st.sampled_from([0, 300, 4_500, 20_000]),
        often=st.integers(0, 1),
    )
    def somebody_answers(self, data: st.DataObject, who: Who, lag: int, often: int) -> None:
        quiz = data.draw(st.sampled_from(sorted(self.state.stage.quizzes)))
        given = (said(quiz, who, often),)
        answer = Answer(quiz=quiz, given=given, shown_ms=self.now - lag)
        self.ask(who, answer)
        kept, known = self.new, self.state.answers.get(quiz, {}).get(str(who))
        if kept:
            assert known is not None
            assert known.given == given
        self.somebody_sends_it_again(who, answer)
        self.new = kept

    def somebody_sends_it_again(self, who: Who, command: Known) -> None:
        before = len(self.log)
        self.ask(who, command)
        assert len(self.log) == before

    @rule(ms=st.sampled_from([1, 400, 5_000, 20_000, -50]))
    def time_goes_on(self, ms: int) -> None:
        self.now += ms
        self.new = []

    @rule(seat=st.sampled_from(ROOMS))
    def a_room_drops_and_returns(self, seat: Who) -> None:
        """Its old connection is missed only after the new one is there."""
        old = self.state.connection(seat)
        before = self.state.rooms.get(seat.id)
        before = None if before is None else replace(before)
        self.ask(seat, Join(connection=f"new-{len(self.log)}"))
        told = self.new
        if told and before is not None:
            assert replace(self.state.rooms[seat.id], connection=old) == before
            self.ask(seat, Leave(connection=old, dropped=True))
            assert not self.new
        self.new = told

    @invariant()
    def the_log_is_the_class(self) -> None:
        rows = json.loads(json.dumps([event.to_dict() for event in self.log]))
        assert replay(self.log) == self.state
        assert replay(events.event(**row) for row in rows) == self.state

    @invariant()
    def the_recording_shows_what_the_class_saw(self) -> None:
        cues = (cue_of(event, number) for number, event in enumerate(self.log))
        log = CueLog(cue for cue in cues if cue is not None)
        assert log.state_at(self.state.media_ms) == self.state.stage

    @invariant()
    def who_speaks_is_in_the_class_and_alone_in_a_broadcast(self) -> None:
        speaking = self.state.stage.speaking
        assert all(self.state.is_admitted(seat) for seat in speaking)
        assert len(set(speaking)) == len(speaking)

    @invariant()
    def one_question_at_a_time(self) -> None:
        now = self.state.media_ms
        quizzes = self.state.stage.quizzes.values()
        assert sum(quiz.is_open(now) for quiz in quizzes) <= 1
        assert self.state.phase is not Phase.ENDED or self.state.stage.open_quiz(now) is None

    @invariant()
    def a_result_that_was_shown_is_true(self) -> None:
        for quiz in self.state.stage.quizzes.values():
            if quiz.result is not None:
                assert quiz.result.answered == len(self.state.answers.get(quiz.id, {}))

    @invariant()
    def nobody_learns_what_is_not_theirs(self) -> None:
        for who in EVERYBODY:
            told = self.told(who)
            for secret in self.secrets(who):
                assert secret not in told, (who, secret)

    def told(self, who: Who) -> str:
        """The snapshot, and what has just happened as it is sent to them."""
        seat = seat_of(who)
        sent = [for_role(event, who.role, seat) for event in self.new]
        return json.dumps([snapshot(self.state, who.role, seat), sent])

    def secrets(self, who: Who) -> list[str]:
        if who.role is Role.LEAD:
            return []
        if who.role is Role.OBSERVER:
            return ["BETWEEN"]
        secrets = ["WATCHER", "NOTED", "observer", LEAD.id]
        if who.role is not Role.TEACHER:
            secrets.append("BETWEEN")
        for other in DEVICES:
            own = other.id == who.id or (who.role is not Role.DEVICE and other.room == who.room)
            secrets += [] if own else [f'"{other.id}"', f'"device:{other.id}"']
        for quiz in self.state.stage.quizzes.values():
            if quiz.result is None:
                secrets += [f"RIGHT-{quiz.id}", *self.answers_of_others(quiz.id, who)]
        return secrets

    def answers_of_others(self, quiz: str, who: Who) -> list[str]:
        theirs = {who.id} | {
            other.id for other in DEVICES if who.role is Role.TEACHER and other.room == who.room
        }
        # A teacher sees what her class gives together.
        theirs |= {who.room} if who.role is Role.TEACHER else set()
        return [said(quiz, other) for other in [*ROOMS, *DEVICES] if other.id not in theirs]


TestClass = Class.TestCase
TestClass.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


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
        told = decide(self.state, who, command, at=BEGAN, media_ms=media_ms)
        for event in told:
            self.state.apply(event)
        self.log += told
        return told

    def refused(self, who: Who, command: Known, media_ms: int | None = None) -> str:
        with pytest.raises(TongkeError) as refusal:
            decide(self.state, who, command, at=BEGAN, media_ms=media_ms)
        return refusal.value.code


def kinds(told: list[Event]) -> list[str]:
    return [event.body.kind for event in told]


def test_every_kind_has_a_rule() -> None:
    assert set(RULES) == KINDS == {*COMMANDS, "answer"}


@given(st.data(), st.sampled_from(Role))
def test_the_table_is_kept(data: st.DataObject, role: Role) -> None:
    kind = data.draw(st.sampled_from(sorted(k for k in COMMANDS if role not in RULES[k].may)))
    command = data.draw(COMMANDS[kind])
    assert Lesson().refused(Who(role, "tong", "tong"), command) == "not-yours-in-class"


def test_a_room_asks_for_itself_alone() -> None:
    lesson = Lesson()
    assert lesson.refused(TONG, RaiseHand(room="bai")) == "not-yours-in-class"
    assert lesson.refused(TEACHERS[0], HeadCount(room="bai", heads=3)) == "not-yours-in-class"
    assert kinds(lesson.ask(TEACHERS[0], HeadCount(room="tong", heads=31))) == ["head_count"]


def test_in_a_broadcast_one_room_speaks() -> None:
    lesson = Lesson(LessonKind.BROADCAST)
    lesson.ask(LEAD, CallUp(room="tong"))
    told = lesson.ask(LEAD, CallUp(room="bai"))
    assert kinds(told) == ["sit_down", "call_up"]
    assert lesson.state.stage.speaking == ["bai"]
    assert not lesson.state.in_talk("tong")


def test_in_an_interactive_class_all_are_in_the_talk() -> None:
    lesson = Lesson(LessonKind.INTERACTIVE)
    assert lesson.state.in_talk("tong")
    lesson.ask(LEAD, CallUp(room="tong"))
    lesson.ask(LEAD, CallUp(room="bai"))
    assert lesson.state.stage.speaking == ["tong", "bai"]


def test_a_muted_room_that_is_called_up_is_heard() -> None:
    lesson = Lesson()
    lesson.ask(LEAD, Mute(room="tong", on=True))
    assert kinds(lesson.ask(LEAD, CallUp(room="tong"))) == ["mute", "call_up"]
    assert not lesson.state.rooms["tong"].muted


def test_a_room_that_is_away_is_not_called_up() -> None:
    lesson = Lesson()
    lesson.ask(TONG, Leave(connection="t1", dropped=True))
    assert lesson.refused(LEAD, CallUp(room="tong")) == "room-away"
    assert lesson.refused(LEAD, CallUp(room="nowhere")) == "no-such-room"


def test_a_room_that_drops_finds_its_seat_as_it_was() -> None:
    lesson = Lesson()
    for command in (HeadCount(room="tong", heads=31), RaiseHand(room="tong", count=2)):
        lesson.ask(TONG, command)
    lesson.ask(LEAD, CallUp(room="tong"))
    lesson.ask(TONG, Leave(connection="t1", dropped=True))
    lesson.ask(TONG, Join(connection="t2"))
    seat = lesson.state.rooms["tong"]
    assert (seat.connection, seat.heads, seat.hand) == ("t2", 31, 2)
    assert lesson.state.in_talk("tong")


def test_a_second_connection_takes_the_seat_from_the_first() -> None:
    lesson = Lesson()
    lesson.ask(TONG, Join(connection="t2"))
    assert not lesson.ask(TONG, Leave(connection="t1", dropped=True))
    assert lesson.state.rooms["tong"].connection == "t2"


def test_who_was_not_booked_knocks_and_is_told_nothing() -> None:
    lesson = Lesson()
    lesson.ask(YUN, Join(connection="y1"))
    assert snapshot(lesson.state, Role.ROOM, "yun") == {
        "phase": "running",
        "lesson": "broadcast",
        "admitted": False,
    }
    assert lesson.refused(YUN, RaiseHand(room="yun")) == "not-admitted"
    lesson.ask(LEAD, Admit(room="yun"))
    assert kinds(lesson.ask(YUN, RaiseHand(room="yun"))) == ["raise_hand"]


def test_a_room_that_is_removed_sits_down_and_its_devices_are_out() -> None:
    lesson = Lesson()
    lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q")))
    lesson.ask(LEAD, CallUp(room="tong"))
    assert kinds(lesson.ask(LEAD, Remove(room="tong"))) == ["sit_down", "remove"]
    answer = Answer(quiz="q", given=("?",), shown_ms=BEGAN)
    assert lesson.refused(DEVICES[0], answer) == "not-admitted"
    assert kinds(lesson.ask(DEVICES[3], answer)) == ["answer"]


def test_before_the_bell_and_after_it() -> None:
    lesson = Lesson()
    lesson.state.phase = Phase.WAITING
    assert lesson.refused(LEAD, CallUp(room="tong")) == "class-not-begun"
    lesson.state.phase = Phase.RUNNING
    assert not lesson.ask(LEAD, Begin())
    lesson.ask(LEAD, End())
    assert not lesson.ask(LEAD, End())
    assert lesson.refused(LEAD, Slide(page=PAGE)) == "class-has-ended"


def test_each_roll_call_is_answered_anew() -> None:
    lesson = Lesson()
    lesson.ask(TONG, HeadCount(room="tong", heads=31))
    assert not lesson.ask(TONG, HeadCount(room="tong", heads=31))
    lesson.ask(LEAD, RollCall())
    assert not lesson.state.rooms["tong"].counted
    assert lesson.ask(TONG, HeadCount(room="tong", heads=31))
    assert lesson.state.rooms["tong"].counted


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


def test_showing_the_answer_closes_the_question() -> None:
    lesson = Lesson()
    lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q"), seconds=30), BEGAN)
    assert lesson.refused(LEAD, OpenQuiz(quiz="r", question=question("r"))) == "quiz-still-open"
    assert not lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q")))
    assert kinds(lesson.ask(LEAD, ShowAnswer(quiz="q"), BEGAN + 9)) == ["close_quiz", "show_answer"]
    assert lesson.refused(LEAD, ExtendQuiz(quiz="q", closes_ms=BEGAN + 99)) == "quiz-closed"
    assert lesson.refused(LEAD, CloseQuiz(quiz="none")) == "no-such-quiz"


def test_a_question_gets_more_time_once() -> None:
    lesson = Lesson()
    lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q"), seconds=30), BEGAN)
    longer = ExtendQuiz(quiz="q", closes_ms=BEGAN + 60_000)
    assert lesson.ask(LEAD, longer)
    assert not lesson.ask(LEAD, longer)
    assert lesson.state.stage.quizzes["q"].is_open(BEGAN + 59_999)


def test_an_answer_on_its_way_when_the_result_is_shown_puts_it_right() -> None:
    """A room that plays 4.5 s behind still sees the question open when the lead has closed it."""
    lesson = Lesson()
    lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q")), BEGAN)
    lesson.ask(LEAD, ShowAnswer(quiz="q"), BEGAN + 5_000)
    answer = Answer(quiz="q", given=("RIGHT-q",), shown_ms=BEGAN + 4_900)
    told = lesson.ask(BAI, answer, BEGAN + 9_000)
    assert kinds(told) == ["answer", "show_answer"]
    assert told[1].by.role is Role.SERVER
    result = lesson.state.stage.quizzes["q"].result
    assert result is not None
    assert (result.answered, result.right) == (1, 1)
    late = Answer(quiz="q", given=("RIGHT-q",), shown_ms=BEGAN + 5_001)
    with pytest.raises(AnswerTooLate):
        lesson.ask(TONG, late, BEGAN + 5_001)


def test_the_last_answer_of_a_device_counts() -> None:
    lesson = Lesson()
    lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q")), BEGAN)
    pupil = DEVICES[0]
    first = Answer(quiz="q", given=("one",), shown_ms=BEGAN + 1_000)
    second = Answer(quiz="q", given=("two",), shown_ms=BEGAN + 2_000)
    assert lesson.ask(pupil, first, BEGAN + 1_000)
    assert lesson.ask(pupil, second, BEGAN + 2_000)
    assert not lesson.ask(pupil, first, BEGAN + 2_100)
    (given,) = lesson.state.answers["q"].values()
    assert (given.given, given.room) == (("two",), "tong")


def test_a_latecomer_gets_slides_strokes_and_the_open_question() -> None:
    lesson = Lesson()
    lesson.ask(LEAD, Slide(page=PAGE), BEGAN + 1)
    lesson.ask(LEAD, Stroke(page=PAGE, stroke="s", points=((0.5, 0.5),)), BEGAN + 2)
    lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q"), seconds=30), BEGAN + 3)
    stage = snapshot(lesson.state, Role.ROOM, "bai")["stage"]
    assert isinstance(stage, dict)
    assert stage["page"] == {"deck": "d", "number": 1}
    assert "0.5" in json.dumps(stage["ink"])
    assert isinstance(stage["quiz"], dict)
    assert stage["quiz"]["closes_ms"] == BEGAN + 30_003


def test_the_lead_counts_observers_and_the_rooms_do_not() -> None:
    lesson = Lesson()
    for observer in OBSERVERS:
        (joined,) = lesson.ask(observer, Join(connection="o"))
        assert for_role(joined, Role.ROOM, "tong") is None
        assert for_role(joined, Role.LEAD) is not None
    assert snapshot(lesson.state, Role.LEAD)["observers"] == 2
    assert "observers" not in snapshot(lesson.state, Role.ROOM, "tong")


def test_a_class_sees_that_its_pupils_answered_and_not_what() -> None:
    lesson = Lesson()
    lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q")), BEGAN)
    answer = Answer(quiz="q", given=("B",), shown_ms=BEGAN + 10)
    (taken,) = lesson.ask(DEVICES[0], answer, BEGAN + 20)
    shown = for_role(taken, Role.ROOM, "tong")
    assert shown is not None
    assert shown["by"] == {"role": "device", "room": "tong", "id": "PUPIL1"}
    assert "given" not in shown
    assert for_role(taken, Role.ROOM, "bai") is None
    assert for_role(taken, Role.DEVICE, "PUPIL2") is None
    own = for_role(taken, Role.DEVICE, "PUPIL1")
    assert own is not None
    assert own["given"] == ["B"]


def test_what_teachers_write_is_not_on_the_screen_of_a_class() -> None:
    lesson = Lesson()
    message = Message(id="m", text="请三组先说")
    (told,) = lesson.ask(LEAD, message)
    assert not lesson.ask(LEAD, message)
    assert for_role(told, Role.ROOM, "tong") is None
    assert "messages" not in snapshot(lesson.state, Role.ROOM, "tong")
    assert snapshot(lesson.state, Role.TEACHER, "tong")["messages"] == [
        for_role(told, Role.TEACHER, "tong")
    ]


def test_an_observer_corrects_a_note() -> None:
    lesson = Lesson()
    note = Note(id="n", shown_ms=BEGAN, text="导入自然")
    assert lesson.ask(OBSERVERS[0], note)
    assert not lesson.ask(OBSERVERS[0], note)
    assert lesson.ask(OBSERVERS[0], note.model_copy(update={"text": "导入很自然"}))
    assert lesson.ask(OBSERVERS[1], note)
    assert len(lesson.state.notes) == 2


def test_the_lessons_clock_never_goes_back_in_the_log() -> None:
    lesson = Lesson()
    lesson.ask(LEAD, Slide(page=PAGE), BEGAN + 500)
    (event,) = lesson.ask(LEAD, Layout(view=View.BOTH), BEGAN + 100)
    assert event.media_ms == BEGAN + 500


def test_what_a_later_version_wrote_is_kept_and_has_no_effect() -> None:
    lesson = Lesson()
    row: dict[str, JsonValue] = {"by": {"role": "robot"}, "height": [1, 2]}
    unknown = events.event(BEGAN, "hologram", row)
    assert unknown.to_dict() == {"media_ms": BEGAN, "kind": "hologram", "payload": row}
    mixed = [part for event in lesson.log for part in (event, unknown)]
    assert replace(replay(mixed), media_ms=0) == replace(lesson.state, media_ms=0)
    assert all(for_role(unknown, role, "tong") is None for role in Role)


@pytest.mark.parametrize(
    "asked",
    [
        None,
        {},
        {"kind": "hologram"},
        {"kind": "slide", "page": {"deck": "d", "number": 0}},
        {"kind": "stroke", "stroke": "s", "points": [[0.5, 1.5]]},
        {"kind": "stroke", "stroke": "s", "points": [["nan", 0]]},
        {"kind": "text", "id": "a b", "text": "hello"},
    ],
)
def test_what_is_no_command_is_refused(asked: object) -> None:
    with pytest.raises(Invalid):
        events.command(asked)


def test_who_asks_is_not_taken_from_what_is_asked() -> None:
    command = events.command({"kind": "begin", "by": {"role": "lead"}, "at": 1, "media_ms": 2})
    assert command == Begin()
