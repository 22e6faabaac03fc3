"""The timetable: a week by the periods of the school, and the private address of one's calendar."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime
from typing import Final
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from services.classes.agenda import class_cards
from services.classes.agenda.calendar import shown as calendar_shown
from services.http.call import Call
from services.web import views
from services.web.page import Pages, form_values, see_other, show
from tongke import clock
from tongke.classes import queries
from tongke.classes.agenda import subscription
from tongke.classes.models import LiveClass
from tongke.classes.room_order import in_order
from tongke.classes.times import school_times
from tongke.classes.times.school_times import Times
from tongke.classes.times.week import Row, Week, grid
from tongke.clock import CHINA
from tongke.errors import Invalid, Text
from tongke.people.audience import Viewer
from tongke.people.models import Room
from tongke.people.secret import new_secret

pages = Pages()

# As `new_secret` makes them: who sends fewer bits would have an address that can be guessed.
_ONCE: Final = re.compile(r"[\w-]{43}")
NOT_OURS = Text("请回到课表，再点一次", "Go back to the timetable and press again")


@pages.get("/timetable")
async def timetable(call: Call) -> web.StreamResponse:
    return await show(call, await call.read(_view, call, None))


@pages.get("/timetable/calendar")
async def subscribed(call: Call) -> web.StreamResponse:
    """Who comes to the address of the form's answer by another way sees the same week."""
    return see_other(f"/timetable?{call.request.query_string}")


@pages.post("/timetable/calendar")
async def subscribe(call: Call) -> web.StreamResponse:
    """The answer itself shows the address: it opens the calendar to whoever has it.

    Only from a session: a leaked token would make itself an heir.
    """
    call.require_session()
    values = await form_values(call.request)
    once, replaces = values.get("once", ""), values.get("replaces", "")
    if not _ONCE.fullmatch(once):
        raise Invalid({"once": NOT_OURS})
    secret = await call.write(subscription.renew, call.viewer, once, replaces)
    return await show(call, await call.read(_view, call, calendar_shown(call, secret)))


def _view(
    session: Session, call: Call, calendar: views.CalendarAddress | None
) -> views.TimetableView:
    viewer, now = call.viewer, clock.now()
    query = call.request.query
    week = Week.read(query.get("week", "")) or Week.of(clock.today())
    mine, room = query.get("mine") == "1", query.get("room", "")
    held = queries.seen_between(session, viewer, *week.stretch)
    shown = [live for live in held if _wanted(live, viewer, mine, room)]
    times = school_times.of_school(session, viewer.home_school_id)
    drawn = {card.id: card for card in class_cards.cards(session, shown, viewer, now)}
    held_at = [(live.begins_at, drawn[live.id]) for live in shown]
    rows = grid(week, held_at, times.bells if times else None)
    return views.TimetableView(
        week=str(week),
        days=tuple(
            _week_day(day, times, tuple(drawn[live.id] for live in shown if _day(live) == day))
            for day in week.days
        ),
        rows=tuple(_row(row, week, viewer, now) for row in rows),
        rooms=_rooms(session, held, room),
        mine=mine,
        previous_url=_url(week.after(-1), mine, room),
        next_url=_url(week.after(1), mine, room),
        this_url=_url(None, mine, room),
        is_this_week=week == Week.of(clock.today()),
        total=len(held),
        teaching_week=_teaching_week(week, times),
        may_book=viewer.may_upload,
        times_url="/school/times" if viewer.administers and times is None else None,
        calendar_since=subscription.made_at(session, viewer.account_id),
        calendar=calendar,
        subscribe_url=_url(week, mine, room, "/timetable/calendar"),
        once=new_secret(),
    )


def _wanted(live: LiveClass, viewer: Viewer, mine: bool, room: str) -> bool:
    takes_part = queries.takes_part(live, viewer)
    rooms = {str(live.room_id), *(str(seat.room_id) for seat in live.seats)}
    return (takes_part or not mine) and (not room or room in rooms)


def _week_day(
    day: date, times: Times | None, classes: tuple[views.ClassCard, ...]
) -> views.WeekDay:
    as_day = times.calendar.taught_as(day) if times else day
    made_up = None if as_day == day else as_day
    return views.WeekDay(day, day == clock.today(), classes, as_day is None, made_up)


def _day(live: LiveClass) -> date:
    return live.begins_at.astimezone(CHINA).date()


def _row(
    row: Row[views.ClassCard],
    week: Week,
    viewer: Viewer,
    now: datetime,
) -> views.WeekRow:
    ahead = [datetime.combine(day, row.begins, CHINA) > now for day in week.days]
    may = viewer.may_upload and row.period is not None
    return views.WeekRow(
        row.period,
        row.begins,
        row.ends,
        row.days,
        tuple(
            f"/classes/new?{urlencode({'day': day.isoformat(), 'period': row.period})}"
            if may and free
            else None
            for day, free in zip(week.days, ahead, strict=True)
        ),
    )


def _rooms(session: Session, held: Collection[LiveClass], chosen: str) -> tuple[views.Option, ...]:
    """The rooms of what this viewer sees in the week: by others there is nothing to find."""
    numbers = {live.room_id for live in held} | {s.room_id for live in held for s in live.seats}
    found = select(Room).where(Room.id.in_(numbers - {None})).options(joinedload(Room.school))
    rooms = sorted(session.scalars(found), key=in_order)
    return tuple(
        views.Option(str(room.id), f"{room.school.name} {room.name}", str(room.id) == chosen)
        for room in rooms
    )


def _url(week: Week | None, mine: bool, room: str, path: str = "/timetable") -> str:
    query = {"week": str(week) if week else "", "mine": "1" if mine else "", "room": room}
    said = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(said)}" if said else path


def _teaching_week(week: Week, times: Times | None) -> int | None:
    """The number of the week in the school's term; None outside it."""
    if times is None or not times.term.first_day <= week.days[-1]:
        return None
    if week.monday > times.term.last_day:
        return None
    return times.term.week_of(max(week.monday, times.term.first_day))
