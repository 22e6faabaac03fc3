"""Changing a class that is booked: moved, called off; this one, or it and all that follow in its
series. What has begun or is past stays as it is, with its recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from itertools import repeat

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke import clock
from tongke.classes import invited
from tongke.classes.agenda import notices
from tongke.classes.agenda.notices import NoticeKind
from tongke.classes.models import LiveClass, Seat
from tongke.classes.plan import (
    amended,
    announcing,
    booking,
    materials,
    moving,
    occupancy,
    planned,
    seating,
    tokens,
    trainings,
)
from tongke.classes.plan.amended import Amended
from tongke.classes.plan.booking import Wanted
from tongke.classes.queries import visible_class
from tongke.classes.times import school_times
from tongke.classes.times.timetable import Calendar, Slot
from tongke.classes.vocabulary import ClassOver, ClassRuns, Purpose, State
from tongke.errors import Forbidden, Invalid, Text
from tongke.people.audience import Viewer
from tongke.people.models import Room

# Characters of the reason why a class is called off.
MOST_REASON = 200
NO_REASON = Text("请写明为什么取消，对方会看到", "Say why: the partner will read it")
LONG_REASON = Text("最多 {most} 个字", "{most} letters at most")
OTHER_WEEK = Text("后面 {day} 那一节不行：{what}", "Not in the later one on {day}: {what}")


class MayNotChange(Forbidden):
    code = "may-not-change-class"
    message = Text("你不能改这节课", "You may not change this class")
    remedy = Text(
        "请主讲老师、约课的人或主讲学校的管理员来改",
        "Its lead teacher, who booked it, or its school's administrator can",
    )


class Scope(StrEnum):
    """Of which classes of a series something is said."""

    ONE = "one"
    FOLLOWING = "following"


def may_change(viewer: Viewer, live: LiveClass) -> bool:
    """Who holds it, who booked it, and the administrators of its school."""
    its = viewer.account_id in {live.teacher_id, live.booked_by_id}
    return (its and live.school_id in viewer.school_ids) or live.school_id in viewer.administers


def changeable(viewer: Viewer, live: LiveClass) -> bool:
    """Whether this viewer may still change or call off this class."""
    ahead = live.state == State.BOOKED and live.ends_at > clock.now()
    return ahead and may_change(viewer, live)


def check_ahead(live: LiveClass) -> None:
    """Raises ClassRuns, ClassOver: it is not to come any more."""
    if live.state == State.RUNNING:
        raise ClassRuns
    if live.state != State.BOOKED or live.ends_at <= clock.now():
        raise ClassOver


def following(session: Session, live: LiveClass) -> list[LiveClass]:
    """A class and those that follow in its series, as far as they are booked."""
    if live.series is None:
        return [live]
    found = select(LiveClass).where(
        LiveClass.series == live.series,
        LiveClass.state == State.BOOKED,
        LiveClass.begins_at >= live.begins_at,
    )
    return list(session.scalars(found.order_by(LiveClass.begins_at))) or [live]


def chosen(session: Session, live: LiveClass, scope: Scope) -> list[LiveClass]:
    """The classes of a series that somebody means by this one."""
    return [live] if scope is Scope.ONE else following(session, live)


def _mine(session: Session, viewer: Viewer, class_id: int) -> LiveClass:
    live = visible_class(session, viewer, class_id)
    if not may_change(viewer, live):
        raise MayNotChange
    check_ahead(live)
    return live


def reached(session: Session, viewer: Viewer, live: LiveClass, scope: Scope) -> list[LiveClass]:
    """Those of them that this viewer may change: of a series somebody else may have a part."""
    return [each for each in chosen(session, live, scope) if may_change(viewer, each)]


def cancel(
    session: Session, viewer: Viewer, class_id: int, because: str, scope: Scope = Scope.ONE
) -> LiveClass:
    """Call a class off. What has begun is ended instead.

    Raises:
        NotFound, MayNotChange, ClassRuns, ClassOver.
        Invalid: no reason is given, or it is too long.
    """
    live = _mine(session, viewer, class_id)
    because = reason(because)
    if not because:
        raise Invalid({"because": NO_REASON})
    rows = reached(session, viewer, live, scope)
    for each in rows:
        each.state, each.cancelled_because = State.CANCELLED, because
        mark_changed(each)
    whom = [(each, notices.concerned(session, each)) for each in rows]
    notices.tell_once(session, whom, NoticeKind.CANCELLED, but=viewer.account_id)
    return live


def reason(text: str) -> str:
    """Why, in somebody's words, on one line. Raises Invalid: it is too long."""
    said = " ".join(text.split())
    if len(said) > MOST_REASON:
        raise Invalid({"because": LONG_REASON.format(most=MOST_REASON)})
    return said


def change(
    session: Session, viewer: Viewer, class_id: int, wanted: Wanted, scope: Scope = Scope.ONE
) -> LiveClass:
    """Hold a class as is wanted now. Of those that follow only the same is changed (`amended`), and
    they are moved by as many school days as this one (`moving`); a partner whose class is moved, or
    recorded for more to see, is asked again.

    Raises:
        NotFound, MayNotChange, ClassRuns, ClassOver, Forbidden, Invalid, Clashes.
    """
    live = _mine(session, viewer, class_id)
    before = amended.booked(live, tokens.invited(session, live))
    after = amended.filled(wanted, before)
    invited.must_be_invitable(session, viewer, live.school_id, after.audience - before.audience)
    rooms = booking.check(session, viewer, after, after.audience, before)
    if after.purpose == Purpose.TRAINING != before.purpose:
        trainings.must_be_few(session, viewer)
    booking.check_times(after.begins_at, after.ends_at)
    if after.begins_at != live.begins_at and after.begins_at <= clock.now():
        raise Invalid({"begins_at": planned.PAST})
    rows = reached(session, viewer, live, scope)
    held = [occupancy.slot(row) for row in rows]
    heard = announcing.heard(session, live, rows)
    each = _amended(session, rows, Amended(live, before, after))
    anew = [_apply(session, one, rooms) for one in each]
    taken = map(occupancy.newly, map(occupancy.slot, rows), held)
    occupancy.must_be_free(session, list(taken), live.school_id)
    session.flush()
    for one in each:
        tokens.carry(session, one.live, one.wanted.audience)
        if one.live is live or not one.only_moved:
            _check_whole(session, viewer, one, live)
    announcing.tell_changed(session, viewer, live, each, anew, heard)
    return live


def _amended(session: Session, rows: Sequence[LiveClass], edited: Amended) -> list[Amended]:
    begins = _moved(session, rows, edited.live, edited.wanted.begins_at)
    return [
        edited if row is edited.live else _carried(session, row, edited, begins_at)
        for row, begins_at in zip(rows, begins, strict=True)
    ]


def _carried(session: Session, row: LiveClass, edited: Amended, begins_at: datetime) -> Amended:
    before = amended.booked(row, tokens.invited(session, row))
    return Amended(row, before, amended.carried(edited.before, edited.wanted, before, begins_at))


def would_occupy(
    session: Session, viewer: Viewer, live: LiveClass, wanted: Slot, scope: Scope
) -> tuple[list[Slot], list[Slot]]:
    """What a class and those that follow would take, were this one to take `wanted`; and of that
    what they do not take yet. Raises Invalid, as `change`."""
    before = occupancy.slot(live, asked_anew=True)
    others = [row for row in reached(session, viewer, live, scope) if row is not live]
    begins = _moved(session, others, live, wanted.begins_at)
    slots = [
        occupancy.slot(row, asked_anew=begins_at != row.begins_at)
        for row, begins_at in zip(others, begins, strict=True)
    ]
    carried = map(amended.occupied, repeat(before), repeat(wanted), slots, begins)
    whole = [replace(wanted, id=live.id), *carried]
    return whole, list(map(occupancy.newly, whole, [before, *slots]))


def _moved(
    session: Session, rows: Sequence[LiveClass], live: LiveClass, begins_at: datetime
) -> list[datetime]:
    """When these of a series begin after this one of them is moved. Raises Invalid."""
    times = school_times.of_school(session, live.school_id)
    calendar = times.calendar if times else Calendar()
    begins = [row.begins_at for row in rows]
    term = times.term if times else None
    return moving.moved(begins, live.begins_at, begins_at, calendar, term)


def _apply(session: Session, one: Amended, rooms: Mapping[int, Room]) -> list[Seat]:
    """Gives the places that are asked anew since the recording widened."""
    live, wanted = one.live, one.wanted
    live.title, live.subject, live.grade = wanted.title, wanted.subject, wanted.grade
    live.mode, live.purpose = wanted.mode, wanted.purpose
    live.begins_at, live.ends_at = wanted.begins_at, wanted.ends_at
    live.teacher_id, live.room_id = wanted.teacher_id, wanted.room_id
    live.recording_rule = wanted.recording.stored()
    anew = seating.seat(one, rooms)
    materials.put(live, wanted.materials)
    mark_changed(live)
    session.flush()
    # Who they are now is looked up anew.
    for changed in (live, *live.seats):
        session.expire(changed, ["teacher"])
    return anew


def _check_whole(session: Session, viewer: Viewer, one: Amended, edited: LiveClass) -> None:
    """That what it takes is for its own rooms and people, and that it is for somebody. Raises
    Invalid, of another week with its day: the form shows this one."""
    live, wanted, before = one.live, one.wanted, one.before
    schools = {live.school_id, *(seat.room.school_id for seat in live.seats)}
    kept, shown_to = before.materials, before.audience
    try:
        materials.check(session, viewer, wanted.materials, wanted.audience, schools, kept, shown_to)
        trainings.must_be_for_somebody(session, live)
    except Invalid as error:
        if live is edited:
            raise
        raise Invalid({name: _of_week(live, text) for name, text in error.fields.items()}) from None


def _of_week(live: LiveClass, text: Text) -> Text:
    day = live.begins_at.astimezone(clock.CHINA).date().isoformat()
    return Text(
        OTHER_WEEK.zh.format(day=day, what=text.zh), OTHER_WEEK.en.format(day=day, what=text.en)
    )


def mark_changed(live: LiveClass) -> None:
    """Calendars that have it already take the newer one."""
    live.revision += 1
    live.changed_at = clock.now()
