"""A school's classrooms, for its administrator: their names, the sign-in code of each device, the
key of each recording appliance."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlencode, urlsplit

import structlog
from aiohttp import web
from sqlalchemy.orm import Session

from services.accounts.people_pages import SlipGiven, asked_school, millis, write_next_slip
from services.http.api import parse_id
from services.http.call import Call
from services.http.public_address import address
from services.web import views
from services.web.page import Pages, done, form_values, show
from services.web.qr import qr
from tongke import clock
from tongke.classes.school import appliances, bookable, rooms
from tongke.classes.school.appliances import Seen
from tongke.errors import Conflict, Forbidden, Invalid, NotFound, Text, Unavailable
from tongke.people.audience import Viewer
from tongke.people.models import Room, School

pages = Pages()

_log = structlog.get_logger("tongke.rooms")


class CodeGiven(Conflict):
    """Said on the page of the rooms itself, from which another is given."""

    code = "room-code-given"
    message = Text(
        "刚才已经给过登录码，离开那一页就看不到了",
        "A sign-in code was given a moment ago, and is not shown again",
    )
    remedy = Text(
        "没来得及用的话，在下面再点一次“给登录码”，前一个就作废了",
        "If it was not used, press “Give a sign-in code” below once more: the one before is void "
        "then",
    )


class KeyGiven(Conflict):
    """Reloading the answer sends its form again, and a second key would void the one that has been
    typed into the appliance by then."""

    code = "room-key-given"
    message = Text(
        "刚才已经给过推流密钥，离开那一页就看不到了",
        "A stream key was given a moment ago, and is not shown again",
    )
    remedy = Text(
        "没来得及填的话，在下面点“换密钥”，前一个就作废了",
        "If it was not typed in, press “New key” below: the one before is void then",
    )


@pages.get("/rooms")
async def rooms_page(call: Call) -> web.StreamResponse:
    return await _show(call)


@pages.post("/rooms")
async def add(call: Call) -> web.StreamResponse:
    """Only from a session, as all that makes an account."""
    call.require_session()
    values = await form_values(call.request)
    try:
        room = await call.write(_add, call, values)
    except Invalid as error:
        return await _show(call, form=views.Form(values, error.fields), status=error.status)
    _log.info("room-added", room=room.id, by=call.viewer.account_id)
    return done(f"/rooms?{urlencode({'school': room.school_id})}", "room-added")


def _add(session: Session, call: Call, values: dict[str, str]) -> Room:
    school_id = administered_school(call.viewer, values.get("school"))
    return rooms.add(session, call.viewer, school_id, values.get("name", ""))


@pages.post("/rooms/{id}/rename")
async def rename(call: Call) -> web.StreamResponse:
    room_id = parse_id(call.request.match_info["id"])
    values = await form_values(call.request)
    try:
        await call.write(rooms.rename, call.viewer, room_id, values.get("name", ""))
    except Invalid as error:
        renaming = room_id, views.Form(values, error.fields)
        return await _show(call, renaming=renaming, status=error.status)
    return done(await _back(call), "saved")


@pages.post("/rooms/{id}/slip")
async def write_slip(call: Call) -> web.StreamResponse:
    """The answer itself shows the code: an address could be opened again."""
    call.require_session()
    room_id = parse_id(call.request.match_info["id"])
    drawn = (await form_values(call.request)).get("drawn", "")

    def write(session: Session) -> views.RoomSlip:
        account_id = rooms.device(session, call.viewer, room_id)
        slip = write_next_slip(session, call.viewer, account_id, drawn)
        url = f"{address(call.request)}/room/in"
        name = rooms.administered(session, call.viewer, room_id).name
        return views.RoomSlip(slip, name, url, qr(f"{url}?{urlencode({'code': slip.code})}"))

    try:
        slip = await call.write(write)
    except SlipGiven:
        given = CodeGiven()
        return await _show(call, form=views.Form(failure=given), status=given.status)
    _log.info("slip-written", room=room_id, by=call.viewer.account_id)
    return await _show(call, slip=slip)


@pages.post("/rooms/{id}/key")
async def new_key(call: Call) -> web.StreamResponse:
    call.require_session()
    room_id = parse_id(call.request.match_info["id"])
    replaces = (await form_values(call.request)).get("replaces", "")

    def draw(session: Session) -> tuple[Room, str]:
        if rooms.administered(session, call.viewer, room_id).stream_key_hint != replaces:
            raise KeyGiven
        return rooms.new_key(session, call.viewer, room_id)

    try:
        room, key = await call.write(draw)
    except KeyGiven as given:
        return await _show(call, form=views.Form(failure=given), status=given.status)
    _log.info("stream-key-made", room=room_id, by=call.viewer.account_id)
    return await _show(call, key=views.RoomKey(room.name, key, _rtmp_server(call)))


def _rtmp_server(call: Call) -> str | None:
    """Where an appliance pushes to; None where the service takes none."""
    port, found = call.ground.settings.rtmp_port, urlsplit(address(call.request))
    host = found.netloc.removesuffix(f":{found.port}")
    return f"rtmp://{host}:{port}/live" if port else None


@pages.post("/rooms/{id}/key/revoke")
async def revoke_key(call: Call) -> web.StreamResponse:
    call.require_session()
    room_id = parse_id(call.request.match_info["id"])
    await call.write(rooms.revoke_key, call.viewer, room_id)
    _log.info("stream-key-revoked", room=room_id, by=call.viewer.account_id)
    return done(await _back(call), "key-revoked")


async def _show(
    call: Call,
    *,
    form: views.Form | None = None,
    renaming: tuple[int, views.Form] | None = None,
    slip: views.RoomSlip | None = None,
    key: views.RoomKey | None = None,
    status: int = 200,
) -> web.Response:
    asked = await asked_school(call)

    def read(session: Session) -> tuple[views.RoomsView, list[Room]]:
        school_id = administered_school(call.viewer, asked)
        found = bookable.rooms_of(session, [school_id])
        return views.RoomsView(
            school=session.get_one(School, school_id).name,
            school_id=school_id,
            rooms=tuple(map(_row, found)),
            drawn=millis(clock.now()),
            form=form or views.Form(),
            renaming_id=renaming[0] if renaming else None,
            renaming=renaming[1] if renaming else views.Form(),
            slip=slip,
            key=key,
        ), found

    view, found = await call.read(read)
    keys = {room.id: room.stream_key_hash for room in found}
    rows = [replace(row, appliance=await _seen(call, keys[row.id])) for row in view.rooms]
    return await show(call, replace(view, rooms=tuple(rows)), status=status)


async def _seen(call: Call, key_hash: str | None) -> Seen | None:
    """What an appliance has shown; None where none can, or nobody knows."""
    if key_hash is None or not call.ground.settings.rtmp_port:
        return None
    with suppress(Unavailable):
        return await appliances.seen(call.ground.bus, key_hash)
    return None


def _row(room: Room) -> views.RoomRow:
    device = room.account
    return views.RoomRow(
        id=room.id,
        name=room.name,
        last_sign_in_at=device.last_sign_in_at if device else None,
        is_shut=device is not None and device.disabled_at is not None,
        key_hint=room.stream_key_hint,
    )


def administered_school(viewer: Viewer, asked: str | None) -> int:
    """The school asked for, or the first that this viewer administers.

    Raises:
        Forbidden: none at all.
        NotFound: not that one.
    """
    if not viewer.administers:
        raise Forbidden
    school_id = parse_id(asked) if asked else min(viewer.administers)
    if school_id not in viewer.administers:
        raise NotFound
    return school_id


async def _back(call: Call) -> str:
    school = await asked_school(call)
    return f"/rooms?{urlencode({'school': school})}" if school else "/rooms"
