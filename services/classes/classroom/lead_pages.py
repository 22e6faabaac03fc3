"""The lead classroom, for the lead teacher alone: its page, and what its script is given."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web
from pydantic import BaseModel
from sqlalchemy.orm import Session

from services.classes.classroom.recording import RecordingOut, told
from services.http.api import Api, parse_id
from services.http.call import Call
from services.http.language import Language
from services.web.page import Pages, see_other, show
from services.web.views import LeadView
from tongke.classes import queries
from tongke.classes.models import LiveClass
from tongke.classes.plan import materials
from tongke.classes.running import decks
from tongke.classes.vocabulary import Purpose, State
from tongke.people.audience import Viewer
from tongke.people.models import Room

pages = Pages()
api = Api("classes")


class LeadRoom(BaseModel):
    """A receiving classroom, by its seat on the class's line."""

    id: str
    name: str
    school: str


class LeadClass(BaseModel):
    """A class for who leads it; a training may have no rooms. `phone_code` is what
    pupils type on their phones, while it runs; `unshown` counts the materials that have no pages,
    and so are no deck; `appliance` says that a recording appliance may push from the room that
    leads."""

    id: int
    title: str
    teacher: str
    purpose: Purpose
    begins_at: datetime
    rooms: list[LeadRoom]
    recording: RecordingOut
    phone_code: str | None
    unshown: int
    appliance: bool


@pages.get("/classes/{id}/lead")
async def lead(call: Call) -> web.StreamResponse:
    """A class that is over has nothing to lead: its own page says what became of it."""
    class_id = parse_id(call.request.match_info["id"])
    view = await call.read(_view, call.viewer, class_id, _takes_appliances(call), call.language)
    return see_other(f"/classes/{class_id}") if view is None else await show(call, view)


@api.get("/classes/{id}/lead", "A class, for its lead teacher")
async def lead_class(call: Call, id: int) -> LeadClass:
    appliances = _takes_appliances(call)

    def read(session: Session) -> LeadClass:
        live = queries.held_class(session, call.viewer, id)
        return _told(session, live, appliances, call.language)

    return await call.read(read)


def _takes_appliances(call: Call) -> bool:
    return call.ground.settings.rtmp_port > 0


def _view(
    session: Session, viewer: Viewer, class_id: int, appliances: bool, language: Language
) -> LeadView | None:
    live = queries.held_class(session, viewer, class_id)
    if live.state not in (State.BOOKED, State.RUNNING):
        return None
    return LeadView(
        title=live.title, config=_told(session, live, appliances, language).model_dump(mode="json")
    )


def _told(session: Session, live: LiveClass, appliances: bool, language: Language) -> LeadClass:
    room = session.get(Room, live.room_id) if live.room_id else None
    return LeadClass(
        id=live.id,
        title=live.title,
        teacher=live.teacher.name,
        purpose=Purpose(live.purpose),
        begins_at=live.begins_at,
        rooms=[
            LeadRoom(id=str(seat.room_id), name=seat.room.name, school=seat.room.school.name)
            for seat in queries.seats_in_order(live)
        ],
        recording=told(session, live, language),
        phone_code=live.phone_code,
        unshown=len(materials.of_class(session, live)) - len(decks.decks(session, live.id)),
        appliance=appliances and room is not None and room.stream_key_hash is not None,
    )
