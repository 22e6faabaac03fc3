"""Watching a class without being one of its rooms: observers unseen, the teachers of a training,
and the teacher who is with the pupils of a receiving room."""

from __future__ import annotations

from aiohttp import web
from pydantic import BaseModel
from sqlalchemy.orm import Session

from services.classes.classroom.phone_door import PhoneDoor, door_of
from services.http.api import Api, parse_id
from services.http.call import Call
from services.http.public_address import address
from services.web import views
from services.web.page import Pages, see_other, show
from tongke.classes import places, queries
from tongke.classes.vocabulary import Purpose, State
from tongke.live.vocabulary import Role
from tongke.people.audience import RoleName, Viewer

pages = Pages()
api = Api("classes")


class WatchedClass(BaseModel):
    """A class for who watches it. `phones`: how a teacher in a training answers, while it runs."""

    phones: PhoneDoor | None


@api.get("/classes/{id}/watch", "A class, for who watches it")
async def watched_class(call: Call, id: int) -> WatchedClass:
    base = address(call.request)

    def read(session: Session) -> WatchedClass:
        live = queries.visible_class(session, call.viewer, id)
        who = places.who_is(call.viewer, live)
        takes_part = who is not None and who.role is Role.TRAINEE
        return WatchedClass(phones=door_of(live, base) if takes_part else None)

    return await call.read(read)


@pages.get("/classes/{id}/watch")
async def watch(call: Call) -> web.StreamResponse:
    number = parse_id(call.request.match_info["id"])
    found = await call.read(_watched, call.viewer, number)
    return see_other(found) if isinstance(found, str) else await show(call, found)


def _watched(session: Session, viewer: Viewer, number: int) -> views.WatchView | str:
    """What is watched; an address for who has a page of their own, or comes too late."""
    live = queries.visible_class(session, viewer, number)
    if live.state not in (State.BOOKED, State.RUNNING):
        return f"/classes/{number}"
    who = places.who_is(viewer, live)
    if viewer.has(RoleName.CLASSROOM):
        return "/room"
    if who is None:
        return f"/classes/{number}"
    if who.role is Role.LEAD:
        return f"/classes/{number}/lead"
    beside = queries.seat_beside(live, viewer.account_id)
    return views.WatchView(
        class_id=live.id,
        title=live.title,
        teacher=live.teacher.name,
        school=live.school.name,
        me=viewer.account_id,
        rooms={
            str(seat.room_id): f"{seat.room.school.name} {seat.room.name}"
            for seat in queries.seats_in_order(live)
        },
        room=beside.room.name if beside is not None else "",
        is_training=live.purpose == Purpose.TRAINING,
        is_trainee=who.role is Role.TRAINEE,
    )
