"""What is kept of a class, over JSON: attendance, cues, notes and results."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web
from pydantic import BaseModel, JsonValue
from sqlalchemy.orm import Session

from services.classes.after.kept import attendance_of, kept_class, quiz_rows, trainees_of
from services.http.api import Api, in_json
from services.http.call import Call
from services.web.views.after import Attendance, QuizRow, TraineeAttendance
from tongke import clock
from tongke.classes import kept_log
from tongke.classes.after import attending, recorded
from tongke.classes.after.outcome import Outcome
from tongke.classes.after.recorded import NoteAt
from tongke.classes.after.recorded_time import RecordedTime
from tongke.classes.kept_log import Numbered
from tongke.errors import NotFound
from tongke.live.bodies import Stroke
from tongke.live.cues import CUES, cue_of, openly
from tongke.live.events import Event
from tongke.people.audience import Viewer
from tongke.storage.beside import beside

api = Api("classes")


class Attended(BaseModel):
    """`outcome` is null while the class is to come or runs. `rooms` are those that were asked, or
    came: also those that had `declined`, which were not due. `trainees` are the teachers of a
    training who were there from desks of their own: all to who holds it or is above them, else
    oneself."""

    outcome: Outcome | None
    rooms: list[Attendance]
    trainees: list[TraineeAttendance]


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


class Notes(BaseModel):
    items: list[NoteAt]


class Results(BaseModel):
    items: list[QuizRow]


@api.get("/classes/{id}/attendance", "Who was in a class, from when to when")
async def attendance(call: Call, id: int) -> Attended:
    return await call.read(_attendance, call.viewer, id)


def _attendance(session: Session, viewer: Viewer, class_id: int) -> Attended:
    live, now = kept_class(session, viewer, class_id), clock.now()
    present = attending.of_class(session, live, now)
    desks = attending.at_desks(session, live, now)
    return Attended(
        outcome=attending.outcome_of(live, present, desks, now),
        rooms=list(attendance_of(session, viewer, live, present)),
        trainees=list(trainees_of(session, viewer, live, now)),
    )


@api.get("/classes/{id}/cues", "What happened on the screen of a lesson", answer=Cues)
async def cues(call: Call, id: int) -> web.Response:
    return in_json(await call.read(_cues, call.viewer, id))


def _cues(session: Session, viewer: Viewer, class_id: int) -> bytes:
    kept_class(session, viewer, class_id)
    time = recorded.time_of(session, class_id)
    log = kept_log.numbered_log(session, class_id, CUES)
    return beside(sum(_rows(happened) for _, happened in log), _written, log, time)


def _rows(happened: Event) -> int:
    """How much there is to write of it."""
    return len(happened.body.points) if isinstance(happened.body, Stroke) else 1


def _written(log: Iterable[Numbered], time: RecordedTime) -> bytes:
    """`Cues` in JSON, written one after the other: all of a lesson's strokes at once would let
    nobody else have a turn, not even from a thread."""
    found = (cue for seq, happened in log if (cue := cue_of(happened, seq)) is not None)
    items = (
        CueOut(
            id=cue.id,
            media_ms=cue.media_ms,
            seconds=time.seconds_at(cue.media_ms),
            kind=cue.kind,
            payload=openly(cue.payload),
        )
        for cue in found
    )
    return b'{"items":[%b]}' % b",".join(item.model_dump_json().encode() for item in items)


@api.get("/classes/{id}/notes", "The notes that I read of a lesson, at its recording's seconds")
async def notes(call: Call, id: int) -> Notes:
    return await call.read(_notes, call.viewer, id)


def _notes(session: Session, viewer: Viewer, class_id: int) -> Notes:
    live = kept_class(session, viewer, class_id)
    state, time = recorded.state_of(session, class_id), recorded.time_of(session, class_id)
    found = recorded.notes(session, viewer, live, state, time)
    if found is None:
        raise NotFound
    return Notes(items=found)


@api.get("/classes/{id}/results", "What came of the questions of a lesson, room by room")
async def results(call: Call, id: int) -> Results:
    return await call.read(_results, call.viewer, id)


def _results(session: Session, viewer: Viewer, class_id: int) -> Results:
    live = kept_class(session, viewer, class_id)
    state = recorded.state_of(session, class_id)
    asked = recorded.asked(viewer, live, state, recorded.time_of(session, class_id))
    return Results(items=list(quiz_rows(session, live, asked)))
