"""Moving the classes of a series together. Pure.

They are moved by school days, as the series was booked: a class on a make-up day (调休) stands for
the day that it is taught as, so that of a Wednesday's series moved to Thursday the class on the
Saturday taught as Wednesday goes where Thursday's lessons are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from tongke.classes.times.timetable import Calendar, Term
from tongke.clock import CHINA
from tongke.errors import Invalid, Text

NOT_TAUGHT = Text(
    "后面有一节会落在 {day}，那天不上这一天的课：先取消或单独改那一节，再改后面的",
    "A later one would fall on {day}, which has no such lessons: call that one off or move it by "
    "itself first, then move the rest",
)
OUT_OF_TERM = Text(
    "后面有一节会落在 {day}，不在学期里（{first} — {last}）：先取消或单独改那一节，再改后面的",
    "A later one would fall on {day}, out of the term ({first} – {last}): call that one off or "
    "move it by itself first, then move the rest",
)


def moved(
    begins: Sequence[datetime],
    before: datetime,
    after: datetime,
    calendar: Calendar,
    term: Term | None = None,
) -> list[datetime]:
    """When classes that begin at `begins` begin after the one at `before` is moved to `after`; that
    one may be among them. Aware moments; those given back are UTC.

    Raises:
        Invalid: of field `begins_at`; one would fall on a day without its lessons, or out of the
            `term` in which it is.
    """
    was, is_now = before.astimezone(CHINA), after.astimezone(CHINA)
    days = (_as_day(calendar, is_now.date()) - _as_day(calendar, was.date())).days
    by_the_clock = _of_day(is_now) - _of_day(was)
    found = []
    for each in begins:
        here = each.astimezone(CHINA)
        day = is_now.date() if each == before else _moved_day(calendar, here.date(), days)
        if each != before and term is not None:
            _must_stay_within(term, here.date(), day)
        midnight = datetime.combine(day, datetime.min.time(), CHINA)
        found.append((midnight + _of_day(here) + by_the_clock).astimezone(UTC))
    return found


def _moved_day(calendar: Calendar, day: date, days: int) -> date:
    if not days:
        return day
    wanted = _as_day(calendar, day) + timedelta(days=days)
    held_on = calendar.held_on(wanted)
    if held_on is None:
        raise Invalid({"begins_at": NOT_TAUGHT.format(day=wanted.isoformat())})
    return held_on


def _must_stay_within(term: Term, was: date, day: date) -> None:
    """A class of another term than the one that is set now has no end to pass."""
    first, last = term.first_day, term.last_day
    if first <= was <= last and not first <= day <= last:
        said = {"day": day.isoformat(), "first": first.isoformat(), "last": last.isoformat()}
        raise Invalid({"begins_at": OUT_OF_TERM.format(**said)})


def _as_day(calendar: Calendar, day: date) -> date:
    """The day whose lessons are held; of a holiday, that itself: one may be held then."""
    return calendar.taught_as(day) or day


def _of_day(moment: datetime) -> timedelta:
    return timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second)
