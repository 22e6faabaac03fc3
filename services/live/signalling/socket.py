"""A class's own line: what happens goes to each as their role may know it, and what they ask for
is decided (docs/live-protocol.md)."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

import structlog
from aiohttp import WSCloseCode, WSMsgType, web
from pydantic import JsonValue
from sqlalchemy.orm import Session

from services.http.afterwards import AFTERWARDS
from services.http.api import parse_id
from services.http.call import language_of
from services.http.identity import check_entrance, look_again, require
from services.http.kept_rights import KEPT_RIGHTS
from services.http.keys import GROUND
from services.http.language import Language, say
from services.live.access.closing import Close
from services.live.access.counted import counted
from services.live.access.incoming import Incoming
from services.live.access.line_socket import LineSocket
from services.live.access.messages import (
    HEARTBEAT_S,
    MOST_CHARACTERS,
    MOST_OF_ROLE,
    asked_time,
    read,
)
from services.live.access.phone_access import note_place
from services.live.access.rights import close_when_lost
from services.live.signalling.classroom import Classroom, lesson_clock_ms, pong
from services.live.signalling.classrooms import CLASSROOMS, told_whole
from services.live.signalling.coming import come, come_late, go
from services.live.signalling.hellos import as_json
from services.live.signalling.line import Line
from services.live.signalling.pace import lines_of
from tongke.classes import places, queries
from tongke.classes.models import LiveClass
from tongke.classes.vocabulary import ClassOver
from tongke.errors import Invalid, NotFound, Text, TongkeError
from tongke.live import talk
from tongke.live.boxes import DamagedStream
from tongke.live.rules import HERE
from tongke.live.rules import asked as asked_for
from tongke.live.vocabulary import Role, Who
from tongke.people.audience import Viewer

_log = structlog.get_logger("tongke.live")

# Lines that somebody has, by class and by whom: each counts from when it is let in until it is
# gone, and not only while it is told what happens.
LINES: Final = web.AppKey("class_lines", Counter[tuple[int, str]])
# Who is where a class is held: its rooms, and those who sit with the pupils.
PLACES: Final = HERE | {Role.LEAD}
# What is no command: it is handed on, and is in no log.
ASIDE: Final = frozenset({"talk", "still", "lag"})
# With what it runs over its time.
LONGEST_CLASS_MS: Final = 12 * 3_600_000

Entering = Callable[[], Awaitable[tuple[LiveClass, Who]]]


async def class_socket(request: web.Request) -> web.WebSocketResponse:
    """Take part in a class, by one's session."""
    check_entrance(request)
    identity = await require(request)
    entering = partial(_enter_by_session, request, parse_id(request.match_info["id"]))
    return await take_part(request, entering, language_of(request, identity))


async def _enter_by_session(request: web.Request, class_id: int) -> tuple[LiveClass, Who]:
    """Raises NotFound."""
    identity = await look_again(request)
    if identity is None:
        raise NotFound
    return await request.app[GROUND].database.read(_enter, identity.viewer, class_id)


async def take_part(
    request: web.Request, entering: Entering, language: Language, most_bytes: int = MOST_CHARACTERS
) -> web.WebSocketResponse:
    """Somebody's line for as long as it holds, and their right to it. `entering` says who that is
    now, or refuses; `most_bytes` is how long their messages may be, unpacked."""
    socket = LineSocket(max_msg_size=most_bytes, heartbeat=HEARTBEAT_S)
    await socket.prepare(request)
    epoch = request.app[KEPT_RIGHTS].epoch
    try:
        live, who = await entering()
    except (NotFound, ClassOver) as error:
        over = isinstance(error, ClassOver)
        await socket.close(code=Close.OVER if over else Close.NO_CLASS, message=error.code.encode())
        return socket
    rooms = request.app[CLASSROOMS]
    classroom = await rooms.open(live)
    line = Line(who, classroom, secrets.token_hex(8))
    incoming = Incoming(socket, at_end=partial(classroom.listeners.discard, line))
    lines, whose = request.app[LINES], (live.id, str(who))
    try:
        if lines[whose] >= lines_of(who):
            await socket.close(code=WSCloseCode.TRY_AGAIN_LATER)
            return socket
        with counted(lines, whose):
            is_written = await come(request.app[GROUND], classroom, who, line.connection)
            if who.role in PLACES:
                await note_place(request, live.id)
            classroom.listeners.add(line)
            # The first that is told may be long, and somebody's right end before they have read it.
            lost = partial(_lost, entering, who)
            beside = [asyncio.create_task(close_when_lost(request, live.id, incoming, lost, epoch))]
            if not is_written:
                beside.append(asyncio.create_task(come_late(classroom, who, line.connection)))
            try:
                told = {**line.hello(), **_ways_out(request, who)}
                await incoming.say(await classroom.hellos.written(told))
                beside.append(asyncio.create_task(_send(line, incoming)))
                await _listen(incoming, classroom, who, language)
            finally:
                for task in beside:
                    task.cancel()
    finally:
        classroom.listeners.discard(line)
        # The others are told all the same.
        dropped = _dropped(socket, incoming)
        gone = _gone(request.app, live.id, classroom, line, dropped=dropped)
        await request.app[AFTERWARDS].finish(gone)
    return socket


async def _lost(entering: Entering, who: Who) -> int | None:
    """Why somebody may take part no longer as who they were. Who is somebody else by now (an
    observer who was named the teacher beside a room) comes again, as that."""
    try:
        _, now = await entering()
    except NotFound:
        return Close.NO_CLASS
    except ClassOver:
        return Close.OVER
    return None if now == who else WSCloseCode.SERVICE_RESTART


async def _gone(
    app: web.Application, class_id: int, classroom: Classroom, line: Line, *, dropped: bool
) -> None:
    await go(app[GROUND], classroom, line.who, line.connection, dropped=dropped)
    app[CLASSROOMS].leave(class_id)


def _ways_out(request: web.Request, who: Who) -> dict[str, object]:
    """The servers by whose help the ends of a talk find a way to each other."""
    if talk.end_of(who) is None:
        return {}
    return {"ice_servers": [each.told() for each in request.app[GROUND].settings.ice_servers]}


def _dropped(socket: web.WebSocketResponse, incoming: Incoming) -> bool:
    """Whether the line broke, rather than being hung up."""
    return incoming.ended_with is None and socket.close_code not in {1000, 1001}


def _enter(session: Session, viewer: Viewer, class_id: int) -> tuple[LiveClass, Who]:
    """A class and who somebody is in it.

    Raises:
        NotFound.
    """
    live = told_whole(queries.visible_class(session, viewer, class_id))
    who = places.who_is(viewer, live)
    if who is None:
        raise NotFound
    return live, who


async def _say(incoming: Incoming, told: Mapping[str, object]) -> None:
    await incoming.say(as_json(told))


async def _listen(incoming: Incoming, classroom: Classroom, who: Who, language: Language) -> None:
    most_characters = MOST_OF_ROLE.get(who.role, MOST_CHARACTERS)
    async for message in incoming:
        if message.type is WSMsgType.BINARY:
            incoming.end(Close.DAMAGED)
        if message.type is not WSMsgType.TEXT:
            continue
        try:
            asked = read(message.data, most_characters)
            number = asked_time(asked) if "ping" in asked else None
        except DamagedStream:
            incoming.end(Close.DAMAGED)
            continue
        await classroom.pace.turn(who, ping=number is not None)
        if incoming.ended_with is not None:
            continue
        if number is not None:
            await _say(incoming, pong(number))
        elif ASIDE & asked.keys():
            await _aside(incoming, classroom, who, asked, language)
        else:
            await _say(incoming, await _answer(classroom, who, asked, language))


async def _aside(
    incoming: Incoming,
    classroom: Classroom,
    who: Who,
    asked: dict[str, Any],
    language: Language,
) -> None:
    """A word for the other end of the talk, a room's small still, or how far it is behind; answered
    only where it is refused."""
    try:
        if "talk" in asked:
            await classroom.talk.say(classroom.state, who, asked["talk"])
        elif "still" in asked:
            await classroom.stills.send(classroom.state, who, asked["still"])
        else:
            classroom.presence.measured(who, asked["lag"])
    except TongkeError as error:
        await _say(incoming, _refusal(None, error, language))


def _refusal(number: int | None, error: TongkeError, language: Language) -> dict[str, JsonValue]:
    said = {"message": say(error.message, language), "remedy": say(error.remedy, language)}
    return {"refused": number, "code": error.code, **said}


async def _answer(
    classroom: Classroom, who: Who, asked: dict[str, Any], language: Language
) -> dict[str, JsonValue]:
    """What comes of a command, under the number that its sender gave it."""
    number = asked.pop("ref", None)
    number = number if isinstance(number, int) else None
    pressed_ms = asked.pop("media_ms", None)
    try:
        if pressed_ms is not None and not isinstance(pressed_ms, int):
            raise Invalid({"media_ms": WHOLE_MILLISECONDS})
        media_ms = _media_ms(who, pressed_ms)
        wanted = asked_for(who.role, asked.pop("command", ""), asked)
        await classroom.command(who, wanted, media_ms)
    except TongkeError as error:
        return _refusal(number, error, language)
    except Exception:
        # A database that fails, or a fault of ours: what else the line brings is answered.
        _log.exception("command-failed", role=who.role)
        return _refusal(number, TongkeError(), language)
    return {"done": number}


def _media_ms(who: Who, pressed_ms: int | None) -> int:
    """When on the lesson's clock somebody did something: of the lead as its browser says, which saw
    it, and never later than now. The log's clock does not go back: a time to come would stop it.
    What is older than any class was said by a clock that was not set."""
    now_ms = round(lesson_clock_ms())
    if who.role is not Role.LEAD or pressed_ms is None or pressed_ms < now_ms - LONGEST_CLASS_MS:
        return now_ms
    return min(pressed_ms, now_ms)


WHOLE_MILLISECONDS: Final = Text("要用整毫秒", "Whole milliseconds")


async def _send(line: Line, incoming: Incoming) -> None:
    # That a line broke is seen by who reads it.
    with contextlib.suppress(ConnectionError):
        while (told := await line.waiting.get()) is not None:
            await _say(incoming, told)
        incoming.end(Close.BEHIND)


def mount(app: web.Application) -> None:
    app[LINES] = Counter()
    app.router.add_get("/live/{id}/socket", class_socket)
