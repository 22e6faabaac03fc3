"""What is asked for in a class and what has happened in it: one vocabulary for both.

A body says one thing: slide 4 of this deck. Somebody asks for it, and it is a command; the class
grants it (`decide`), and it is the body of an event (`events`). So the page, the socket, the log
and the recording use the same words. What only the class can know (the right answer that is shown,
the time an answer is believed) is put in when it is granted, whatever was asked.

Whoever asks names the quiz, stroke, message or note with an id of its own choosing: a command
that is sent again after a drop is known, and does nothing twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal, get_args

from pydantic import Field, JsonValue, StringConstraints, TypeAdapter, ValidationError

from tongke.live.quiz import Id, Page, Question, Result, Value, Words
from tongke.live.vocabulary import LessonKind, Level, PictureSource, Playing, View
from tongke.validation import invalid

# Of a picture's width and height, so that a stroke is where it was at any size.
Share = Annotated[float, Field(ge=0, le=1)]
Point = tuple[Share, Share]
MediaTime = Annotated[int, Field(ge=0, le=2**53)]


class Body(Value):
    """Each kind's own name is in its `kind`."""


class OfRoom(Body):
    room: Id


class OfTrainee(Body):
    trainee: Id


class OfQuiz(Body):
    quiz: Id


class BookedRoom(Value):
    id: Id
    name: Words


class Area(Value):
    x: Share
    y: Share
    width: Share
    height: Share


class OfSurface(Body):
    """`page` is the slide that is drawn on; none is the board."""

    page: Page | None = None


class Prepare(Body):
    kind: Literal["prepare"] = "prepare"
    lesson: LessonKind
    rooms: tuple[BookedRoom, ...] = ()


class Begin(Body):
    kind: Literal["begin"] = "begin"


class End(Body):
    kind: Literal["end"] = "end"


class Join(Body):
    kind: Literal["join"] = "join"
    connection: Id


class Leave(Body):
    kind: Literal["leave"] = "leave"
    connection: Id
    dropped: bool = False


# Who it is and of which school, Tongke says: nothing of it is asked.
class Arrive(OfTrainee):
    kind: Literal["arrive"] = "arrive"
    connection: Id
    name: Words
    school: Words


class Depart(OfTrainee):
    kind: Literal["depart"] = "depart"
    connection: Id
    dropped: bool = False


class HandUp(OfTrainee):
    kind: Literal["hand_up"] = "hand_up"


class HandDown(OfTrainee):
    kind: Literal["hand_down"] = "hand_down"


class Admit(OfRoom):
    kind: Literal["admit"] = "admit"


class Remove(OfRoom):
    kind: Literal["remove"] = "remove"


class Mute(OfRoom):
    kind: Literal["mute"] = "mute"
    on: bool


class CallUp(OfRoom):
    kind: Literal["call_up"] = "call_up"


class SitDown(OfRoom):
    kind: Literal["sit_down"] = "sit_down"


class RaiseHand(OfRoom):
    kind: Literal["raise_hand"] = "raise_hand"
    count: int = Field(default=1, ge=1, le=500)


class LowerHand(OfRoom):
    kind: Literal["lower_hand"] = "lower_hand"


class HeadCount(OfRoom):
    kind: Literal["head_count"] = "head_count"
    heads: int = Field(ge=0, le=500)


class Line(OfRoom):
    kind: Literal["line"] = "line"
    level: Level


class Delay(Body):
    """How long after its capture a picture is shown in the rooms, from now on, in milliseconds."""

    kind: Literal["delay"] = "delay"
    ms: int = Field(ge=0, le=60_000)


class Mode(OfRoom):
    kind: Literal["mode"] = "mode"
    playing: Playing


class RollCall(Body):
    kind: Literal["roll_call"] = "roll_call"


class Layout(Body):
    kind: Literal["layout"] = "layout"
    view: View


class Slide(Body):
    kind: Literal["slide"] = "slide"
    page: Page


class Stroke(OfSurface):
    """Points of a stroke, from its point `start` on: those that came before are not added twice."""

    kind: Literal["stroke"] = "stroke"
    stroke: Id
    start: int = Field(default=0, ge=0, le=20_000)
    points: tuple[Point, ...] = Field(min_length=1, max_length=500)
    colour: Literal["chalk", "yellow", "green", "red"] = "chalk"
    width: float = Field(default=0.004, gt=0, le=0.1)


class UndoStroke(OfSurface):
    """Takes this stroke back; the class fills in the last one of the surface."""

    kind: Literal["undo_stroke"] = "undo_stroke"
    stroke: Id | None = None


class ClearBoard(OfSurface):
    kind: Literal["clear_board"] = "clear_board"


class Spotlight(Body):
    """Without an area the whole is lit again."""

    kind: Literal["spotlight"] = "spotlight"
    area: Area | None = None


class Timer(Body):
    """0 takes it away."""

    kind: Literal["timer"] = "timer"
    seconds: int = Field(ge=0, le=3 * 3600)


class OpenQuiz(OfQuiz):
    kind: Literal["open_quiz"] = "open_quiz"
    question: Question
    seconds: int | None = Field(default=None, ge=1, le=3600)


class ExtendQuiz(OfQuiz):
    """Until when, not how much longer: sent twice, it still adds its time once."""

    kind: Literal["extend_quiz"] = "extend_quiz"
    closes_ms: MediaTime


class CloseQuiz(OfQuiz):
    kind: Literal["close_quiz"] = "close_quiz"


class ShowAnswer(OfQuiz):
    """The class fills in what was right and what came of it: asked for, they go unread."""

    kind: Literal["show_answer"] = "show_answer"
    right: tuple[Words, ...] = ()
    result: Result | None = None


class Answer(OfQuiz):
    """`shown_ms` is what the lesson's clock showed on the device when this was given."""

    kind: Literal["answer"] = "answer"
    given: tuple[Words, ...] = Field(min_length=1, max_length=8)
    shown_ms: MediaTime


class Message(Body):
    """From teacher to teacher."""

    kind: Literal["text"] = "text"
    id: Id
    text: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Note(Body):
    """`shown_ms` is where the observer's own playhead stood."""

    kind: Literal["note"] = "note"
    id: Id
    shown_ms: MediaTime
    text: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class EraseNote(Body):
    """Take back a note of one's own."""

    kind: Literal["erase_note"] = "erase_note"
    id: Id


class Publisher(Body):
    kind: Literal["publisher"] = "publisher"
    on: bool
    source: PictureSource = PictureSource.PAGE


Known = Annotated[
    Prepare | Begin | End | Join | Leave | Publisher | Delay | Arrive | Depart | HandUp | HandDown
    | Admit | Remove | Mute | CallUp | SitDown | RaiseHand | LowerHand | HeadCount | Line | Mode
    | RollCall | Layout | Slide | Stroke | UndoStroke | ClearBoard | Spotlight | Timer | OpenQuiz
    | ExtendQuiz | CloseQuiz | ShowAnswer | Answer | Message | Note | EraseNote,
    Field(discriminator="kind"),
]  # fmt: skip
_KNOWN: Final[TypeAdapter[Known]] = TypeAdapter(Known)
KINDS: Final = frozenset(body.model_fields["kind"].default for body in get_args(get_args(Known)[0]))


# What the class alone fills in.
FILLED_IN: Final[Mapping[str, frozenset[str]]] = {"show_answer": frozenset({"right", "result"})}


class Unknown(Body):
    """What a later version has written: its whole payload, unread."""

    kind: str
    payload: dict[str, JsonValue]


def body(kind: str, payload: Mapping[str, JsonValue]) -> Known:
    return _KNOWN.validate_python({**payload, "kind": kind})


def command(asked: object) -> Known:
    """What somebody asks for over a socket.

    Raises:
        Invalid: not one of the bodies.
    """
    try:
        return _KNOWN.validate_python(asked)
    except ValidationError as error:
        raise invalid(error) from error
