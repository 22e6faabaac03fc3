"""What is kept of a class, over JSON: attendance, cues, notes and results."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, JsonValue
from sqlalchemy.orm import Session

from services.http.api import Api
from services.http.call import Call
from services.live.after_pages import kept_class, quiz_rows, room_rows
from tongke import clock
from tongke.classes import attending, recorded
from tongke.classes.outcome import Outcome
from tongke.errors import NotFound
from tongke.live.cues import CUES, cue_of, openly
from tongke.people.audience import Viewer

api = Api("classes")


class RoomPresent(BaseModel):
    """A receiving room in a class. Lengths are seconds; a room that never came has no times."""

    school: str
    room: str
    came_at: datetime | None
    went_at: datetime | None
    present_s: int
    late_s: int | None
    early_s: int | None
    interruptions: int
    gone: str | None
    last_count: int | None
    greatest_count: int | None


class Attendance(BaseModel):
    """`outcome` is null while the class is to come or runs."""

    outcome: Outcome | None
    rooms: list[RoomPresent]


class CueOut(BaseModel):
    """Something that happened on the screen of the lesson: at `media_ms` of the lesson's clock, and
    at `seconds` of its recording."""

    id: int
    media_ms: int
    seconds: float
    kind: str
    payload: dict[str, JsonValue]


class Cues(BaseModel):
    items: list[CueOut]


class NoteOut(BaseModel):
    seconds: float
    text: str
    author: str


class Notes(BaseModel):
    items: list[NoteOut]


class RoomAnswered(BaseModel):
    room: str
    answered: int
    right: int
    rate: float | None


class Option(BaseModel):
    key: str
    text: str
    count: int
    right: bool


class QuizOut(BaseModel):
    """A question and what came of it; `rate` is null of an opinion, or without answers."""

    number: int
    seconds: float
    text: str
    kind: str
    answered: int
    right: int
    rate: float | None
    options: list[Option]
    rooms: list[RoomAnswered]


class Results(BaseModel):
    items: list[QuizOut]


@api.get("/classes/{id}/attendance", "Which rooms were in a class, from when to when")
async def attendance(call: Call, id: int) -> Attendance:
    return await call.read(_attendance, call.viewer, id)


def _attendance(session: Session, viewer: Viewer, class_id: int) -> Attendance:
    live, now = kept_class(session, viewer, class_id), clock.now()
    log = recorded.log_of(session, class_id, attending.KINDS)
    present = attending.of_class(live, log, now)
    rooms = [
        RoomPresent.model_validate(row, from_attributes=True) for row in room_rows(session, present)
    ]
    return Attendance(outcome=attending.outcome_of(live, present, now), rooms=rooms)


@api.get("/classes/{id}/cues", "What happened on the screen of a lesson")
async def cues(call: Call, id: int) -> Cues:
    return await call.read(_cues, call.viewer, id)


def _cues(session: Session, viewer: Viewer, class_id: int) -> Cues:
    kept_class(session, viewer, class_id)
    time = recorded.time_of(session, class_id)
    found = [
        cue
        for seq, happened in recorded.numbered_log(session, class_id, CUES)
        if (cue := cue_of(happened, seq)) is not None
    ]
    return Cues(
        items=[
            CueOut(
                id=cue.id,
                media_ms=cue.media_ms,
                seconds=time.seconds_at(cue.media_ms),
                kind=cue.kind,
                payload=openly(cue.payload),
            )
            for cue in found
        ]
    )


@api.get("/classes/{id}/notes", "The observers' notes of a lesson, at its recording's seconds")
async def notes(call: Call, id: int) -> Notes:
    return await call.read(_notes, call.viewer, id)


def _notes(session: Session, viewer: Viewer, class_id: int) -> Notes:
    live = kept_class(session, viewer, class_id)
    if not recorded.reads_notes(viewer, live):
        raise NotFound
    state = recorded.state_of(session, class_id)
    found = recorded.notes(session, state, recorded.time_of(session, class_id))
    return Notes(items=[NoteOut.model_validate(note, from_attributes=True) for note in found])


@api.get("/classes/{id}/results", "What came of the questions of a lesson, room by room")
async def results(call: Call, id: int) -> Results:
    return await call.read(_results, call.viewer, id)


def _results(session: Session, viewer: Viewer, class_id: int) -> Results:
    live = kept_class(session, viewer, class_id)
    state = recorded.state_of(session, class_id)
    asked = recorded.asked(viewer, live, state, recorded.time_of(session, class_id))
    return Results(
        items=[
            QuizOut.model_validate(row, from_attributes=True)
            for row in quiz_rows(session, live, asked)
        ]
    )
