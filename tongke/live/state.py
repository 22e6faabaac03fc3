"""The state of a class: the replay of its log.

`ClassState.apply` changes the state and refuses nothing; so the log is enough to have the class
back after any death.

A room is known by its seat, not by its connection: a device that comes back after a drop replaces
the old connection and finds its hand, its call and its head count as they were.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace

from pydantic import JsonValue

from tongke.live.bodies import (
    Admit,
    Answer,
    Arrive,
    Begin,
    Delay,
    Depart,
    End,
    EraseNote,
    HandDown,
    HandUp,
    HeadCount,
    Join,
    Leave,
    Line,
    LowerHand,
    Message,
    Mode,
    Mute,
    Note,
    OfRoom,
    OfTrainee,
    Prepare,
    Publisher,
    RaiseHand,
    Remove,
    RollCall,
    ShowAnswer,
    Unknown,
)
from tongke.live.bounds import BOUNDS, counted_as
from tongke.live.cues import Stage
from tongke.live.events import Event
from tongke.live.quiz import Given
from tongke.live.vocabulary import LessonKind, Level, Phase, PictureSource, Playing, Role, Who


@dataclass
class Room:
    """A receiving room's seat. `connection` is empty while it is away: since `gone_ms`, which is
    none of one that never came, and `dropped` unless it hung up. `hand` is how many hands, since
    `hand_ms`; `heads` is how many children, `counted` whether since the last roll call.
    What was booked was let in with that. `removed`: it was sent out, and not let in since; it need
    not want to come in, as one that knocks does."""

    id: str
    name: str = ""
    booked: bool = False
    admitted: bool = False
    removed: bool = False
    connection: str = ""
    gone_ms: int | None = None
    dropped: bool = False
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
                self.admitted, self.removed = True, False
            case Remove():
                self.admitted, self.removed, self.hand = False, True, 0
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
        del told["booked"]
        return told | {"present": bool(told.pop("connection"))}


@dataclass
class Trainee:
    """A teacher at a desk of her own, known by her account. `connection` is empty while she is
    away; `hand_ms` is since when her hand is up."""

    id: str
    name: str = ""
    school: str = ""
    connection: str = ""
    hand_ms: int | None = None

    def apply(self, media_ms: int, body: OfTrainee) -> None:
        match body:
            case Arrive(connection=connection, name=name, school=school):
                self.connection, self.name, self.school = connection, name, school
            case Depart():
                self.connection = ""
            case HandUp() if self.hand_ms is None:
                self.hand_ms = media_ms
            case HandDown():
                self.hand_ms = None

    def would_change(self, media_ms: int, body: OfTrainee) -> bool:
        tried = replace(self)
        tried.apply(media_ms, body)
        return tried != self

    def to_dict(self) -> dict[str, JsonValue]:
        told = {"id": self.id, "name": self.name, "school": self.school}
        return {**told, "present": bool(self.connection), "hand_ms": self.hand_ms}


@dataclass
class ClassState:
    """A class as its log has it, changed by `apply` alone.

    Attributes:
        delay_ms: As it was last announced; none before.
        rooms: By seat. One that was not booked knocks: it is here, and not admitted.
        trainees: By account.
        connections: Of the lead, by `str(who)`.
        picture_source: What the picture comes from, or came from last.
        answers: By quiz, then by who gave it.
        late: By quiz whose result was shown and lacks answers that came since: when the first of
            them came, on the server's clock.
        messages, notes: By who and the id they gave it.
        said_ms: When each said what is bounded (`bounds`), on the server's clock.
    """

    lesson: LessonKind = LessonKind.BROADCAST
    phase: Phase = Phase.WAITING
    media_ms: int = 0
    begun_ms: int | None = None
    ended_ms: int | None = None
    publishing: bool = False
    picture_source: PictureSource = PictureSource.PAGE
    delay_ms: int | None = None
    roll_called_ms: int | None = None
    rooms: dict[str, Room] = field(default_factory=dict)
    trainees: dict[str, Trainee] = field(default_factory=dict)
    connections: dict[str, str] = field(default_factory=dict)
    stage: Stage = field(default_factory=Stage)
    answers: dict[str, dict[str, Given]] = field(default_factory=dict)
    late: dict[str, int] = field(default_factory=dict)
    messages: dict[str, Event] = field(default_factory=dict)
    notes: dict[str, Event] = field(default_factory=dict)
    said_ms: dict[str, array[int]] = field(default_factory=dict)

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
        if who.role is Role.TRAINEE:
            return self.trainees[who.id].connection if who.id in self.trainees else ""
        return self.connections.get(str(who), "")

    def present(self) -> dict[Who, str]:
        """Who is there, each by the connection that stands for them."""
        found = {Who(Role.ROOM, room.id): room.connection for room in self.rooms.values()}
        for trainee in self.trainees.values():
            found[Who(Role.TRAINEE, trainee.id)] = trainee.connection
        for name, connection in self.connections.items():
            role, _, number = name.partition(":")
            found[Who(Role(role), number)] = connection
        return {who: connection for who, connection in found.items() if connection}

    def apply(self, event: Event) -> None:
        """Take what has happened. What a later version says has no effect."""
        self.media_ms = max(self.media_ms, event.media_ms)
        body = event.body
        if isinstance(body, Unknown):
            return
        self.stage.apply(event.media_ms, body)
        if body.kind in BOUNDS:
            said_ms = self.said_ms.setdefault(counted_as(event.by, body), array("q"))
            said_ms.append(event.at)
        match body:
            case Prepare():
                self._prepare(body)
            case Begin():
                self.phase, self.begun_ms = Phase.RUNNING, event.media_ms
            case End():
                self._end(event.media_ms)
            case Publisher(on=on, source=source):
                self.publishing, self.picture_source = on, source
            case Delay(ms=ms):
                self.delay_ms = ms
            case Join() | Leave():
                self._connect(event.by, body, event.media_ms)
            case RollCall():
                self._call_roll(event.media_ms)
            case Answer():
                self._answer(event, body)
            case ShowAnswer():
                self.late.pop(body.quiz, None)
            case Message():
                self.messages[key_of(event.by, body)] = event
            case Note():
                self.notes[key_of(event.by, body)] = event
            case EraseNote():
                self.notes.pop(key_of(event.by, body), None)
            case OfRoom():
                self.rooms[body.room].apply(event.media_ms, body)
            case OfTrainee(trainee=trainee):
                self.trainees.setdefault(trainee, Trainee(trainee)).apply(event.media_ms, body)

    def _prepare(self, body: Prepare) -> None:
        self.lesson = body.lesson
        for booked in body.rooms:
            room = self.rooms.setdefault(booked.id, Room(booked.id))
            room.name, room.booked = booked.name, True
            room.admitted, room.removed = True, False

    def _answer(self, event: Event, body: Answer) -> None:
        given = Given(str(event.by), event.by.seat, body.given, body.shown_ms)
        self.answers.setdefault(body.quiz, {})[given.by] = given
        quiz = self.stage.quizzes.get(body.quiz)
        if quiz is not None and quiz.result is not None:
            self.late.setdefault(body.quiz, event.at)

    def _end(self, media_ms: int) -> None:
        self.phase, self.ended_ms = Phase.ENDED, media_ms
        for room in self.rooms.values():
            room.hand = 0
        for trainee in self.trainees.values():
            trainee.hand_ms = None

    def _call_roll(self, media_ms: int) -> None:
        self.roll_called_ms = media_ms
        for room in self.rooms.values():
            room.counted = False

    def _connect(self, who: Who, body: Join | Leave, media_ms: int) -> None:
        connection = body.connection if isinstance(body, Join) else ""
        if who.role is Role.ROOM:
            room = self.rooms.setdefault(who.id, Room(who.id))
            room.connection = connection
            room.gone_ms = media_ms if isinstance(body, Leave) else None
            room.dropped = isinstance(body, Leave) and body.dropped
        elif connection:
            self.connections[str(who)] = connection
        else:
            del self.connections[str(who)]


def replay(events: Iterable[Event]) -> ClassState:
    state = ClassState()
    for event in events:
        state.apply(event)
    return state


def key_of(who: Who, body: Message | Note | EraseNote) -> str:
    """By which a message or note is known."""
    return f"{who}/{body.id}"
