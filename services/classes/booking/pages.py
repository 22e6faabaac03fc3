"""Booking a class and changing one, by a plain form."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from aiohttp import web
from sqlalchemy.orm import Session

from services.classes.booking import clash_words, form, meanwhile
from services.classes.booking.choices import book_view
from services.classes.booking.form import Asked, by_field
from services.classes.booking.meanwhile import ChangedMeanwhile
from services.http.api import parse_id
from services.http.call import Call
from services.web import views
from services.web.page import Pages, done, show
from tongke import clock
from tongke.classes.models import LiveClass
from tongke.classes.plan import booking, changes, planned
from tongke.classes.plan.changes import MayNotChange, may_change
from tongke.classes.plan.occupancy import Clashes
from tongke.classes.queries import visible_class
from tongke.classes.school import groups, recording_rule
from tongke.classes.times import school_times
from tongke.classes.times.timetable import Occurrence
from tongke.errors import Invalid
from tongke.people.audience import Viewer

pages = Pages()


@pages.get("/classes/new")
async def new_page(call: Call) -> web.StreamResponse:
    query = call.request.query
    given = {name: query[name] for name in ("school", "day", "period") if name in query}
    return await show(call, await call.read(_new, call, given))


def _new(session: Session, call: Call, given: dict[str, str]) -> views.BookView:
    school_id = form.school_of(call.viewer, given)
    rule = recording_rule.of_school(session, school_id)
    audience = recording_rule.audience_of_school(session, call.viewer, school_id)
    values = {
        "day": clock.today().isoformat(),
        "mode": "interactive",
        "purpose": "lesson",
        "repeat": "once",
        "teacher": str(call.viewer.account_id),
        "audience": " ".join(sorted(audience)),
        **({"rooms_seen": "1"} if rule.rooms_seen else {}),
        **({"rooms_heard": "1"} if rule.rooms_heard else {}),
        **given,
    }
    return book_view(session, call, school_id, views.Form(values))


@pages.post("/classes/new")
async def book(call: Call) -> web.StreamResponse:
    values = await form.posted(call.request)
    try:
        number = await call.write(_book, call.viewer, values)
    except (Invalid, Clashes) as error:
        return await _again(call, values, error, None)
    return done(f"/classes/{number}", "class-booked")


def _book(session: Session, viewer: Viewer, values: dict[str, str]) -> int:
    school_id = form.school_of(viewer, values)
    asked = form.read(session, school_id, values)
    times = planned.occurrences(asked.when, school_times.of_school(session, school_id), clock.now())
    if asked.when.repeat is planned.Repeat.ONCE:
        made = booking.book(session, viewer, _at(asked, times[0]))
    else:
        made = booking.book_series(session, viewer, asked.wanted, times)[0]
    _keep_group(session, viewer, asked)
    return made.id


def _at(asked: Asked, when: Occurrence) -> booking.Wanted:
    return replace(asked.wanted, begins_at=when.begins_at, ends_at=when.ends_at)


def _keep_group(session: Session, viewer: Viewer, asked: Asked) -> None:
    if asked.group:
        rooms = [room for room, _ in asked.wanted.seats]
        groups.save(session, viewer, asked.wanted.school_id, asked.group, rooms)


@pages.get("/classes/{id}/edit")
async def edit_page(call: Call) -> web.StreamResponse:
    class_id = parse_id(call.request.match_info["id"])
    return await show(call, await call.read(_edit, call, class_id))


def _edit(session: Session, call: Call, class_id: int) -> views.BookView:
    live = _changeable(session, call.viewer, class_id)
    values = form.of_class(session, live)
    values["shown"] = meanwhile.as_shown(values)
    return book_view(session, call, live.school_id, views.Form(values), live)


def _changeable(session: Session, viewer: Viewer, class_id: int) -> LiveClass:
    live = visible_class(session, viewer, class_id)
    if not may_change(viewer, live):
        raise MayNotChange
    changes.check_ahead(live)
    return live


@pages.post("/classes/{id}/edit")
async def edit(call: Call) -> web.StreamResponse:
    class_id = parse_id(call.request.match_info["id"])
    values = await form.posted(call.request)
    try:
        await call.write(_change, call.viewer, class_id, values)
    except ChangedMeanwhile as error:
        return await _merged(call, error, class_id)
    except (Invalid, Clashes) as error:
        return await _again(call, values, error, class_id)
    return done(f"/classes/{class_id}", "class-changed")


def _change(session: Session, viewer: Viewer, class_id: int, values: dict[str, str]) -> None:
    live = _changeable(session, viewer, class_id)
    meanwhile.must_be_as_shown(values, form.of_class(session, live))
    values = {**values, **form.untouched_teachers(live, values), "repeat": ""}
    asked = form.read(session, live.school_id, values)
    school = school_times.of_school(session, live.school_id)
    # What stays at its time may have begun to be near.
    before = min(clock.now(), live.begins_at - timedelta(minutes=1))
    when = planned.occurrences(asked.when, school, before)[0]
    changes.change(session, viewer, class_id, _at(asked, when), asked.scope)
    _keep_group(session, viewer, asked)


async def _merged(call: Call, error: ChangedMeanwhile, class_id: int) -> web.Response:
    """The form with what was typed and what somebody else changed; it shows the class of now."""

    def read(session: Session) -> views.BookView:
        live = _changeable(session, call.viewer, class_id)
        shown = meanwhile.as_shown(form.of_class(session, live))
        again = views.Form({**error.typed, "shown": shown}, error.both, failure=error)
        return book_view(session, call, live.school_id, again, live)

    return await show(call, await call.read(read), status=error.status)


async def _again(
    call: Call, values: dict[str, str], error: Invalid | Clashes, class_id: int | None
) -> web.Response:
    """The form with what was typed, and what is wrong beside it."""

    def read(session: Session) -> views.BookView:
        live = None if class_id is None else _changeable(session, call.viewer, class_id)
        school_id = live.school_id if live else form.school_of(call.viewer, values)
        if isinstance(error, Clashes):
            lines = clash_words.lines(session, call.viewer, error.found, call.language)
            shown = views.Form(values, failure=error)
            return book_view(session, call, school_id, shown, live, tuple(lines))
        shown = views.Form(values, by_field(error), failure=error)
        return book_view(session, call, school_id, shown, live)

    return await show(call, await call.read(read), status=error.status)
