"""The lead classroom, for the lead teacher alone: its page, and what its script is given."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web
from pydantic import BaseModel
from sqlalchemy.orm import Session

from services.classes.classroom.recording import RecordingOut, has_appliance, told
from services.http.api import Api, parse_id
from services.http.call import Call
from services.http.language import Language
from services.live.access import phone_access
from services.web.page import Pages, see_other, show
from services.web.views import LeadView
from tongke.classes import queries
from tongke.classes.models import LiveClass
from tongke.classes.plan import materials
from tongke.classes.running import decks, devices, lifecycle
from tongke.classes.vocabulary import Purpose, State
from tongke.people.audience import Viewer
from tongke.settings import Settings

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
    may_begin_at: datetime
    rooms: list[LeadRoom]
    recording: RecordingOut
    phone_code: str | None
    unshown: int
    appliance: bool


class PhoneCode(BaseModel):
    code: str


@pages.get("/classes/{id}/lead")
async def lead(call: Call) -> web.StreamResponse:
    """A class that is over has nothing to lead: its own page says what became of it."""
    class_id = parse_id(call.request.match_info["id"])
    settings = call.ground.settings
    view = await call.read(_view, call.viewer, class_id, settings, call.language)
    return see_other(f"/classes/{class_id}") if view is None else await show(call, view)


@api.get("/classes/{id}/lead", "A class, for its lead teacher")
async def lead_class(call: Call, id: int) -> LeadClass:
    def read(session: Session) -> LeadClass:
        live = queries.held_class(session, call.viewer, id)
        return _told(session, live, call.ground.settings, call.language)

    return await call.read(read)


@api.post("/classes/{id}/phone-code", "Change a running class's phone code; phones in use stay")
async def renew_phone_code(call: Call, id: int) -> PhoneCode:
    """Where strangers have the code, or have filled the class. Screens show the new one when they
    next ask; a phone that has answered nothing and is not in use types it anew."""
    app = call.request.app
    live = await call.read(queries.held_class, call.viewer, id)
    unused = await phone_access.idle(app, await call.read(devices.silent, id))
    if live.phone_code:
        await phone_access.note_former(app, live.phone_code, id)
    return PhoneCode(code=await call.write(devices.renew_code, call.viewer, id, unused))


def _view(
    session: Session, viewer: Viewer, class_id: int, settings: Settings, language: Language
) -> LeadView | None:
    live = queries.held_class(session, viewer, class_id)
    if live.state not in (State.BOOKED, State.RUNNING):
        return None
    return LeadView(
        title=live.title, config=_told(session, live, settings, language).model_dump(mode="json")
    )


def _told(session: Session, live: LiveClass, settings: Settings, language: Language) -> LeadClass:
    return LeadClass(
        id=live.id,
        title=live.title,
        teacher=live.teacher.name,
        purpose=Purpose(live.purpose),
        begins_at=live.begins_at,
        may_begin_at=lifecycle.may_begin_at(live),
        rooms=[
            LeadRoom(id=str(seat.room_id), name=seat.room.name, school=seat.room.school.name)
            for seat in queries.seats_in_order(live)
        ],
        recording=told(session, live, language),
        phone_code=live.phone_code,
        unshown=len(materials.of_class(session, live)) - len(decks.decks(session, live.id)),
        appliance=has_appliance(session, live, settings),
    )
