"""What goes over a class's lines is what the schema says, and the one in docs/ is the service's."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from functools import cache
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse
from jsonschema import Draft202012Validator

from services.live.signalling import protocol
from services.live.signalling.classroom import lesson_clock_ms
from tests.services.house import House
from tests.services.live.camera import Camera
from tests.services.live.ingest.test_publishing import publishing
from tests.services.live.signalling.test_socket import Told, ask, entered, event_of, until
from tongke.live.bodies import KINDS
from tongke.live.rules import OWN_WORDS

QUESTION = {"kind": "single", "text": "-3 + 5 = ?", "options": ["-8", "2"], "right": ["B"]}
# Asked by the lead, one after the other.
LESSON: tuple[dict[str, Any], ...] = (
    {"command": "roll_call"},
    {"command": "layout", "view": "slides"},
    {"command": "slide", "page": {"deck": "31", "number": 2}},
    {"command": "stroke", "stroke": "s1", "points": [[0.1, 0.2], [0.3, 0.4]]},
    {"command": "undo_stroke"},
    {"command": "clear_board"},
    {"command": "spotlight", "area": {"x": 0.1, "y": 0.1, "width": 0.5, "height": 0.5}},
    {"command": "timer", "seconds": 60},
    {"command": "call_up", "room": "2"},
    {"command": "sit_down", "room": "2"},
    {"command": "mute", "room": "2", "on": True},
    {"command": "open_quiz", "quiz": "q1", "question": QUESTION, "seconds": 60},
    {"command": "text", "id": "m1", "text": "大家好"},
)
OF_ROOM: tuple[dict[str, Any], ...] = (
    {"command": "raise_hand", "room": "2", "count": 2},
    {"command": "lower_hand", "room": "2"},
    {"command": "head_count", "room": "2", "heads": 31},
    {"command": "line", "room": "2", "level": "sound_only"},
    {"command": "mode", "room": "2", "playing": "past"},
)


@cache
def schema_of(side: str) -> Draft202012Validator:
    """Made once: lines that are not read meanwhile answer none of the service's pings."""
    return Draft202012Validator({**protocol.document(), "$ref": f"#/$defs/{side}"})


def holds(side: str, message: object) -> None:
    """Fails where the message is none of the side's."""
    schema_of(side).validate(message)


class Heard:
    """Lines whose messages are all held to the schema, both ways."""

    def __init__(self, house: House, class_id: int) -> None:
        self._house, self._class_id = house, class_id
        self.kinds: dict[str, set[str]] = {}

    async def line(self, name: str) -> ClientWebSocketResponse:
        socket, hello = await entered(self._house, self._class_id, name)
        holds("class line, service", {"hello": hello})
        receive, send = socket.receive_json, socket.send_json

        async def received(**more: Any) -> Told:
            told: Told = await receive(**more)
            holds("class line, service", told)
            self.kinds.setdefault(name, set()).add(told.get("event", {}).get("kind", ""))
            return told

        async def sent(said: Any) -> None:
            holds("class line, browser", said)
            await send(said)

        socket.receive_json, socket.send_json = received, sent  # type: ignore[method-assign]
        return socket


@pytest.fixture
async def heard(house: House, running: int) -> AsyncIterator[Heard]:
    yield Heard(house, running)


def test_the_page_is_what_the_service_says() -> None:
    """Made anew: python -c 'from services.live.signalling import protocol; protocol.write()'"""
    assert json.loads(protocol.PAGE.read_text("utf-8")) == protocol.document()


def test_each_thing_that_is_asked_for_or_happens_has_its_schema() -> None:
    made = protocol.document()["$defs"]
    asked = {name.removeprefix("command ") for name in made if name[:8] == "command "}
    assert asked == KINDS - OWN_WORDS
    assert {name.removeprefix("event ") for name in made if name[:6] == "event "} == KINDS
    Draft202012Validator.check_schema(protocol.document())


def test_all_that_can_be_asked_for_has_its_bound() -> None:
    """What has none is read to its end, while everybody waits."""
    made = protocol.document()["$defs"]
    asked = {name: made[name] for name in made if name[:8] == "command "}
    unbounded = {where for name in asked for where in _unbounded(made, asked[name], name)}
    assert not unbounded


def _unbounded(made: dict[str, Any], found: dict[str, Any], where: str) -> Iterator[str]:
    """Lists and texts that may be of any length."""
    if "$ref" in found:
        found = made[found["$ref"].removeprefix("#/$defs/")]
    kind = found.get("type")
    if kind == "array" and "maxItems" not in found:
        yield where
    if kind == "string" and not found.keys() & {"maxLength", "pattern", "enum", "const"}:
        yield where
    for name, each in found.get("properties", {}).items():
        yield from _unbounded(made, each, f"{where}.{name}")
    for each in (*found.get("anyOf", ()), *found.get("prefixItems", ())):
        yield from _unbounded(made, each, where)
    if isinstance(found.get("items"), dict):
        yield from _unbounded(made, found["items"], f"{where}[]")


async def test_a_lesson_is_spoken_by_it(heard: Heard) -> None:
    lead, room = await heard.line("zhou"), await heard.line("room")
    beside, observer = await heard.line("xiang"), await heard.line("county")
    for said in ({"command": "begin"}, *LESSON):
        assert "done" in await ask(lead, said["command"], **_rest(said)), said
    await room.send_json({"lag": {"lag_ms": 1504, "skew_ms": 8, "need_ms": 640}})
    await until(lead, lambda told: bool(told.get("presence", {}).get("rooms")))
    for said in OF_ROOM:
        assert "done" in await ask(room, said["command"], **_rest(said)), said
    seen = round(lesson_clock_ms())
    await ask(room, "answer", quiz="q1", given=["B"], shown_ms=seen)
    await ask(lead, "show_answer", quiz="q1")
    await ask(observer, "note", id="n1", shown_ms=seen, text="导入自然")
    await ask(observer, "erase_note", id="n1")
    assert "refused" in await ask(room, "begin")
    for socket in (lead, room):
        await socket.send_json({"ping": 17})
        await until(socket, lambda told: "pong" in told)
    await ask(lead, "end")
    for socket in (room, beside, observer):
        await until(socket, event_of("end"))
    assert heard.kinds["county"] >= {
        "slide",
        "stroke",
        "answer",
        "show_answer",
        "note",
        "erase_note",
        "head_count",
    }
    # Who comes late is told all of it.
    for name in ("zhou", "room", "xiang", "county"):
        await (await heard.line(name)).close()


def _rest(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name != "command"}


@pytest.mark.media
async def test_a_publisher_speaks_it(house: House, running: int, camera: Camera) -> None:
    socket = await publishing(house, running)
    holds("publish line, service", await socket.receive_json())
    holds("publish line, browser", json.loads(camera.configuration()))
    await socket.send_str(camera.configuration())
    chunk = next(iter(camera.filmed(0)))
    await socket.send_bytes(chunk.encode())
    holds("publish line, service", await socket.receive_json())
    await socket.send_json({"ping": 1})
    holds("publish line, service", await socket.receive_json())
    await socket.close()


@pytest.mark.parametrize(
    ("side", "message"),
    [
        ("class line, service", {"event": {"seq": 1, "kind": "slide"}}),
        ("class line, service", {"hello": {"role": "king"}}),
        ("class line, browser", {"command": "dance"}),
        ("publish line, service", {"durable": "all"}),
    ],
)
def test_what_is_not_of_it_is_told_apart(side: str, message: object) -> None:
    with pytest.raises(Exception, match=r"valid under any|is not"):
        holds(side, message)
