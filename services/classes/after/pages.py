"""What is kept of a class: who was there, what came of the questions, notes and forms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aiohttp import web
from sqlalchemy.orm import Session

from services.classes.after import attendance_sheet
from services.classes.after.kept import asked_of, attendance_of, kept_class, quiz_rows, trainees_of
from services.classes.observing.observation_views import form_shown, named
from services.http.api import parse_id
from services.http.call import Call
from services.library import lesson_marks
from services.web.page import Pages, show
from services.web.views.after import AfterView, OwnForm
from services.web.views.observation import FormShown
from tongke import clock
from tongke.classes.after import attending, recorded
from tongke.classes.vocabulary import State
from tongke.observation import forms, sums
from tongke.observation.forms import FormState
from tongke.observation.models import Observation

pages = Pages()


@pages.get("/classes/{id}/after")
async def after(call: Call) -> web.StreamResponse:
    class_id = parse_id(call.request.match_info["id"])
    return await show(call, await call.read(_view, call, class_id))


@pages.get("/classes/{id}/attendance.xlsx")
async def attendance(call: Call) -> web.StreamResponse:
    class_id = parse_id(call.request.match_info["id"])
    view = await call.read(_view, call, class_id)
    return await attendance_sheet.respond(view, call.language)


def _view(session: Session, call: Call, class_id: int) -> AfterView:
    viewer = call.viewer
    live = kept_class(session, viewer, class_id)
    now = clock.now()
    present = attending.of_class(session, live, now)
    desks = attending.at_desks(session, live, now)
    time = recorded.time_of(session, class_id)
    state = recorded.state_of(session, class_id)
    notes = lesson_marks.notes_for(session, viewer, live, state, time)
    shown = forms.sent(session, class_id) if forms.may_read(viewer, live) else None
    return AfterView(
        live=named(live, recorded.recording_for(session, viewer, live)),
        outcome=attending.outcome_of(live, present, desks, now),
        cancelled_because=live.cancelled_because,
        started_at=live.started_at,
        ended_at=live.ended_at,
        attendance=attendance_of(session, viewer, live, present),
        trainees=trainees_of(session, viewer, live, now),
        asked=asked_of(session, live, present, now),
        roll_called=attending.roll_called(session, class_id),
        quizzes=quiz_rows(session, live, recorded.asked(viewer, live, state, time)),
        chapters=lesson_marks.chapter_marks(recorded.chapters_of(session, live, time)),
        duration_s=time.duration_s,
        notes=notes,
        heat=lesson_marks.heat(notes or (), time.duration_s),
        forms=None if shown is None else tuple(_forms(session, call, shown)),
        sums=None if shown is None else sums.sums(form.stars for form in shown),
        may_observe=forms.may_observe(viewer, live),
        own_form=_own_form(forms.mine(session, viewer, class_id)),
        is_recorded=live.state == State.ENDED and live.resource_id is not None,
    )


def _own_form(form: Observation | None) -> OwnForm | None:
    if form is None:
        return None
    return OwnForm(form.id, form.state == FormState.SENT, form.replied_at is not None)


def _forms(session: Session, call: Call, sent: Iterable[Observation]) -> Iterator[FormShown]:
    return (form_shown(session, form, call.language) for form in sent)
