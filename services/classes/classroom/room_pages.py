"""A classroom's screen: signed in once, open for years, in each lesson by itself."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.accounts.cookies import let_in, visit_of
from services.accounts.desk import DESK, ROOM_DAYS
from services.classes.classroom.phone_door import PhoneDoor, door_of
from services.classes.classroom.recording import RecordingOut, has_appliance, told
from services.http.api import Api
from services.http.call import Call
from services.http.identity import check_entrance, session_secret, set_session
from services.http.public_address import address
from services.web import views
from services.web.page import Pages, form_values, see_other, show
from tongke import clock
from tongke.classes import queries
from tongke.classes.models import LiveClass
from tongke.classes.running import next_class
from tongke.classes.times.timetable import Moment
from tongke.classes.vocabulary import State
from tongke.errors import Forbidden, NotSignedIn, Text, TongkeError
from tongke.live.vocabulary import LessonKind
from tongke.people import sign_in
from tongke.people.audience import RoleName
from tongke.people.models import Room, School

pages = Pages()
api = Api("classes")


class NotARoom(Forbidden):
    code = "not-a-room"
    message = Text("这一页是教室大屏用的", "This page is for a classroom's own screen")
    remedy = Text(
        "教室的设备请打开 /room/in，用登录码登录；老师请从课表进课堂",
        "On a classroom's device, open /room/in and sign in with its code; teachers enter a class "
        "from the timetable",
    )


class ClassNext(BaseModel):
    """The class that runs or comes next. `running`: it was begun. `leads`: it is held in this very
    room; else the room may take its seat as soon as `may_join`. `beside` is the teacher who is with
    the pupils here; `rooms` are the receiving ones by seat, with their schools; `phones`, while it
    runs, is how pupils come in; `recording` is said before it begins; `appliance`: a recording
    appliance may push from the room that leads, which keeps to no such rule."""

    id: int
    title: str
    mode: LessonKind
    moment: Moment
    running: bool
    may_join: bool
    begins_at: datetime
    ends_at: datetime
    teacher: str
    school: str
    beside: str | None
    leads: bool
    delay_ms: int
    rooms: dict[str, str]
    recording: RecordingOut
    appliance: bool
    phones: PhoneDoor | None


class RoomNow(BaseModel):
    """A classroom, and what its screen should show; `now` is the service's time."""

    id: int
    name: str
    school: str
    now: datetime
    next: ClassNext | None


@api.get("/room", "What the screen of my classroom should show")
async def room_now(call: Call) -> RoomNow:
    return await call.read(_now, call)


def _now(session: Session, call: Call) -> RoomNow:
    room, now = _room(session, call.viewer.account_id), clock.now()
    found = next_class.next_in(session, room.id, now)
    return RoomNow(
        id=room.id,
        name=room.name,
        school=room.school.name,
        now=now,
        next=None if found is None else _next(session, *found, room.id, call),
    )


def _next(session: Session, live: LiveClass, where: Moment, room_id: int, call: Call) -> ClassNext:
    seat = queries.seat_in(live, room_id)
    return ClassNext(
        id=live.id,
        title=live.title,
        mode=LessonKind(live.mode),
        moment=where,
        running=live.state == State.RUNNING,
        may_join=seat is not None and where.may_join,
        begins_at=live.begins_at,
        ends_at=live.ends_at,
        teacher=live.teacher.name,
        school=live.school.name,
        beside=seat.teacher.name if seat is not None and seat.teacher else None,
        leads=seat is None,
        delay_ms=live.delay_ms,
        rooms=_names(session, live),
        recording=told(session, live, call.language),
        appliance=has_appliance(session, live, call.ground.settings),
        phones=door_of(live, address(call.request)),
    )


def _names(session: Session, live: LiveClass) -> dict[str, str]:
    """In one query: every classroom asks again and again."""
    named = select(Room.id, School.name, Room.name).join(School, School.id == Room.school_id)
    numbers = [seat.room_id for seat in live.seats]
    found = session.execute(named.where(Room.id.in_(numbers)))
    return {str(number): f"{school} {name}" for number, school, name in found}


def _room(session: Session, account_id: int) -> Room:
    room = next_class.room_of_device(session, account_id)
    if room is None:
        raise NotARoom
    return room


@pages.get("/room/in", anybody=True)
async def room_in_page(call: Call) -> web.StreamResponse:
    code = call.request.query.get("code", "")
    if call.identity is not None and call.viewer.has(RoleName.CLASSROOM) and not code:
        return see_other("/room")
    return await show(call, views.RoomInView(views.Form({"code": code})))


@pages.post("/room/in", anybody=True)
async def room_in_form(call: Call) -> web.StreamResponse:
    check_entrance(call.request)
    code = (await form_values(call.request)).get("code", "")
    try:
        entry = await call.request.app[DESK].use_room_slip(code, visit_of(call.request))
    except TongkeError as failure:
        form = views.Form({"code": code}, failure=failure)
        return await show(call, views.RoomInView(form), status=failure.status)
    response = see_other("/room")
    await let_in(call.request, response, entry)
    return response


@pages.get("/room", anybody=True)
async def room_page(call: Call) -> web.StreamResponse:
    try:
        viewer = call.viewer
    except NotSignedIn:
        return see_other("/room/in")
    if not viewer.has(RoleName.CLASSROOM):
        raise NotARoom
    response = await show(call, await call.read(_view, viewer.account_id))
    await _stay(call, response)
    return response


def _view(session: Session, account_id: int) -> views.RoomView:
    room = _room(session, account_id)
    return views.RoomView(room=room.name, school=room.school.name)


async def _stay(call: Call, response: web.StreamResponse) -> None:
    """Nobody comes to sign the screen in again: it is given its session anew in good time."""
    secret = session_secret(call.request)
    if secret is None or call.identity is None or call.identity.session_id is None:
        return
    if await call.write(sign_in.prolong, call.identity.session_id, ROOM_DAYS):
        set_session(call.request, response, secret, ROOM_DAYS)
