"""Classes over JSON: booked, confirmed, begun, ended, called off."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web
from sqlalchemy.orm import Session

from services.classes.booking.schemas import (
    Answer,
    Cancelled,
    ClassChanges,
    ClassIn,
    ClassOut,
    Confirmed,
    MaterialsIn,
    Rooms,
    booked_as,
    class_out,
    room_out,
)
from services.http.api import Api
from services.http.call import Call
from services.http.paging import Page, PageQuery, cut
from services.http.storable import Instant
from services.live import ending
from services.live.carrying.forward import forward
from services.live.carrying.lease import CarriedElsewhere
from tongke import clock
from tongke.classes import queries, vocabulary
from tongke.classes.plan import answers, booking, changes, more_materials, tokens
from tongke.classes.plan.booking import Wanted
from tongke.classes.running import lifecycle
from tongke.classes.school import bookable
from tongke.classes.school.recording_rule import RecordingRule
from tongke.errors import Forbidden, Invalid, Text
from tongke.people.audience import Viewer

api = Api("classes")

# Two weeks, unless somebody asks for other days.
SHOWN_DAYS = 14
MOST_DAYS = 200


class Days(PageQuery):
    """The stretch of time that is looked at; from now on, where it is not said."""

    begins: Instant | None = None
    ends: Instant | None = None


@api.get("/classes", "Classes that I may see, in the order of the clock")
async def index(call: Call, query: Days) -> Page[ClassOut]:
    begins = query.begins or clock.now()
    ends = query.ends or begins + timedelta(days=SHOWN_DAYS)
    if not timedelta(0) < ends - begins <= timedelta(days=MOST_DAYS):
        raise Invalid({"ends": Text("时间段最长两百天", "At most two hundred days at once")})

    def read(session: Session) -> Page[ClassOut]:
        found = queries.seen_between(
            session, call.viewer, begins, ends, after=query.after_moment, limit=query.limit + 1
        )
        page, following = cut(found, query.limit, lambda live: (live.begins_at, live.id))
        items = [class_out(live, call.viewer.account_id) for live in page]
        return Page(items=items, next=following)

    return await call.read(read)


@api.post("/classes", "Book a class; its partners are asked", status=201)
async def book(call: Call, body: ClassIn) -> ClassOut:
    def write(session: Session) -> ClassOut:
        made = booking.book(session, call.viewer, wanted_of(call.viewer, body))
        return class_out(made, call.viewer.account_id)

    return await call.write(write)


def wanted_of(viewer: Viewer, body: ClassIn) -> Wanted:
    """A class as it is asked for. Raises Forbidden: by somebody of no school."""
    school_id = body.school_id if body.school_id is not None else viewer.home_school_id
    if school_id is None:
        raise Forbidden
    return Wanted(
        title=body.title,
        mode=body.mode,
        purpose=body.purpose,
        # No class is on the fraction of a second; moved by one, its partners would be asked again.
        begins_at=body.begins_at.replace(microsecond=0),
        ends_at=body.ends_at.replace(microsecond=0),
        teacher_id=viewer.account_id if body.teacher_id is None else body.teacher_id,
        school_id=school_id,
        room_id=body.room_id,
        seats=tuple((seat.room_id, seat.teacher_id) for seat in body.seats),
        subject=body.subject,
        grade=body.grade,
        audience=None if body.audience is None else frozenset(body.audience),
        materials=tuple(body.materials),
        recording=RecordingRule(**body.recording.model_dump()) if body.recording else None,
    )


@api.get("/classes/{id}", "A class")
async def show(call: Call, id: int) -> ClassOut:
    return await call.read(_told, call.viewer, id)


@api.patch(
    "/classes/{id}",
    "Change a booked class; who is moved, or recorded more, is asked again",
)
async def change(call: Call, id: int, body: ClassChanges) -> ClassOut:
    def write(session: Session) -> None:
        live = queries.visible_class(session, call.viewer, id)
        whole = body.applied_to(booked_as(live, tokens.invited(session, live)))
        changes.change(session, call.viewer, id, wanted_of(call.viewer, whole), body.scope)

    await call.write(write)
    return await call.read(_told, call.viewer, id)


def _told(session: Session, viewer: Viewer, class_id: int) -> ClassOut:
    return class_out(queries.visible_class(session, viewer, class_id), viewer.account_id)


@api.post("/classes/{id}/materials", "Add materials to a class, also while it runs")
async def add_materials(call: Call, id: int, body: MaterialsIn) -> ClassOut:
    await call.write(more_materials.add, call.viewer, id, body.materials)
    return await call.read(_told, call.viewer, id)


@api.post("/classes/{id}/start", "Start a class; started twice, it goes on")
async def start(call: Call, id: int) -> ClassOut:
    await call.write(lifecycle.begin, call.viewer, id)
    return await call.read(_told, call.viewer, id)


@api.post(
    "/classes/{id}/end", "End a class; its recording is in the library at once", answer=ClassOut
)
async def end(call: Call, id: int) -> ClassOut | web.StreamResponse:
    live = await call.read(queries.held_class, call.viewer, id)
    if live.state != vocabulary.State.ENDED:
        try:
            await ending.end(call.request.app, id)
        except CarriedElsewhere as elsewhere:
            return await forward(call.request, elsewhere)
    return await call.read(_told, call.viewer, id)


@api.post("/classes/{id}/cancel", "Call a class off before it has begun")
async def cancel(call: Call, id: int, body: Cancelled) -> ClassOut:
    await call.write(changes.cancel, call.viewer, id, body.because, body.scope)
    return await call.read(_told, call.viewer, id)


@api.post("/classes/{id}/confirm", "Say that all rooms of my school take part")
async def confirm(call: Call, id: int, body: Confirmed) -> ClassOut:
    def write(session: Session) -> None:
        live = queries.visible_class(session, call.viewer, id)
        mine = [s.room_id for s in live.seats if s.room.school_id in call.viewer.school_ids]
        # Of one's own class as well: its own rooms wait for nobody's answer.
        if not mine:
            raise Forbidden
        for room_id in mine:
            confirmed = vocabulary.SeatState.CONFIRMED
            answers.answer(session, call.viewer, id, room_id, confirmed, scope=body.scope)

    await call.write(write)
    return await call.read(_told, call.viewer, id)


@api.put("/classes/{id}/seats/{room}", "Say whether a room of my school takes part")
async def answer(call: Call, id: int, room: int, body: Answer) -> ClassOut:
    def write(session: Session) -> None:
        answers.answer(
            session,
            call.viewer,
            id,
            room,
            body.state,
            teacher_id=body.teacher_id,
            because=body.because,
            scope=body.scope,
        )

    await call.write(write)
    return await call.read(_told, call.viewer, id)


@api.get("/rooms", "The classrooms of my school and of its partners")
async def rooms(call: Call) -> Rooms:
    def read(session: Session) -> Rooms:
        found = bookable.partner_rooms(session, call.viewer)
        return Rooms(items=[room_out(room) for room in found])

    return await call.read(read)
