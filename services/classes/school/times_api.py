"""A school's bell times, term and calendar, over JSON."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated

from pydantic import Field

from services.http.api import Api, Body
from services.http.call import Call
from tongke.classes.plan import planned
from tongke.classes.times import school_times
from tongke.classes.times.school_times import MOST_PERIODS, Times
from tongke.classes.times.time_of_day import by_the_minute
from tongke.classes.times.timetable import TERM_DAYS_MAX, BellTimes, Calendar, Period, Term
from tongke.errors import NotFound

api = Api("plan")


class PeriodIn(Body):
    number: Annotated[int, Field(ge=1, le=MOST_PERIODS)]
    begins: time
    ends: time


TermDay = Annotated[date, Field(ge=planned.FIRST_DAY, le=planned.LAST_DAY)]


class TimesIn(Body):
    """A school's bell times and term. `make_up` maps a day to the one that it is taught as."""

    periods: Annotated[list[PeriodIn], Field(min_length=1, max_length=MOST_PERIODS)]
    first_day: TermDay
    last_day: TermDay
    holidays: list[date] = Field(default_factory=list, max_length=TERM_DAYS_MAX)
    make_up: dict[date, date] = Field(default_factory=dict, max_length=TERM_DAYS_MAX)

    def meant(self) -> Times:
        periods = tuple(
            Period(each.number, by_the_minute(each.begins), by_the_minute(each.ends))
            for each in self.periods
        )
        calendar = Calendar(frozenset(self.holidays), self.make_up)
        return Times(BellTimes(periods), Term(self.first_day, self.last_day), calendar)


@api.get("/schools/{id}/times", "A school's bell times and term")
async def times_of_school(call: Call, id: int) -> TimesIn:
    """For its own people: what others need of it stands in the classes."""
    if id not in call.viewer.school_ids:
        raise NotFound
    found = await call.read(school_times.of_school, id)
    if found is None:
        raise NotFound
    periods = [PeriodIn(number=p.number, begins=p.begins, ends=p.ends) for p in found.bells.periods]
    return TimesIn(
        periods=periods,
        first_day=found.term.first_day,
        last_day=found.term.last_day,
        holidays=sorted(found.calendar.holidays),
        make_up=dict(found.calendar.make_up),
    )


@api.put("/schools/{id}/times", "Set a school's bell times and term")
async def set_times(call: Call, id: int, body: TimesIn) -> TimesIn:
    await call.write(school_times.set_times, call.viewer, id, body.meant())
    return body
