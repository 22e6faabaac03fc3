"""Observing a lesson (听课评课): the form, what came of it, and the rubric it is filled by."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aiohttp import web
from sqlalchemy.orm import Session

from services.classes.observing.observation_views import (
    form_shown,
    in_time,
    items,
    named,
    rubric_named,
)
from services.http.api import parse_id
from services.http.call import Call
from services.web.page import Pages, done, form_values, organisation, show
from services.web.views import Form
from services.web.views.marks import TimedNote
from services.web.views.observation import (
    FormView,
    ObservationsView,
    ObserveView,
    RubricView,
)
from tongke.classes.after import recorded
from tongke.classes.models import LiveClass
from tongke.classes.vocabulary import State
from tongke.errors import Invalid
from tongke.live.bodies import Note
from tongke.live.state import ClassState
from tongke.observation import forms, lists, noted, rubrics, sums
from tongke.observation.forms import FormState, Opened, Written
from tongke.observation.models import Observation
from tongke.people.audience import RoleName, Viewer

pages = Pages()


@pages.get("/classes/{id}/observe")
async def observe(call: Call) -> web.StreamResponse:
    class_id = parse_id(call.request.match_info["id"])
    return await show(call, await call.read(_form_view, call, class_id, None))


@pages.post("/classes/{id}/observe")
async def keep(call: Call) -> web.StreamResponse:
    """Kept as a draft, or sent: `action` says which."""
    class_id = parse_id(call.request.match_info["id"])
    values = await form_values(call.request)
    send = values.get("action") == "send"
    try:
        form_id = await call.write(_keep, call.viewer, class_id, values, send)
    except Invalid as error:
        view = await call.read(_form_view, call, class_id, Form(values, error.fields))
        return await show(call, view, status=error.status)
    except _NOT_KEPT as error:
        view = await call.read(_form_view, call, class_id, Form(values, failure=error))
        return await show(call, view, status=error.status)
    if send:
        return done(f"/observations/{form_id}", "form-sent")
    return done(f"/classes/{class_id}/observe", "form-kept")


def _keep(
    session: Session, viewer: Viewer, class_id: int, values: Mapping[str, str], send: bool
) -> int:
    written = Written(_stars(values), values.get("strengths", ""), values.get("advice", ""))
    opened = Opened(_items(values), values.get("version", ""))
    form = forms.keep(session, viewer, class_id, written, opened, send=send)
    session.flush()
    return form.id


_NOT_KEPT = (forms.NotGiven, forms.AlreadySent, forms.ChangedElsewhere, forms.RubricChanged)
_STARS = frozenset(str(star) for star in range(1, rubrics.MOST_STARS + 1))


def _items(values: Mapping[str, str]) -> list[str]:
    """The items that a form had when it was opened: the rubric may be another one since."""
    names = (values.get(f"item-{position}") for position in range(rubrics.MOST_ITEMS))
    return [name for name in names if name]


def _stars(values: Mapping[str, str]) -> dict[str, int]:
    """The stars that were given, by the names of the items that they were given to."""
    given = ((name, values.get(f"star-{n}", "")) for n, name in enumerate(_items(values)))
    return {name: int(star) for name, star in given if star in _STARS}


def _form_view(session: Session, call: Call, class_id: int, typed: Form | None) -> ObserveView:
    viewer = call.viewer
    live = forms.observed(session, viewer, class_id)
    begun = forms.mine(session, viewer, class_id)
    name, rubric = (
        (begun.rubric_name, begun.rubric) if begun else rubrics.of_school(session, live.school_id)
    )
    stars = _stars(typed.values) if typed else dict(begun.stars) if begun else {}
    sent = begun is not None and begun.state == FormState.SENT
    changed = typed is not None and isinstance(typed.failure, forms.ChangedElsewhere)
    return ObserveView(
        live=named(live, recorded.recording_for(session, viewer, live)),
        is_over=live.state == State.ENDED,
        rubric=rubric_named(name),
        items=items(rubric, stars),
        notes=_own_notes(session, viewer, live),
        form=typed or Form(_stored(begun)),
        may_send=live.state in (State.RUNNING, State.ENDED),
        kept_at=begun.updated_at if begun else None,
        sent_at=begun.sent_at if begun and sent else None,
        form_id=begun.id if begun else None,
        version=forms.version_of(begun),
        kept=form_shown(session, begun, call.language) if begun and changed else None,
    )


def _stored(form: Observation | None) -> dict[str, str]:
    return {} if form is None else {"strengths": form.strengths, "advice": form.advice}


def _own_notes(session: Session, viewer: Viewer, live: LiveClass) -> tuple[TimedNote, ...]:
    """What this observer wrote during the lesson, beside her form."""
    if live.started_at is None:
        return ()
    state = recorded.state_of(session, live.id)
    seconds_at = _clock_of(session, live, state)
    found = [
        TimedNote(note.text, seconds_at(note.shown_ms))
        for event in state.notes.values()
        if isinstance(note := event.body, Note) and event.by.id == str(viewer.account_id)
    ]
    return tuple(sorted(found, key=lambda note: note.seconds))


def _clock_of(session: Session, live: LiveClass, state: ClassState) -> Callable[[int], float]:
    """The seconds of a moment: in the recording of a class that is over, as everywhere else; until
    then since its begin."""
    if live.state == State.ENDED:
        return recorded.time_of(session, live.id).seconds_at
    began = live.started_at.timestamp() * 1000 if live.started_at else 0.0
    began_ms = state.begun_ms or began
    return lambda media_ms: max(0.0, (media_ms - began_ms) / 1000)


@pages.get("/observations")
async def observations(call: Call) -> web.StreamResponse:
    """What I wrote of others' lessons, and what others wrote of mine."""
    return await show(call, await call.read(_list, call))


def _list(session: Session, call: Call) -> ObservationsView:
    viewer = call.viewer
    received = lists.received_by(session, viewer)
    return ObservationsView(
        written=in_time(
            session,
            lists.written_by(session, viewer),
            noted.written_by(session, viewer),
            call.language,
        ),
        received=in_time(session, received, noted.received_by(session, viewer), call.language),
        sums=sums.sums(form.stars for form in received),
        may_set_rubric=viewer.has(RoleName.OFFICER, RoleName.SCHOOL_ADMIN),
        has_written=lists.has_written(session, viewer),
    )


@pages.get("/observations/{id}")
async def one(call: Call) -> web.StreamResponse:
    form_id = parse_id(call.request.match_info["id"])
    return await show(call, await call.read(_one, call, form_id, Form()))


@pages.post("/observations/{id}/reply")
async def reply(call: Call) -> web.StreamResponse:
    form_id = parse_id(call.request.match_info["id"])
    values = await form_values(call.request)
    try:
        await call.write(forms.reply, call.viewer, form_id, values.get("reply", ""))
    except Invalid as error:
        view = await call.read(_one, call, form_id, Form(values, error.fields))
        return await show(call, view, status=error.status)
    return done(f"/observations/{form_id}", "form-answered")


def _one(session: Session, call: Call, form_id: int, typed: Form) -> FormView:
    form = forms.readable(session, call.viewer, form_id)
    teaches = form.live_class.teacher_id == call.viewer.account_id
    return FormView(
        shown=form_shown(session, form, call.language),
        may_reply=teaches and form.replied_at is None,
        form=typed,
    )


@pages.get("/rubric")
async def rubric_page(call: Call) -> web.StreamResponse:
    return await show(call, await call.read(_rubric_view, call.viewer, None))


@pages.post("/rubric")
async def save_rubric(call: Call) -> web.StreamResponse:
    """Set, or given up: `action` says which."""
    values = await form_values(call.request)
    if values.get("action") == "give-up":
        await call.write(rubrics.give_up, call.viewer)
        return done("/rubric", "rubric-given-up")
    try:
        await call.write(rubrics.save, call.viewer, values.get("name", ""), values.get("items", ""))
    except Invalid as error:
        view = await call.read(_rubric_view, call.viewer, Form(values, error.fields))
        return await show(call, view, status=error.status)
    return done("/rubric", "saved")


def _rubric_view(session: Session, viewer: Viewer, typed: Form | None) -> RubricView:
    school_id, region_code = rubrics.home_of(viewer)
    name, found = rubrics.in_force(session, school_id, region_code)
    return RubricView(
        place=organisation(session, viewer),
        own=rubrics.own(session, school_id, region_code) is not None,
        form=typed or Form({"name": name, "items": rubrics.written_out(found)}),
    )
