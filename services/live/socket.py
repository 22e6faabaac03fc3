"""A class's own line: what happens goes to each as their role may know it, and what they ask for
is decided (docs/live-protocol.md)."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import Any, Final

from aiohttp import WSMsgType, web
from pydantic import JsonValue
from sqlalchemy.orm import Session

from services.http.api import parse_id
from services.http.call import Call
from services.http.identity import check_entrance, require
from services.http.language import Language, say
from services.live.classroom import CLASSROOMS, Classroom
from services.live.publish import Close, pong
from tongke.errors import Invalid, NotFound, Text, TongkeError
from tongke.live import classes
from tongke.live.bodies import Join, Leave, command
from tongke.live.boxes import DamagedStream
from tongke.live.events import Event
from tongke.live.models import LiveClass
from tongke.live.views import for_role, snapshot
from tongke.live.vocabulary import Role, Who
from tongke.people.audience import Viewer

MOST_MESSAGE_BYTES: Final = 64 * 1024
HEARTBEAT_S: Final = 10.0
# Who reads so slowly gets the whole state anew with the next line.
MOST_WAITING: Final = 500
# Who comes and goes is written down of these; a teacher beside her pupils is there with the room.
_COMES_AND_GOES: Final = frozenset({Role.LEAD, Role.ROOM, Role.OBSERVER})


class Line:
    """Somebody's socket: what happens is put in its queue, and sent as fast as it reads."""

    def __init__(self, who: Who, classroom: Classroom) -> None:
        self.who = who
        self._classroom = classroom
        self.waiting: asyncio.Queue[dict[str, JsonValue] | None] = asyncio.Queue(MOST_WAITING)

    def tell(self, seq: int, happened: Event) -> None:
        """Put an event in the queue, as this one gets it."""
        role, seat = self.who.role, self.who.seat
        here = role not in (Role.ROOM, Role.TEACHER) or self._classroom.state.is_admitted(seat)
        told = for_role(happened, role, seat) if here else None
        if told is None:
            return
        if self.waiting.full():
            # None ends the line.
            self.waiting.get_nowait()
            self.waiting.put_nowait(None)
        else:
            self.waiting.put_nowait({"event": {"seq": seq, **told}})


async def class_socket(request: web.Request) -> web.WebSocketResponse:
    """Take part in a class for as long as the line holds."""
    check_entrance(request)
    call = Call(request, await require(request))
    class_id = parse_id(request.match_info["id"])
    socket = web.WebSocketResponse(max_msg_size=MOST_MESSAGE_BYTES, heartbeat=HEARTBEAT_S)
    await socket.prepare(request)
    try:
        live, who = await call.read(_enter, call.viewer, class_id)
    except NotFound as error:
        await socket.close(code=Close.NO_CLASS, message=error.code.encode())
        return socket
    rooms = request.app[CLASSROOMS]
    classroom = await rooms.open(live)
    line = Line(who, classroom)
    connection = secrets.token_hex(8)
    try:
        if who.role in _COMES_AND_GOES:
            await _try(classroom, who, Join(connection=connection))
        classroom.listeners.add(line)
        state = snapshot(classroom.state, who.role, who.seat)
        hello = {
            "role": who.role,
            "seat": who.seat,
            "delay_ms": live.delay_ms,
            "seq": classroom.seq,
        }
        await socket.send_json({"hello": {**hello, "state": state}})
        telling = asyncio.create_task(_send(socket, line))
        try:
            await _listen(socket, classroom, who, call.language)
        finally:
            telling.cancel()
    finally:
        classroom.listeners.discard(line)
        if who.role in _COMES_AND_GOES:
            await _try(classroom, who, Leave(connection=connection, dropped=_dropped(socket)))
        rooms.leave(class_id)
    return socket


def _dropped(socket: web.WebSocketResponse) -> bool:
    """Whether the line broke, rather than being hung up."""
    return socket.close_code not in {1000, 1001}


def _enter(session: Session, viewer: Viewer, class_id: int) -> tuple[LiveClass, Who]:
    """A class and who somebody is in it.

    Raises:
        NotFound.
    """
    live = classes.visible_class(session, viewer, class_id)
    # All that is told of it, before the session ends.
    _ = [seat.room.name for seat in live.seats]
    number = str(viewer.account_id)
    if live.teacher_id == viewer.account_id:
        return live, Who(Role.LEAD, number)
    if (seat := classes.room_of(viewer, live)) is not None:
        return live, Who(Role.ROOM, str(seat.room_id))
    beside = next((s for s in live.seats if s.teacher_id == viewer.account_id), None)
    if beside is not None:
        return live, Who(Role.TEACHER, number, str(beside.room_id))
    return live, Who(Role.OBSERVER, number)


async def _try(classroom: Classroom, who: Who, body: Join | Leave) -> None:
    """Coming and going is written down where the class still takes it."""
    try:
        await classroom.command(who, body)
    except TongkeError:
        return


async def _listen(
    socket: web.WebSocketResponse, classroom: Classroom, who: Who, language: Language
) -> None:
    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            continue
        try:
            asked = json.loads(message.data)
            if not isinstance(asked, dict):
                raise DamagedStream
        except (ValueError, RecursionError, DamagedStream):
            await socket.close(code=Close.DAMAGED)
            return
        if "ping" in asked:
            await socket.send_json(pong(asked["ping"]))
        else:
            await socket.send_json(await _answer(classroom, who, asked, language))


async def _answer(
    classroom: Classroom, who: Who, asked: dict[str, Any], language: Language
) -> dict[str, JsonValue]:
    """What comes of a command, under the number that its sender gave it."""
    number = asked.pop("ref", None)
    number = number if isinstance(number, int) else None
    media_ms = asked.pop("media_ms", None)
    try:
        if media_ms is not None and not isinstance(media_ms, int):
            raise Invalid({"media_ms": WHOLE_MILLISECONDS})
        await classroom.command(who, command({**asked, "kind": asked.pop("command", "")}), media_ms)
    except TongkeError as error:
        return {"refused": number, "code": error.code, "message": say(error.message, language)}
    return {"done": number}


WHOLE_MILLISECONDS: Final = Text("要用整毫秒", "Whole milliseconds")


async def _send(socket: web.WebSocketResponse, line: Line) -> None:
    while (told := await line.waiting.get()) is not None:
        await socket.send_json(told)
    await socket.close(code=Close.BEHIND)


def mount(app: web.Application) -> None:
    app.router.add_get("/live/{id}/socket", class_socket)
