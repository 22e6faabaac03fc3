"""The rules of a synchronized class: commands in, events out, and the state is their replay.

Nothing here reads a clock or a socket. `decide` says what comes of a command and changes nothing;
`ClassState.apply` changes the state and refuses nothing; so the log is enough to have the class
back after any death. Who may do what, when, and who learns of it is one table (`RULES`).

A room is known by its seat, not by its connection: a device that comes back after a drop replaces
the old connection and finds its hand, its call and its head count as they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Final, NamedTuple

from pydantic import JsonValue

from tongke.errors import Conflict, Forbidden, NotFound, Text
from tongke.live import quiz as quizzes
from tongke.live.cues import Stage, openly, quiz_dict
from tongke.live.events import (
    Admit,
    Answer,
    Begin,
    CallUp,
    ClearBoard,
    CloseQuiz,
    End,
    Event,
    ExtendQuiz,
    HeadCount,
    Join,
    Known,
    Leave,
    LessonKind,
    Level,
    Line,
    LowerHand,
    Message,
    Mode,
    Mute,
    Note,
    OfRoom,
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
    Stroke,
    UndoStroke,
    Unknown,
    Who,
)
from tongke.live.quiz import Given, Quiz

TONGKE: Final = Who(Role.SERVER)


class NotYoursToDo(Forbidden):
    code = "not-yours-in-class"
    message = Text("课堂里你不能做这一步", "This is not yours to do in the class")
    remedy = Text("请主讲老师来做", "Ask the lead teacher to do it")


class NotAdmitted(Forbidden):
    code = "not-admitted"
    message = Text("还没有请这间教室进来", "This room has not been admitted")
    remedy = Text("等主讲老师准入", "Wait until the lead teacher admits it")


class NotBegun(Conflict):
    code = "class-not-begun"
    message = Text("还没有上课", "The class has not begun")
    remedy = Text("等主讲老师点“开始上课”", "Wait until the lead teacher begins it")


class HasEnded(Conflict):
    code = "class-has-ended"
    message = Text("已经下课了", "The class has ended")
    remedy = Text("可以去资源库看回放", "Its recording is in the library")


class NoSuchRoom(NotFound):
    code = "no-such-room"
    message = Text("这节课里没有这间教室", "This class has no such room")


class RoomAway(Conflict):
    code = "room-away"
    message = Text("这间教室不在线", "This room is not connected")
    remedy = Text("等它连上再请发言", "Call it up once it is back")


class NoSuchQuiz(NotFound):
    code = "no-such-quiz"
    message = Text("这节课里没有这道题", "This class has no such question")


class QuizStillOpen(Conflict):
    code = "quiz-still-open"
    message = Text("上一道题还在作答", "The question before is still open")
    remedy = Text("先停止作答，再出下一道", "Close it first, then ask the next")


class QuizClosed(Conflict):
    code = "quiz-closed"
    message = Text("这道题已停止作答", "Answering has been closed")
    remedy = Text("要再答一次，请重新出题", "Ask it again as a new question")


class StrokeBroken(Conflict):
    code = "stroke-broken"
    message = Text("这一笔中间少了一段", "Part of this stroke is missing")
    remedy = Text("从头再发这一笔", "Send the stroke again from its beginning")


class Phase(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    ENDED = "ended"


class Rule(NamedTuple):
    """Who may ask for it, when, who learns of it, and who learns of it in their own room alone.
    Rooms and their teachers may only ever ask for their own room."""

    may: frozenset[Role]
    when: frozenset[Phase]
    learn: frozenset[Role]
    own: frozenset[Role] = frozenset()


_LEAD = frozenset({Role.LEAD})
_SERVER = frozenset({Role.SERVER})
_ROOM = frozenset({Role.ROOM})
_HERE = frozenset({Role.ROOM, Role.TEACHER})
_TEACHERS = frozenset({Role.LEAD, Role.TEACHER})
_WATCH = frozenset({Role.LEAD, Role.OBSERVER})
_DEVICE = frozenset({Role.DEVICE})
_CLASS = _WATCH | _HERE
_ALL = _CLASS | _DEVICE
_ANY = frozenset(Phase)
_OPEN = frozenset({Phase.WAITING, Phase.RUNNING})
_LESSON = frozenset({Phase.RUNNING})
_BEGUN = frozenset({Phase.RUNNING, Phase.ENDED})

RULES: Final[Mapping[str, Rule]] = {
    "prepare": Rule(_SERVER, _OPEN, _WATCH),
    "begin": Rule(_LEAD, _OPEN, _ALL),
    "end": Rule(_LEAD | _SERVER, _BEGUN, _ALL),
    "publisher": Rule(_SERVER, _ANY, _CLASS),
    "join": Rule(_WATCH | _ROOM, _OPEN, _WATCH, _HERE),
    "leave": Rule(_WATCH | _ROOM, _ANY, _WATCH, _HERE),
    "admit": Rule(_LEAD, _OPEN, _CLASS),
    "remove": Rule(_LEAD, _OPEN, _CLASS),
    "mute": Rule(_LEAD, _OPEN, _WATCH, _HERE),
    "call_up": Rule(_LEAD, _LESSON, _CLASS),
    "sit_down": Rule(_LEAD, _LESSON, _CLASS),
    "raise_hand": Rule(_HERE, _LESSON, _WATCH, _HERE),
    "lower_hand": Rule(_LEAD | _HERE, _LESSON, _WATCH, _HERE),
    "head_count": Rule(_LEAD | _HERE, _OPEN, _WATCH, _HERE),
    "line": Rule(_ROOM, _OPEN, _WATCH, _HERE),
    "mode": Rule(_ROOM, _OPEN, _WATCH, _HERE),
    "roll_call": Rule(_LEAD, _OPEN, _CLASS),
    "layout": Rule(_LEAD, _OPEN, _CLASS),
    "slide": Rule(_LEAD, _OPEN, _CLASS),
    "stroke": Rule(_LEAD, _OPEN, _CLASS),
    "undo_stroke": Rule(_LEAD, _OPEN, _CLASS),
    "clear_board": Rule(_LEAD, _OPEN, _CLASS),
    "spotlight": Rule(_LEAD, _OPEN, _CLASS),
    "timer": Rule(_LEAD, _LESSON, _CLASS),
    "open_quiz": Rule(_LEAD, _LESSON, _ALL),
    "extend_quiz": Rule(_LEAD, _LESSON, _ALL),
    "close_quiz": Rule(_LEAD, _LESSON, _ALL),
    "show_answer": Rule(_LEAD, _LESSON, _ALL),
    # What was given in time may arrive after the bell.
    "answer": Rule(_ROOM | _DEVICE, _BEGUN, _WATCH, _HERE | _DEVICE),
    "text": Rule(_TEACHERS, _OPEN, _TEACHERS),
    "note": Rule(frozenset({Role.OBSERVER}), _LESSON, _WATCH),
}


@dataclass
class Room:
    """A receiving room's seat. `connection` is empty while it is away; `hand` is how many hands,
    since `hand_ms`; `heads` is how many children, `counted` whether since the last roll call."""

    id: str
    name: str = ""
    admitted: bool = False
    connection: str = ""
    muted: bool = False
    hand: int = 0
    hand_ms: int = 0
    heads: int | None = None
    counted: bool = False
    level: Level = Level.FULL
    playing: Playing = Playing.LESSON

    def apply(self, media_ms: int, body: OfRoom) -> None:
        match body:
            case Admit():
                self.admitted = True
            case Remove():
                self.admitted, self.hand = False, 0
            case Mute(on=on):
                self.muted = on
            case RaiseHand(count=count):
                self.hand_ms = self.hand_ms if self.hand else media_ms
                self.hand = count
            case LowerHand():
                self.hand = 0
            case HeadCount(heads=heads):
                self.heads, self.counted = heads, True
            case Line(level=level):
                self.level = level
            case Mode(playing=playing):
                self.playing = playing

    def would_change(self, media_ms: int, body: OfRoom) -> bool:
        tried = replace(self)
        tried.apply(media_ms, body)
        return tried != self

    def to_dict(self, *, own: bool) -> dict[str, JsonValue]:
        """As the lead and the room itself know it, or as the other rooms do."""
        if not own:
            return {"id": self.id, "name": self.name}
        told = asdict(self)
        return told | {"present": bool(told.pop("connection"))}


@dataclass
class ClassState:
    """A class as its log has it, changed by `apply` alone.

    Attributes:
        rooms: By seat. One that was not booked knocks: it is here, and not admitted.
        connections: Of the lead and the observers, by `str(who)`.
        answers: By quiz, then by who gave it.
        messages, notes: By who and the id they gave it.
    """

    lesson: LessonKind = LessonKind.BROADCAST
    phase: Phase = Phase.WAITING
    media_ms: int = 0
    begun_ms: int | None = None
    ended_ms: int | None = None
    publishing: bool = False
    roll_called_ms: int | None = None
    rooms: dict[str, Room] = field(default_factory=dict)
    connections: dict[str, str] = field(default_factory=dict)
    stage: Stage = field(default_factory=Stage)
    answers: dict[str, dict[str, Given]] = field(default_factory=dict)
    messages: dict[str, Event] = field(default_factory=dict)
    notes: dict[str, Event] = field(default_factory=dict)

    def is_admitted(self, room: str) -> bool:
        return room in self.rooms and self.rooms[room].admitted

    def in_talk(self, room: str) -> bool:
        """Whether a room is heard: in an interactive class all are, in a broadcast who is called
        up."""
        called = self.lesson is LessonKind.INTERACTIVE or room in self.stage.speaking
        return called and self.phase is Phase.RUNNING and self.is_admitted(room)

    def connection(self, who: Who) -> str:
        if who.role is Role.ROOM:
            return self.rooms[who.id].connection if who.id in self.rooms else ""
        return self.connections.get(str(who), "")

    def apply(self, event: Event) -> None:
        """Take what has happened. What a later version says has no effect."""
        self.media_ms = max(self.media_ms, event.media_ms)
        body = event.body
        if isinstance(body, Unknown):
            return
        self.stage.apply(event.media_ms, body)
        match body:
            case Prepare():
                self._prepare(body)
            case Begin():
                self.phase, self.begun_ms = Phase.RUNNING, event.media_ms
            case End():
                self._end(event.media_ms)
            case Publisher(on=on):
                self.publishing = on
            case Join() | Leave():
                self._connect(event.by, body.connection if isinstance(body, Join) else "")
            case RollCall():
                self._call_roll(event.media_ms)
            case Answer():
                given = Given(str(event.by), _seat(event.by), body.given, body.shown_ms)
                self.answers.setdefault(body.quiz, {})[given.by] = given
            case Message():
                self.messages[_name(event.by, body)] = event
            case Note():
                self.notes[_name(event.by, body)] = event
            case OfRoom():
                self.rooms[body.room].apply(event.media_ms, body)

    def _prepare(self, body: Prepare) -> None:
        self.lesson = body.lesson
        for booked in body.rooms:
            room = self.rooms.setdefault(booked.id, Room(booked.id))
            room.name, room.admitted = booked.name, True

    def _end(self, media_ms: int) -> None:
        self.phase, self.ended_ms = Phase.ENDED, media_ms
        for room in self.rooms.values():
            room.hand = 0

    def _call_roll(self, media_ms: int) -> None:
        self.roll_called_ms = media_ms
        for room in self.rooms.values():
            room.counted = False

    def _connect(self, who: Who, connection: str) -> None:
        if who.role is Role.ROOM:
            self.rooms.setdefault(who.id, Room(who.id)).connection = connection
        elif connection:
            self.connections[str(who)] = connection
        else:
            del self.connections[str(who)]


def replay(events: Iterable[Event]) -> ClassState:
    state = ClassState()
    for event in events:
        state.apply(event)
    return state


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
    return [
        Event(at, now_ms, who if body.kind == command.kind else TONGKE, body)
        for body in _granted(state, who, command, now_ms)
    ]


def _check(state: ClassState, who: Who, command: Known) -> None:
    rule = RULES[command.kind]
    if who.role not in rule.may:
        raise NotYoursToDo
    if state.phase not in rule.when:
        raise HasEnded if state.phase is Phase.ENDED else NotBegun
    if isinstance(command, OfRoom):
        if who.role in _HERE and command.room != _seat(who):
            raise NotYoursToDo
        if command.room not in state.rooms:
            raise NoSuchRoom
    if not isinstance(command, Join | Leave) and not _is_in(state, who):
        raise NotAdmitted


def _is_in(state: ClassState, who: Who) -> bool:
    """Whether who asks is let in. A device may also sit in the lead classroom, which is no seat."""
    if who.role in _HERE:
        return state.is_admitted(_seat(who))
    return (
        who.role is not Role.DEVICE or _seat(who) not in state.rooms or state.is_admitted(who.room)
    )


def _seat(who: Who) -> str:
    return who.id if who.role is Role.ROOM else who.room


def _name(who: Who, body: Message | Note) -> str:
    return f"{who}/{body.id}"


def _granted(state: ClassState, who: Who, command: Known, now_ms: int) -> list[Known]:
    match command:
        case Begin():
            return [] if state.phase is Phase.RUNNING else [command]
        case End():
            return [] if state.phase is Phase.ENDED else [command]
        case Join(connection=connection):
            return [] if state.connection(who) == connection else [command]
        case Leave(connection=connection):
            # The old connection of a device that is back already is missed late.
            return [command] if state.connection(who) == connection else []
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
            return [] if _name(who, command) in state.messages else [command]
        case Note():
            known = state.notes.get(_name(who, command))
            return [] if known is not None and known.body == command else [command]
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
    if command.stroke in stage.spent:
        return []
    there = len(surface[command.stroke].points) if command.stroke in surface else 0
    if command.start > there:
        raise StrokeBroken
    new = command.points[there - command.start :]
    return [command.model_copy(update={"start": there, "points": new})] if new else []


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
        return [command]
    quiz = _quiz(state, command.quiz)
    if isinstance(command, ExtendQuiz):
        if not quiz.is_open(now_ms):
            raise QuizClosed
        return [command] if command.closes_ms > (quiz.closes_ms or command.closes_ms) else []
    closing: list[Known] = [CloseQuiz(quiz=quiz.id)] if quiz.is_open(now_ms) else []
    if isinstance(command, CloseQuiz):
        return closing
    return [*closing, *_shown(quiz, state.answers.get(quiz.id, {}))]


def _shown(quiz: Quiz, answers: Mapping[str, Given]) -> list[Known]:
    result = quizzes.score(quiz, answers.values())
    shown = ShowAnswer(quiz=quiz.id, right=quiz.question.right, result=result)
    return [] if result == quiz.result else [shown]


def _answered(state: ClassState, who: Who, command: Answer, now_ms: int) -> list[Known]:
    """An answer that was given in time and arrives when the result is shown puts it right."""
    quiz = _quiz(state, command.quiz)
    given = quizzes.fitting(quiz.question, command.given)
    shown_ms = quiz.time_of(command.shown_ms, now_ms)
    answers = state.answers.get(quiz.id, {})
    if str(who) in answers and not answers[str(who)].gives_way_to(given, shown_ms):
        return []
    taken: Known = command.model_copy(update={"given": given, "shown_ms": shown_ms})
    if quiz.result is None:
        return [taken]
    now = {**answers, str(who): Given(str(who), _seat(who), given, shown_ms)}
    return [taken, *_shown(quiz, now)]


def for_role(event: Event, role: Role, seat: str = "") -> dict[str, JsonValue] | None:
    """An event as somebody gets it, or nothing. `seat` is the room of a room and its teacher, and
    the device of a device. Whoever is not admitted gets nothing: ask `ClassState.is_admitted`."""
    rule = RULES.get(event.body.kind)
    if rule is None or isinstance(event.body, Unknown):
        return None
    theirs = _is_by(event, role, seat)
    own = role in rule.own and (theirs or _is_about(event, seat))
    if not (own or role in rule.learn):
        return None
    if event.by.role is Role.OBSERVER and role not in _WATCH:
        return None
    told = event.body.model_dump(mode="json", exclude={"connection"})
    if role not in _WATCH:
        told = openly(told)
    if role is Role.ROOM and event.by.role is Role.DEVICE:
        # The class counts who has answered; it does not see what.
        told.pop("given", None)
    by: dict[str, JsonValue] = {"role": event.by.role, "room": _seat(event.by)}
    if role in _WATCH or theirs:
        by["id"] = event.by.id
    return {"at": event.at, "media_ms": event.media_ms, "by": by, **told}


def _is_by(event: Event, role: Role, seat: str) -> bool:
    """Whether it came from them, or from their room."""
    if role is Role.DEVICE:
        return event.by.role is Role.DEVICE and event.by.id == seat
    return seat != "" and _seat(event.by) == seat


def _is_about(event: Event, seat: str) -> bool:
    return isinstance(event.body, OfRoom) and event.body.room == seat


def snapshot(state: ClassState, role: Role, seat: str = "") -> dict[str, JsonValue]:
    """Everything that somebody may know of the class, for one who comes late. `seat` is as in
    `for_role`."""
    told: dict[str, JsonValue] = {"phase": state.phase, "lesson": state.lesson}
    if role in _HERE and not state.is_admitted(seat):
        return told | {"admitted": False}
    if role is Role.DEVICE:
        return told | _quiz_of_device(state, f"{role}:{seat}")
    watches = role in _WATCH
    told |= {
        "media_ms": state.media_ms,
        "begun_ms": state.begun_ms,
        "ended_ms": state.ended_ms,
        "publishing": state.publishing,
        "roll_called_ms": state.roll_called_ms,
        "stage": state.stage.to_dict(knows_answers=watches),
        "rooms": [
            room.to_dict(own=watches or room.id == seat)
            for room in state.rooms.values()
            if watches or room.admitted
        ],
        "answers": _answers(state, role, seat),
    }
    if role in _TEACHERS:
        told["messages"] = [for_role(event, role, seat) for event in state.messages.values()]
    if watches:
        told["notes"] = [for_role(event, role) for event in state.notes.values()]
        told["results"] = [_result(state, quiz) for quiz in state.stage.quizzes.values()]
    if role is Role.LEAD:
        told["observers"] = sum(name.startswith(Role.OBSERVER) for name in state.connections)
    return told


def _quiz_of_device(state: ClassState, device: str) -> dict[str, JsonValue]:
    if state.stage.quiz is None:
        return {"quiz": None, "answer": None}
    quiz = state.stage.quizzes[state.stage.quiz]
    own = state.answers.get(quiz.id, {}).get(device)
    return {
        "quiz": quiz_dict(quiz, knows_answers=False),
        "answer": None if own is None else [*own.given],
    }


def _answers(state: ClassState, role: Role, seat: str) -> list[JsonValue]:
    """Answers to the quiz on the screen: all for who watches, of a room its own."""
    told: list[JsonValue] = []
    for given in state.answers.get(state.stage.quiz or "", {}).values():
        if role in _WATCH or given.room == seat:
            hidden = role is Role.ROOM and given.by != f"{role}:{seat}"
            row = asdict(given) | {"given": [*given.given]}
            told.append({name: row[name] for name in row if name != "given" or not hidden})
    return told


def _result(state: ClassState, quiz: Quiz) -> JsonValue:
    result = quizzes.score(quiz, state.answers.get(quiz.id, {}).values())
    return {"quiz": quiz.id, **result.model_dump(mode="json")}
