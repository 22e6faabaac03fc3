"""What the demonstration's schools have planned: when they ring, and two classes in the days to
come, of which a partner has confirmed one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta

from sqlalchemy.orm import Session

from tongke import clock
from tongke.classes.models import LiveClass
from tongke.classes.plan import answers, booking, planned
from tongke.classes.plan.booking import Wanted
from tongke.classes.plan.planned import When
from tongke.classes.times import school_times
from tongke.classes.times.school_times import Times
from tongke.classes.times.timetable import BellTimes, Calendar, Occurrence, Period, Term
from tongke.classes.vocabulary import SeatState
from tongke.cli.demo import inhabitants, world
from tongke.live.vocabulary import LessonKind

# Four periods in the morning and three in the afternoon, of forty-five minutes.
BEGINS = (time(8), time(8, 55), time(10, 5), time(11), time(14, 30), time(15, 25), time(16, 20))
LASTS = timedelta(minutes=45)
BEFORE, AHEAD = timedelta(weeks=12), timedelta(weeks=8)

TEACHER, PARTNER = "zhouminzhi", "xiangyuhe"
ADMINISTRATORS = {world.LEAD: "heqinghe", world.SUPPORTED: "tianxiaoman"}


def make(session: Session) -> None:
    """Once: what a newcomer has changed since stays so."""
    people = world.account_ids(session)
    lead = inhabitants.school(session, world.LEAD)
    if school_times.of_school(session, lead.id) is not None or TEACHER not in people:
        return
    times = _times()
    for name, administrator in ADMINISTRATORS.items():
        viewer = inhabitants.viewer(session, administrator)
        school_times.set_times(session, viewer, inhabitants.school(session, name).id, times)
    first, second = _school_days()
    confirmed = _book(
        session, times, When(first, period=3),
        "5.3 实际问题与一元一次方程（第 2 课时）", LessonKind.INTERACTIVE,
        (inhabitants.room_id(session, world.SUPPORTED, "七年级（1）班"), people[PARTNER]),
    )  # fmt: skip
    partner = inhabitants.viewer(session, PARTNER)
    room = confirmed.seats[0].room_id
    answers.answer(session, partner, confirmed.id, room, SeatState.CONFIRMED)
    _book(
        session, times, When(second, period=2),
        "合并同类项（第 1 课时）", LessonKind.BROADCAST,
        (inhabitants.room_id(session, world.SECOND, "七年级"), None),
    )  # fmt: skip


def _times() -> Times:
    today = clock.today()
    return Times(BellTimes(tuple(_periods())), Term(today - BEFORE, today + AHEAD), Calendar())


def _periods() -> Iterator[Period]:
    for number, begins in enumerate(BEGINS, 1):
        ends = time(*divmod(begins.hour * 60 + begins.minute + LASTS.seconds // 60, 60))
        yield Period(number, begins, ends)


def _school_days() -> tuple[date, date]:
    """The next two days on which a school teaches."""
    days = (clock.today() + timedelta(days=ahead) for ahead in range(1, 8))
    first, second, *_ = (day for day in days if day.isoweekday() <= 5)
    return first, second


def _book(
    session: Session,
    times: Times,
    when: When,
    title: str,
    mode: LessonKind,
    seat: tuple[int, int | None],
) -> LiveClass:
    teacher = inhabitants.viewer(session, TEACHER)
    (at,) = _at(when, times)
    wanted = Wanted(
        title=title, mode=mode, purpose="lesson", subject="math", grade="7",
        begins_at=at.begins_at, ends_at=at.ends_at, teacher_id=teacher.account_id,
        school_id=inhabitants.school(session, world.LEAD).id,
        room_id=inhabitants.room_id(session, world.LEAD, "多媒体教室"), seats=(seat,),
    )  # fmt: skip
    return booking.book(session, teacher, wanted)


def _at(when: When, times: Times) -> list[Occurrence]:
    return planned.occurrences(when, times, clock.now())
