"""A class's lines as JSON Schema: made of the models that read what browsers send, and of what is
said here of the rest. `docs/live-protocol.schema.json` is what `document` gives, and the tests hold
real lines to it.
"""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Annotated, Any, Final, get_args

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic.json_schema import models_json_schema

from services.live.access.messages import MOST_OF_A_PING
from tongke.live import bodies
from tongke.live.presence import MOST_LAG_MS, Lag
from tongke.live.quiz import Fastest, Page
from tongke.live.room_still import MOST_CHARACTERS as MOST_OF_A_STILL
from tongke.live.rules import OWN_WORDS
from tongke.live.talk import Word
from tongke.live.vocabulary import LessonKind, Phase, PictureSource, Role
from tongke.live.wire import Configuration

PAGE: Final = Path("docs/live-protocol.schema.json")
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_DEFS: Final = "#/$defs/"
BODIES: Final[tuple[type[BaseModel], ...]] = get_args(get_args(bodies.Known)[0])
# What is not told to everybody, or to nobody (`tongke.live.views`).
NOT_ALWAYS: Final = frozenset({"given", "right", "by", "connection"})


class _Said(BaseModel):
    """Nothing else is in it."""

    model_config = ConfigDict(extra="forbid")


class Ping(_Said):
    """What is the time? The number is the browser's own, as is a short text in its place."""

    ping: int | Annotated[str, Field(max_length=MOST_OF_A_PING)]


class Pong(_Said):
    """The lesson's clock in milliseconds since 1970, when the service answered."""

    pong: int | str
    at: float


class Measured(_Said):
    """A room says how far it is behind, every five seconds."""

    lag: Lag


class Presence(_Said):
    """How far the rooms are apart, as far as one may know."""

    presence: PresenceTold


class PresenceTold(_Said):
    spread_ms: Annotated[int, Field(ge=0, le=MOST_LAG_MS)] | None
    rooms: dict[str, LagTold] = {}
    trainees: int = 0


class LagTold(_Said):
    lag_ms: int
    skew_ms: int


class TalkAsked(_Said):
    """A word to the other end of the talk."""

    talk: Word


class TalkTold(_Said):
    """A word of the other end of the talk."""

    talk: WordTold


class WordTold(_Said):
    sender: str = Field(alias="from")
    data: dict[str, JsonValue]


class StillSent(_Said):
    """How a room looks, as a JPEG in base64."""

    still: Annotated[str, Field(max_length=MOST_OF_A_STILL)]


class StillTold(_Said):
    """How a room looks, to the lead."""

    still: StillOfRoom


class StillOfRoom(_Said):
    room: str
    jpeg: str


class Done(_Said):
    """What was asked for under this number has happened, and is durable."""

    done: int | None


class Refused(_Said):
    """What was asked for under this number is refused."""

    refused: int | None
    code: str
    message: str
    remedy: str


class Hello(_Said):
    """The first message of a line: everything that one may know of the class. A phone gets it anew
    when its room is sent out or let in again."""

    hello: HelloTold


class HelloTold(_Said):
    role: Role
    seat: str
    delay_ms: int
    seq: int
    ice_servers: list[dict[str, JsonValue]] = []
    state: State


class State(_Said):
    """The class as somebody may know it. Of who is not admitted only the first three are there,
    and `removed` of a room that was sent out; of a device the first two, `quiz` and `answer`."""

    phase: Phase
    lesson: LessonKind
    admitted: bool = True
    removed: bool = False
    media_ms: int = 0
    begun_ms: int | None = None
    ended_ms: int | None = None
    publishing: bool = False
    picture_source: PictureSource = PictureSource.PAGE
    roll_called_ms: int | None = None
    stage: Stage | None = None
    rooms: list[RoomTold] = []
    trainees: list[TraineeTold] = []
    answers: list[dict[str, JsonValue]] = []
    messages: list[dict[str, JsonValue]] = []
    notes: list[dict[str, JsonValue]] = []
    quiz: dict[str, JsonValue] | None = None
    answer: list[str] | None = None


class Stage(_Said):
    """What is on the screen."""

    layout: str
    page: Page | None
    ink: list[dict[str, JsonValue]]
    spotlight: bodies.Area | None
    timer: dict[str, JsonValue] | None
    speaking: list[str]
    quiz: dict[str, JsonValue] | None


class TraineeTold(_Said):
    """A teacher at a desk of her own in a training, and since when her hand is up: to the lead, and
    to herself."""

    id: str
    name: str
    school: str
    present: bool
    hand_ms: int | None


class RoomTold(_Said):
    """A room's seat: its name to everybody, the rest to the lead, observers and itself."""

    id: str
    name: str
    admitted: bool = True
    removed: bool = False
    present: bool = False
    gone_ms: int | None = None
    dropped: bool = False
    muted: bool = False
    hand: int = 0
    hand_ms: int = 0
    heads: int | None = None
    counted: bool = False
    level: str = ""
    playing: str = ""


class PublishHello(_Said):
    """The first message of a publisher's line."""

    hello: PublishHelloTold


class Durable(_Said):
    """Up to which chunk everything is on disk, and which ranges above that are."""

    durable: int
    above: list[tuple[int, int]] = []


class PublishHelloTold(Durable):
    last_stream: int
    highest: int
    part_ms: int
    keyframe_ms: int


ASKED: Final = (Ping, Measured, TalkAsked, StillSent)
TOLD: Final = (Hello, Pong, Presence, TalkTold, StillTold, Done, Refused)
PUBLISHED: Final = (Ping, Configuration)
PUBLISH_TOLD: Final = (PublishHello, Durable, Pong)


def document() -> dict[str, Any]:
    """The schema of each message, under the line and the side that it comes from."""
    models: dict[type[BaseModel], None] = dict.fromkeys(
        [*ASKED, *TOLD, *PUBLISHED, *PUBLISH_TOLD, *BODIES]
    )
    _, made = models_json_schema([(model, "validation") for model in models])
    found = made["$defs"]
    names = {body: found[body.__name__]["properties"]["kind"]["const"] for body in BODIES}
    commands, events = {}, {}
    for body, kind in names.items():
        told = found.pop(body.__name__)
        if kind not in OWN_WORDS:
            commands[f"command {kind}"] = _command(told, kind)
        events[f"event {kind}"] = _event(told, kind)
    # Which device was fastest is for who watches alone.
    found[Fastest.__name__]["required"].remove("by")
    return {
        "$schema": DIALECT,
        "title": "How a class speaks",
        "description": "Chunks are binary: tongke/live/wire.py.",
        "$defs": {
            "class line, browser": _any(ASKED, *commands),
            "class line, service": _any(TOLD, *events),
            "publish line, browser": _any(PUBLISHED),
            "publish line, service": _any(PUBLISH_TOLD),
            **commands,
            **events,
            **found,
        },
    }


def _any(models: tuple[type[BaseModel], ...], *more: str) -> dict[str, Any]:
    names = [*more, *(model.__name__ for model in models)]
    return {"anyOf": [{"$ref": f"{_DEFS}{name}"} for name in names]}


def _command(told: dict[str, Any], kind: str) -> dict[str, Any]:
    """What is asked for: the body under `command`, with the number that its answer will have, and
    when the lead pressed the key."""
    unread = {"kind", *bodies.FILLED_IN.get(kind, ())}
    fields = {name: field for name, field in told["properties"].items() if name not in unread}
    asked = {"command": {"const": kind}, "ref": {"type": "integer"}, **fields}
    asked["media_ms"] = {"type": "integer"}
    return {**told, "properties": asked, "required": ["command", *told.get("required", [])]}


def _event(told: dict[str, Any], kind: str) -> dict[str, Any]:
    """What has happened: the body with its number in the log, its times, and who did it."""
    fields = deepcopy(told["properties"])
    whole = {"type": "integer"}
    by = {"type": "object", "required": ["role", "room"], "properties": {
        "role": {"$ref": f"{_DEFS}Role"}, "room": {"type": "string"}, "id": {"type": "string"},
    }}  # fmt: skip
    needed = [name for name in told.get("required", []) if name not in NOT_ALWAYS]
    inner = {
        **told,
        "properties": {**fields, "kind": {"const": kind}, "seq": whole, "at": whole,
                       "media_ms": whole, "by": by},
        "required": ["seq", "at", "media_ms", "by", "kind", *needed],
        "additionalProperties": False,
    }  # fmt: skip
    return {
        "type": "object",
        "properties": {"event": inner},
        "required": ["event"],
        "additionalProperties": False,
    }


def write() -> None:
    """Make the page in docs/ anew."""
    text = json.dumps(document(), indent=1, ensure_ascii=False) + "\n"
    PAGE.write_text(text, "utf-8")
