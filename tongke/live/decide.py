"""The rules of a synchronized class: commands in, events out.

Nothing here reads a clock or a socket. `decide` says what comes of a command and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tongke.live import bounds, ink
from tongke.live import quiz as quizzes
from tongke.live.bodies import (
    Answer,
    Arrive,
    Begin,
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
    Join,
    Known,
    Leave,
    Message,
    Mute,
    Note,
    OfRoom,
    OfTrainee,
    OpenQuiz,
    Publisher,
    Remove,
    ShowAnswer,
    SitDown,
    Stroke,
    UndoStroke,
)
from tongke.live.cues import Ink, Stage
from tongke.live.events import Event
from tongke.live.quiz import GATHERED_MS, AnswerTooLate, Given, Quiz
from tongke.live.rules import (
    HERE,
    RULES,
    HasEnded,
    NoSuchQuiz,
    NoSuchRoom,
    NotAdmitted,
    NotArrived,
    NotBegun,
    NotYoursToDo,
    QuizClosed,
    QuizStillOpen,
    RoomAway,
    StrokeBroken,
)
from tongke.live.scoring import score
from tongke.live.state import ClassState, Trainee, key_of
from tongke.live.vocabulary import LessonKind, Phase, Role, Who

TONGKE: Final = Who(Role.SERVER)


def decide(
    state: ClassState, who: Who, command: Known, at: int, media_ms: int | None = None
) -> list[Event]:
    """What comes of a command. A hand that is up already, an answer sent again: nothing.

    The lesson's clock never goes back in the log. What follows from a command beside what it asks
    is Tongke's own doing.

    Args:
        at: The server's clock, in milliseconds.
        media_ms: The lesson's clock at its live edge; none before it has one.

    Raises:
        TongkeError: a refusal.
    """
    _check(state, who, command)
    now_ms = max(state.media_ms, media_ms or 0)
    granted = [
        Event(at, now_ms, who if body.kind == command.kind else TONGKE, body)
        for body in _granted(state, who, command, now_ms)
    ]
    if granted:
        # What was said already and changes nothing is no more of it.
        bounds.check(state.said_ms, who, command, at)
    return granted


def put_right(state: ClassState, at: int, media_ms: int) -> list[Event]:
    """The results that Tongke shows anew, of itself: answers have come since they were shown, and
    were gathered long enough. At most one a question and `GATHERED_MS`, in all processes together.

    Args: as of `decide`.
    """
    now_ms = max(state.media_ms, media_ms)
    due = [quiz for quiz, since in state.late.items() if at - since >= GATHERED_MS]
    return [
        Event(at, now_ms, TONGKE, _outcome(state.stage.quizzes[quiz], state.answers[quiz]))
        for quiz in due
    ]


def _check(state: ClassState, who: Who, command: Known) -> None:
    rule = RULES[command.kind]
    if who.role not in rule.may:
        raise NotYoursToDo
    if state.phase not in rule.when:
        raise HasEnded if state.phase is Phase.ENDED else NotBegun
    if isinstance(command, OfRoom):
        if who.role in HERE and command.room != who.seat:
            raise NotYoursToDo
        if command.room not in state.rooms:
            raise NoSuchRoom
    if isinstance(command, OfTrainee) and who.role is Role.TRAINEE:
        if command.trainee != who.id:
            raise NotYoursToDo
        if not state.connection(who):
            raise NotArrived
    if not isinstance(command, Join | Leave) and not _is_in(state, who):
        raise NotAdmitted


def _is_in(state: ClassState, who: Who) -> bool:
    """Whether who asks is let in. A device may also sit in the lead classroom, which is no seat."""
    if who.role in HERE:
        return state.is_admitted(who.seat)
    return who.role is not Role.DEVICE or who.seat not in state.rooms or state.is_admitted(who.room)


def _granted(state: ClassState, who: Who, command: Known, now_ms: int) -> list[Known]:
    match command:
        case Begin():
            return [] if state.phase is Phase.RUNNING else [command]
        case End():
            return [] if state.phase is Phase.ENDED else [command]
        case Publisher(on=on, source=source):
            # One that gives way says so late: another has begun already.
            is_so = state.publishing and state.picture_source is source
            return [] if is_so is on else [command]
        case Delay(ms=ms):
            return [] if state.delay_ms == ms else [command]
        case Join(connection=connection):
            return [] if state.connection(who) == connection else [command]
        case Leave(connection=connection):
            # The old connection of a device that is back already is missed late.
            return [command] if state.connection(who) == connection else []
        case Depart(trainee=trainee, connection=connection):
            is_now = state.connection(Who(Role.TRAINEE, trainee)) == connection
            return [command] if is_now else []
        case Arrive() | HandUp() | HandDown():
            known = state.trainees.get(command.trainee, Trainee(command.trainee))
            return [command] if known.would_change(now_ms, command) else []
        case CallUp() | SitDown() | Remove():
            return _speaking(state, command)
        case OfRoom():
            return [command] if state.rooms[command.room].would_change(now_ms, command) else []
        case Stroke() | UndoStroke() | ClearBoard():
            return _drawn(state.stage, command)
        case OpenQuiz() | ExtendQuiz() | CloseQuiz() | ShowAnswer():
            return _asked(state, command, now_ms)
        case Answer():
            return _answered(state, who, command, now_ms)
        case Message():
            return [] if key_of(who, command) in state.messages else [command]
        case Note():
            written = state.notes.get(key_of(who, command))
            return [] if written is not None and written.body == command else [command]
        case EraseNote():
            # What is erased was written: the bound of notes bounds these.
            return [command] if key_of(who, command) in state.notes else []
    return [command]


def _speaking(state: ClassState, command: CallUp | SitDown | Remove) -> list[Known]:
    room, speaking = state.rooms[command.room], state.stage.speaking
    if isinstance(command, SitDown):
        return [command] if room.id in speaking else []
    if isinstance(command, Remove):
        sits: list[Known] = [SitDown(room=room.id)] if room.id in speaking else []
        return [*sits, command] if room.admitted else []
    if not (room.admitted and room.connection):
        raise RoomAway
    if room.id in speaking:
        return []
    one_at_a_time = state.lesson is LessonKind.BROADCAST
    before = [SitDown(room=other) for other in speaking if one_at_a_time]
    heard = [Mute(room=room.id, on=False)] if room.muted else []
    return [*before, *heard, command]


def _drawn(stage: Stage, command: Stroke | UndoStroke | ClearBoard) -> list[Known]:
    surface = stage.ink.get(command.page, {})
    if isinstance(command, ClearBoard):
        return [command] if surface else []
    if isinstance(command, UndoStroke):
        last = next(reversed(surface), None) if command.stroke is None else command.stroke
        return [command.model_copy(update={"stroke": last})] if last in surface else []
    return [] if command.stroke in stage.spent else _stroked(stage, surface, command)


def _stroked(stage: Stage, surface: Mapping[str, Ink], command: Stroke) -> list[Known]:
    there = len(surface[command.stroke].points) if command.stroke in surface else 0
    if command.start > there:
        # What came before it may have found no room: that is what there is to say then.
        stage.check_room(command.page, ink.MOST_AT_ONCE)
        raise StrokeBroken
    new = ink.fine(command.points[there - command.start :])
    if not new:
        return []
    drawn = command.model_copy(update={"start": there, "points": new})
    stage.check_room(drawn.page, stage.takes(drawn))
    return [drawn]


def _quiz(state: ClassState, name: str) -> Quiz:
    try:
        return state.stage.quizzes[name]
    except KeyError:
        raise NoSuchQuiz from None


def _asked(
    state: ClassState, command: OpenQuiz | ExtendQuiz | CloseQuiz | ShowAnswer, now_ms: int
) -> list[Known]:
    if isinstance(command, OpenQuiz):
        if command.quiz in state.stage.quizzes:
            return []
        if state.stage.open_quiz(now_ms) is not None:
            raise QuizStillOpen
        quizzes.check_wordings(command.question)
        return [command]
    quiz = _quiz(state, command.quiz)
    if isinstance(command, ExtendQuiz):
        if not quiz.is_open(now_ms):
            raise QuizClosed
        return [command] if command.closes_ms > (quiz.closes_ms or command.closes_ms) else []
    closing: list[Known] = [CloseQuiz(quiz=quiz.id)] if quiz.is_open(now_ms) else []
    if isinstance(command, CloseQuiz):
        return closing
    shown = _outcome(quiz, state.answers.get(quiz.id, {}))
    return closing if shown.result == quiz.result else [*closing, shown]


def _outcome(quiz: Quiz, answers: Mapping[str, Given]) -> ShowAnswer:
    result = score(quiz, answers.values())
    return ShowAnswer(quiz=quiz.id, right=quiz.question.right, result=result)


def _answered(state: ClassState, who: Who, command: Answer, now_ms: int) -> list[Known]:
    """An answer that was given in time and arrives when the result is shown is taken; the result
    is put right a little later (`put_right`). That is a first one: who has answered already and
    changes it now may have seen what is right, whatever time their device tells."""
    quiz = _quiz(state, command.quiz)
    given = quizzes.fitting(quiz.question, command.given)
    shown_ms = quiz.time_of(command.shown_ms, now_ms)
    answers = state.answers.get(quiz.id, {})
    before = answers.get(str(who))
    if before is not None and not before.gives_way_to(given, shown_ms):
        return []
    if before is not None and quiz.result is not None:
        raise AnswerTooLate
    return [command.model_copy(update={"given": given, "shown_ms": shown_ms})]
