"""A class under any order of commands: the log is the class, and nobody learns too much."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.live.lessons import (
    BAI,
    BEGAN,
    BOOKED,
    COMMANDS,
    DEVICES,
    EVERYBODY,
    LEAD,
    OBSERVERS,
    ROOMS,
    SERVER,
    TEACHERS,
    TONG,
    TRAINEES,
    arrival,
    ids,
    question,
    said,
    screen_at,
    seat_of,
)
from tongke.errors import TongkeError
from tongke.live import events
from tongke.live.bodies import (
    Admit,
    Answer,
    Begin,
    CallUp,
    Join,
    Known,
    Leave,
    Message,
    Note,
    OpenQuiz,
    Prepare,
    Remove,
    ShowAnswer,
    SitDown,
)
from tongke.live.cues import cue_of
from tongke.live.decide import decide, put_right
from tongke.live.events import Event
from tongke.live.quiz import GATHERED_MS
from tongke.live.rules import RULES
from tongke.live.scoring import score
from tongke.live.state import ClassState, replay
from tongke.live.views import for_role, snapshot
from tongke.live.vocabulary import LessonKind, Phase, Role, Who


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
        for who in TRAINEES:
            self.ask(SERVER, arrival(who.id, "first"))
        self.ask(LEAD, Begin())

    def ask(self, who: Who, command: Known) -> None:
        if isinstance(command, Message) and who.role is Role.LEAD:
            command = Message(id=command.id, text="TOLD to all teachers")
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

    @rule(who=st.sampled_from([LEAD, *TEACHERS, *OBSERVERS, *TRAINEES]))
    def somebody_writes(self, who: Who) -> None:
        name = f"n{len(self.log)}"
        if who.role in (Role.OBSERVER, Role.TRAINEE):
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

    @rule()
    def late_answers_were_gathered(self) -> None:
        self.now += GATHERED_MS
        self.new = put_right(self.state, self.now + 7, self.now)
        for event in self.new:
            self.state.apply(event)
            self.log.append(event)
        # The server's clock may have gone back since.
        assert not self.state.late or min(self.state.late.values()) > self.now + 7 - GATHERED_MS

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
        shown = screen_at((cue for cue in cues if cue is not None), self.state.media_ms)
        assert shown == self.state.stage

    @invariant()
    def who_speaks_is_in_the_class_and_alone_in_a_broadcast(self) -> None:
        speaking = self.state.stage.speaking
        assert all(self.state.is_admitted(seat) for seat in speaking)
        assert len(set(speaking)) == len(speaking)

    @invariant()
    def hands_of_trainees_are_up_while_it_runs(self) -> None:
        hands = [each.hand_ms for each in self.state.trainees.values() if each.hand_ms is not None]
        assert not hands or self.state.phase is Phase.RUNNING
        assert all(hand <= self.state.media_ms for hand in hands)

    @invariant()
    def one_question_at_a_time(self) -> None:
        now = self.state.media_ms
        quizzes = self.state.stage.quizzes.values()
        assert sum(quiz.is_open(now) for quiz in quizzes) <= 1
        assert self.state.phase is not Phase.ENDED or self.state.stage.open_quiz(now) is None

    @invariant()
    def a_result_that_was_shown_is_true(self) -> None:
        for quiz in self.state.stage.quizzes.values():
            if quiz.result is not None and quiz.id not in self.state.late:
                answers = self.state.answers.get(quiz.id, {}).values()
                assert quiz.result == score(quiz, answers)

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
            return ["NOTED", "WATCHER", "observer"]
        colleagues = [other.id for other in TRAINEES if other != who]
        if who.role is Role.OBSERVER:
            return ["BETWEEN", "TOLD", *(f"NAMED-{other}" for other in colleagues)]
        secrets = ["WATCHER", "observer", LEAD.id, *colleagues]
        if who.role is not Role.TRAINEE:
            secrets.append("NOTED")
        if who.role is not Role.TEACHER:
            secrets += ["BETWEEN"] if who.role is Role.TRAINEE else ["BETWEEN", "TOLD"]
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
