"""What is kept of a class: who was there, what came of the questions, notes and forms."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web
from sqlalchemy.orm import Session

from services.http.api import parse_id
from services.http.call import Call
from services.library import lesson_marks
from services.live import attendance_sheet
from services.live.observation_views import form_shown, named
from services.web.page import Pages, show
from services.web.views.observation import (
    AfterView,
    OptionCount,
    QuizRow,
    RoomAnswers,
    RoomRow,
)
from tongke import clock
from tongke.classes import attending, queries, recorded
from tongke.classes.models import LiveClass
from tongke.classes.recorded import Asked
from tongke.errors import NotFound
from tongke.live.attendance import RoomAttendance, rows
from tongke.observation import forms, sums
from tongke.people.audience import Viewer

pages = Pages()


@pages.get("/classes/{id}/after")
async def after(call: Call) -> web.StreamResponse:
    class_id = parse_id(call.request.match_info["id"])
    return await show(call, await call.read(_view, call.viewer, class_id))


@pages.get("/classes/{id}/attendance.xlsx")
async def attendance(call: Call) -> web.StreamResponse:
    class_id = parse_id(call.request.match_info["id"])
    view = await call.read(_view, call.viewer, class_id)
    return attendance_sheet.respond(view, call.language)


def kept_class(session: Session, viewer: Viewer, class_id: int) -> LiveClass:
    """A class for who may read what is kept of it: whoever sees it, but for a classroom's device,
    whose screen pupils look at. Raises NotFound."""
    live = queries.visible_class(session, viewer, class_id)
    if recorded.is_device(viewer):
        raise NotFound
    return live


def _view(session: Session, viewer: Viewer, class_id: int) -> AfterView:
    live = kept_class(session, viewer, class_id)
    now = clock.now()
    log = recorded.log_of(session, class_id, attending.KINDS)
    present = attending.of_class(live, log, now)
    time = recorded.time_of(session, class_id)
    state = recorded.state_of(session, class_id)
    notes = lesson_marks.notes_for(session, viewer, live, state, time)
    shown = forms.sent(session, class_id) if forms.may_read(viewer, live) else None
    return AfterView(
        live=named(live, recorded.recording_for(session, viewer, live)),
        outcome=attending.outcome_of(live, present, now),
        cancelled_because=live.cancelled_because,
        started_at=live.started_at,
        ended_at=live.ended_at,
        attendance=room_rows(session, present),
        quizzes=quiz_rows(session, live, recorded.asked(viewer, live, state, time)),
        chapters=lesson_marks.chapter_marks(recorded.chapters_of(session, live, time)),
        duration_s=time.duration_s,
        notes=notes,
        heat=lesson_marks.heat(notes or (), time.duration_s),
        forms=None if shown is None else tuple(form_shown(session, form) for form in shown),
        sums=None if shown is None else sums.sums(form.stars for form in shown),
        may_observe=forms.may_observe(viewer, live),
    )


def room_rows(session: Session, present: list[RoomAttendance]) -> tuple[RoomRow, ...]:
    names = attending.room_names(session, [room.room for room in present])
    found = []
    for row in rows(present):
        school, room = names.get(row.room, ("", str(row.room)))
        found.append(
            RoomRow(
                school,
                room,
                row.came_at,
                row.went_at,
                row.seconds_present,
                row.late_by_s,
                row.left_early_s,
                row.interruptions,
                row.gone.value if row.gone else None,
                row.last_count,
                row.greatest_count,
            )
        )
    return tuple(found)


def quiz_rows(session: Session, live: LiveClass, asked: list[Asked]) -> tuple[QuizRow, ...]:
    """Whoever sits in no room is counted with the lead school."""
    seats = {room.room for each in asked for room in each.result.rooms}
    known = attending.room_names(session, [int(seat) for seat in seats if seat.isdecimal()])
    names = {str(room): f"{school} {name}" for room, (school, name) in known.items()}
    told = {seat: names.get(seat, live.school.name) for seat in seats}
    return tuple(_quiz(told, number, each) for number, each in enumerate(asked, 1))


def _quiz(rooms: Mapping[str, str], number: int, asked: Asked) -> QuizRow:
    question, result = asked.question, asked.result
    texts = dict(zip(question.keys, question.options, strict=False))
    return QuizRow(
        number,
        asked.seconds,
        question.text,
        question.kind,
        result.answered,
        result.right,
        result.rate,
        tuple(
            OptionCount(each.key, texts.get(each.key, ""), each.count, each.right)
            for each in result.counts
        ),
        tuple(
            RoomAnswers(rooms[each.room], each.answered, each.right, each.rate)
            for each in result.rooms
        ),
    )
