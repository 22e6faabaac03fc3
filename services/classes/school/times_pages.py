"""A school's bell times, term, holidays and make-up days, set by its administrator."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.orm import Session

from services.classes.school.rooms_pages import administered_school
from services.http.call import Call
from services.web import views
from services.web.page import Pages, done, form_values, show
from tongke import clock
from tongke.classes.agenda import holidays
from tongke.classes.plan.planned import FIRST_DAY, LAST_DAY, NO_DAY
from tongke.classes.times import school_times
from tongke.classes.times.school_times import MOST_PERIODS, Times, write_holidays, write_make_up
from tongke.classes.times.time_of_day import read_time
from tongke.classes.times.timetable import BellTimes, Calendar, Period, Term
from tongke.errors import Invalid, Text
from tongke.people.audience import Viewer
from tongke.people.models import School

pages = Pages()

BAD_PERIOD = Text(
    "第{number}节写上几点到几点，时间写成 8:00 这样",
    "Period {number}: say from when to when, like 8:00",
)
NO_PERIOD = Text("至少写一节课", "Write one period at least")


@pages.get("/school/times")
async def times_page(call: Call) -> web.StreamResponse:
    return await _show(call, call.request.query.get("school"))


@pages.post("/school/times")
async def save(call: Call) -> web.StreamResponse:
    values = await form_values(call.request)
    school_id = administered_school(call.viewer, values.get("school"))
    try:
        await call.write(school_times.set_times, call.viewer, school_id, _read(values))
    except Invalid as error:
        form = views.Form(values, error.fields, failure=error)
        return await _show(call, values.get("school"), form, status=error.status)
    return done(f"/school/times?{urlencode({'school': school_id})}", "saved")


def _read(values: dict[str, str]) -> Times:
    """Raises Invalid, of the first part that is wrong."""
    wrong: dict[str, Text] = {}
    days = {name: _day(values.get(name, "")) for name in ("first_day", "last_day")}
    wrong |= {name: NO_DAY for name, day in days.items() if day is None}
    first, last = days["first_day"], days["last_day"]
    if first is None or last is None:
        raise Invalid(wrong)
    calendar = Calendar(
        school_times.read_holidays(values.get("holidays", "")),
        school_times.read_make_up(values.get("make_up", "")),
    )
    return Times(BellTimes(_periods(values)), Term(first, last), calendar)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def _periods(values: dict[str, str]) -> tuple[Period, ...]:
    """The periods that are filled in, by the numbers of their lines."""
    found = []
    for number in range(1, MOST_PERIODS + 1):
        begins, ends = values.get(f"begins-{number}", ""), values.get(f"ends-{number}", "")
        if not begins and not ends:
            continue
        try:
            found.append(Period(number, read_time(begins), read_time(ends)))
        except ValueError:
            raise Invalid({"periods": BAD_PERIOD.format(number=number)}) from None
    if not found:
        raise Invalid({"periods": NO_PERIOD})
    return tuple(found)


async def _show(
    call: Call, asked: str | None, form: views.Form | None = None, *, status: int = 200
) -> web.Response:
    def read(session: Session) -> views.SchoolTimesView:
        school_id = administered_school(call.viewer, asked)
        times = school_times.of_school(session, school_id)
        return views.SchoolTimesView(
            school=session.get_one(School, school_id).name,
            school_id=school_id,
            form=form or views.Form(_written(times) if times else {}),
            periods=MOST_PERIODS,
            on_days_off=_on_days_off(session, call.viewer, school_id, times),
        )

    return await show(call, await call.read(read), status=status)


def _on_days_off(
    session: Session, viewer: Viewer, school_id: int, times: Times | None
) -> tuple[views.OnDayOff, ...]:
    if times is None:
        return ()
    found = holidays.on_days_off(session, viewer, school_id, times.calendar, clock.now())
    return tuple(
        views.OnDayOff(
            f"/classes/{live.id}",
            live.title,
            live.begins_at,
            live.ends_at,
            live.school.name,
            live.teacher.name,
            live.school_id != school_id,
        )
        for live in found
    )


def _written(times: Times) -> dict[str, str]:
    """A school's times as the form says them."""
    values = {
        "first_day": times.term.first_day.isoformat(),
        "last_day": times.term.last_day.isoformat(),
        "holidays": write_holidays(times.calendar.holidays),
        "make_up": write_make_up(times.calendar.make_up),
    }
    for period in times.bells.periods:
        values[f"begins-{period.number}"] = f"{period.begins:%H:%M}"
        values[f"ends-{period.number}"] = f"{period.ends:%H:%M}"
    return values
