"""A class's own page: what, who, when; the partner's answer, calling off, and the doors."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web
from sqlalchemy.orm import Session

from services.classes.agenda.class_cards import card, cards, door
from services.classes.booking import clash_words, holiday_words
from services.classes.booking.choices import Taken
from services.classes.booking.form import scope_of
from services.classes.school import audience_choices
from services.http.api import parse_id
from services.http.call import Call
from services.web import views
from services.web.page import Pages, done, form_values, show
from tongke import clock
from tongke.classes.after import attending, recorded
from tongke.classes.agenda import holidays, mine
from tongke.classes.models import LiveClass, Seat
from tongke.classes.plan import answers, changes, materials, more_materials, terms
from tongke.classes.plan.occupancy import Clashes
from tongke.classes.plan.terms import TermsChanged
from tongke.classes.queries import hears_why, may_watch, seat_in, seats_in_order, visible_class
from tongke.classes.school import bookable
from tongke.classes.school.recording_rule import RecordingRule
from tongke.classes.vocabulary import SeatState, State
from tongke.errors import Invalid
from tongke.library.queries import may_see
from tongke.people.audience import Viewer
from tongke.people.models import Account, Room

pages = Pages()


@pages.get("/classes/{id}")
async def class_page(call: Call) -> web.StreamResponse:
    return await _show(call)


@pages.post("/classes/{id}/cancel")
async def cancel(call: Call) -> web.StreamResponse:
    class_id = _id(call)
    values = await form_values(call.request)
    because = values.get("because", "")
    try:
        await call.write(changes.cancel, call.viewer, class_id, because, scope_of(values))
    except Invalid as error:
        return await _show(call, cancelling=views.Form(values, error.fields), status=error.status)
    return done(f"/classes/{class_id}", "class-cancelled")


@pages.post("/classes/{id}/seats/{room}/confirm")
async def confirm(call: Call) -> web.StreamResponse:
    return await _answer(call, SeatState.CONFIRMED)


@pages.post("/classes/{id}/seats/{room}/decline")
async def decline(call: Call) -> web.StreamResponse:
    return await _answer(call, SeatState.DECLINED)


async def _answer(call: Call, state: SeatState) -> web.StreamResponse:
    class_id, room_id = _id(call), parse_id(call.request.match_info["room"])
    values = await form_values(call.request)
    teacher = values.get("teacher", "")

    def write(session: Session) -> int:
        answered = answers.answer(
            session,
            call.viewer,
            class_id,
            room_id,
            state,
            teacher_id=parse_id(teacher) if teacher else None,
            because=values.get("because", ""),
            scope=scope_of(values),
            as_shown=values.get("shown"),
        )
        return len(answered)

    try:
        count = await call.write(write)
    except (Clashes, Invalid, TermsChanged) as error:
        wrong = error.fields if isinstance(error, Invalid) else {}
        which = {"room": str(room_id), "answer": state.value}
        form = views.Form({**values, **which}, wrong, failure=error)
        clashes = error if isinstance(error, Clashes) else None
        return await _show(call, answering=form, refused=clashes, status=error.status)
    said = "confirmed" if state is SeatState.CONFIRMED else "declined"
    if count > 1:
        return done(f"/classes/{class_id}", f"classes-{said}", num=count)
    return done(f"/classes/{class_id}", f"class-{said}")


def _id(call: Call) -> int:
    return parse_id(call.request.match_info["id"])


async def _show(
    call: Call,
    *,
    cancelling: views.Form | None = None,
    answering: views.Form | None = None,
    refused: Clashes | None = None,
    status: int = 200,
) -> web.Response:
    class_id = _id(call)

    def read(session: Session) -> views.ClassView:
        found = refused.found if refused else ()
        lines = clash_words.lines(session, call.viewer, found, call.language)
        live = visible_class(session, call.viewer, class_id)
        return _view(session, call, live, cancelling, answering, tuple(lines))

    return await show(call, await call.read(read), status=status)


def _view(
    session: Session,
    call: Call,
    live: LiveClass,
    cancelling: views.Form | None,
    answering: views.Form | None,
    clashes: tuple[str, ...],
) -> views.ClassView:
    viewer, now = call.viewer, clock.now()
    rule = RecordingRule.of(live.recording_rule)
    lead = session.get(Room, live.room_id) if live.room_id is not None else None
    others = [each for each in changes.following(session, live) if each.id != live.id]
    waiting = mine.waits_with(session, viewer, live, now)
    taken = Taken.of(session, live)
    came = attending.came_to(session, live, now) if live.ended_at else None
    seats = tuple(
        replace(
            _seat(session, viewer, live, seat, taken),
            following=sum(seat_in(each, seat.room_id) is not None for each in others),
            came=None if came is None else seat.room_id in came,
        )
        for seat in seats_in_order(live)
    )
    answers_for = any(seat.answer is not None for seat in seats)
    return views.ClassView(
        card=card(session, live, viewer, now),
        grade=live.grade,
        lead_room=lead.name if lead else None,
        booked_by=_name_of_booker(session, live),
        seats=seats,
        materials=tuple(_materials(session, viewer, live)),
        audience=audience_choices.named(session, live, call.language),
        rooms_seen=rule.rooms_seen,
        rooms_heard=rule.rooms_heard,
        series=cards(session, _seen(session, viewer, others), viewer, now),
        may_change=changes.changeable(viewer, live),
        door=door(live, viewer, now),
        recording_url=_recording_url(session, viewer, live),
        has_records=live.state == State.ENDED and not recorded.is_device(viewer),
        cancelling=cancelling or views.Form(),
        answering=answering or views.Form(),
        clashes=clashes,
        in_series=live.series is not None,
        may_add_materials=more_materials.takes_more(viewer, live),
        answers_all=len(waiting) > 1 and waiting[0] is live,
        terms=terms.shown(session, [live, *others]) if answers_for else "",
        days_off=_days_off(session, call, [live, *others]) if answers_for else (),
        may_decline=not answers.has_begun(live),
    )


def _days_off(session: Session, call: Call, rows: list[LiveClass]) -> tuple[str, ...]:
    """Where whoever answers would say yes to a holiday, of her own school or of the other."""
    mine = call.viewer.school_ids
    held = [
        (row.begins_at, {row.school_id, *(mine & {seat.room.school_id for seat in row.seats})})
        for row in _seen(session, call.viewer, rows)
    ]
    found = holidays.days_off(session, held)
    return tuple(holiday_words.lines(found, call.language))


def _seat(
    session: Session, viewer: Viewer, live: LiveClass, seat: Seat, taken: Taken
) -> views.SeatRow:
    ahead = live.state == State.BOOKED and live.ends_at > clock.now()
    may = ahead and seat.room.school_id in viewer.school_ids - {live.school_id}
    concerns = hears_why(viewer, live, seat)
    return views.SeatRow(
        room_id=seat.room_id,
        room=seat.room.name,
        school=seat.room.school.name,
        teacher=seat.teacher.name if seat.teacher else None,
        state=seat.state,
        because=seat.declined_because if concerns else "",
        device_came=seat.room.account is not None and seat.room.account.last_sign_in_at is not None,
        answer=_people(session, seat) if may else None,
        taken=concerns and seat.room_id in taken.rooms,
        teacher_taken=concerns and seat.room_id in taken.beside,
    )


def _people(session: Session, seat: Seat) -> tuple[views.Option, ...]:
    school = seat.room.school_id
    people = bookable.teachers_of(session, [school]).get(school, [])
    return tuple(views.Option(str(p.id), p.name, p.id == seat.teacher_id) for p in people)


def _materials(session: Session, viewer: Viewer, live: LiveClass) -> list[views.MaterialRow]:
    held = materials.of_class(session, live)
    bare = materials.without_pages(session, [row.id for row in held])
    return [
        views.MaterialRow(
            row.title,
            row.kind,
            f"/resources/{row.id}" if may_see(session, viewer, row.id) else None,
            row.id not in bare,
        )
        for row in held
    ]


def _seen(session: Session, viewer: Viewer, rows: list[LiveClass]) -> list[LiveClass]:
    """Of a series, too, each is seen for itself: a room may take part in some of it."""
    return [row for row in rows if may_watch(session, viewer, row.id)]


def _name_of_booker(session: Session, live: LiveClass) -> str:
    return session.get_one(Account, live.booked_by_id).name


def _recording_url(session: Session, viewer: Viewer, live: LiveClass) -> str | None:
    number = recorded.recording_for(session, viewer, live)
    return None if number is None else f"/resources/{number}"
