"""Changing a class that is booked: moved, called off, answered for; this one, or it and all that
follow in its series. What has begun or is past stays as it is, with its recording."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke import clock
from tongke.classes import invited
from tongke.classes.agenda import notices
from tongke.classes.agenda.notices import NoticeKind
from tongke.classes.models import LiveClass, Seat
from tongke.classes.plan import booking, materials, moving, occupancy, planned, seating, tokens
from tongke.classes.plan.booking import Wanted
from tongke.classes.queries import seat_in, visible_class
from tongke.classes.school import bookable
from tongke.classes.times import school_times
from tongke.classes.times.timetable import Calendar, Slot
from tongke.classes.vocabulary import ClassOver, ClassRuns, SeatState, State
from tongke.errors import Conflict, Forbidden, Invalid, NotFound, Text
from tongke.people.audience import Viewer
from tongke.people.models import Room

# Characters of the reason why a class is called off.
MOST_REASON = 200
NO_REASON = Text("请写明为什么取消，对方会看到", "Say why: the partner will read it")
LONG_REASON = Text("最多 {most} 个字", "{most} letters at most")


class MayNotChange(Forbidden):
    code = "may-not-change-class"
    message = Text("你不能改这节课", "You may not change this class")
    remedy = Text(
        "请主讲老师、约课的人或主讲学校的管理员来改",
        "Its lead teacher, who booked it, or its school's administrator can",
    )


class NotPaired(Conflict):
    code = "not-paired"
    message = Text("两校的结对已经结束", "The pairing of the two schools has ended")
    remedy = Text("先续签帮扶协议，再约课", "Renew the agreement first, then book again")


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


def _chosen(session: Session, live: LiveClass, scope: Scope) -> list[LiveClass]:
    return [live] if scope is Scope.ONE else following(session, live)


def _mine(session: Session, viewer: Viewer, class_id: int) -> LiveClass:
    live = visible_class(session, viewer, class_id)
    if not may_change(viewer, live):
        raise MayNotChange
    check_ahead(live)
    return live


def _mine_of(session: Session, viewer: Viewer, live: LiveClass, scope: Scope) -> list[LiveClass]:
    """Of a series somebody else may have been given a part."""
    return [each for each in _chosen(session, live, scope) if may_change(viewer, each)]


def cancel(
    session: Session, viewer: Viewer, class_id: int, because: str, scope: Scope = Scope.ONE
) -> LiveClass:
    """Call a class off. What has begun is ended instead.

    Raises:
        NotFound, MayNotChange, ClassRuns, ClassOver.
        Invalid: no reason is given, or it is too long.
    """
    live = _mine(session, viewer, class_id)
    because = " ".join(because.split())
    if not because:
        raise Invalid({"because": NO_REASON})
    if len(because) > MOST_REASON:
        raise Invalid({"because": LONG_REASON.format(most=MOST_REASON)})
    rows = _mine_of(session, viewer, live, scope)
    for each in rows:
        each.state, each.cancelled_because = State.CANCELLED, because
        mark_changed(each)
    whom = [(each, notices.concerned(session, each)) for each in rows]
    notices.tell_once(session, whom, NoticeKind.CANCELLED, but=viewer.account_id)
    return live


def change(
    session: Session, viewer: Viewer, class_id: int, wanted: Wanted, scope: Scope = Scope.ONE
) -> LiveClass:
    """Hold a class as is wanted now. Those that follow are moved by as many school days as this
    one (`moving`); a partner whose class is moved, or recorded for more to see, is asked again.

    Raises:
        NotFound, MayNotChange, ClassRuns, ClassOver, Forbidden, Invalid, Clashes.
    """
    live = _mine(session, viewer, class_id)
    wanted = replace(wanted, school_id=live.school_id)
    audience = tokens.invited(session, live) if wanted.audience is None else wanted.audience
    kept = {material.resource_id for material in live.materials}
    rooms = booking.check(session, viewer, wanted, audience, kept)
    booking.check_times(wanted.begins_at, wanted.ends_at)
    if wanted.begins_at != live.begins_at and wanted.begins_at <= clock.now():
        raise Invalid({"begins_at": planned.PAST})
    rows = _mine_of(session, viewer, live, scope)
    concerned = [(row, notices.concerned(session, row)) for row in rows]
    heard = invited.people(session, live)
    opened = invited.invitable(session, viewer, live.school_id, audience)
    anew = [
        (row, _apply(session, row, wanted, rooms, begins_at, opened))
        for row, begins_at in zip(rows, _moved(session, rows, live, wanted), strict=True)
    ]
    occupancy.must_be_free(session, [occupancy.slot(row) for row in rows])
    session.flush()
    for row in rows:
        kept_in = audience & tokens.invited(session, row)
        tokens.carry(session, row, opened | kept_in)
    booking.check_trained(session, live)
    told = _ask_anew(session, viewer, anew)
    waiting = [seat for seat in live.seats if seat.state == SeatState.ASKED]
    told |= booking.ask_partners(session, live, waiting, viewer, but=told)
    told |= booking.ask_teachers(session, live, viewer, but=heard | told)
    whom = [(live, notices.concerned(session, live)), *concerned]
    notices.tell_once(session, whom, NoticeKind.CHANGED, but=viewer.account_id, told=told)
    return live


def _ask_anew(
    session: Session, viewer: Viewer, anew: Iterable[tuple[LiveClass, list[Seat]]]
) -> set[int]:
    """Ask those who had said yes to a narrower recording; gives who was asked."""
    whom = [(row, booking.answer_for(session, seats)) for row, seats in anew]
    notices.tell_once(session, whom, NoticeKind.WIDENED, but=viewer.account_id)
    return {person for _, people in whom for person in people}


def _moved(
    session: Session, rows: Sequence[LiveClass], live: LiveClass, wanted: Wanted
) -> list[datetime]:
    times = school_times.of_school(session, live.school_id)
    calendar = times.calendar if times else Calendar()
    begins = [row.begins_at for row in rows]
    return moving.moved(begins, live.begins_at, wanted.begins_at, calendar)


def _apply(
    session: Session,
    live: LiveClass,
    wanted: Wanted,
    rooms: Mapping[int, Room],
    begins_at: datetime,
    opened: frozenset[str],
) -> list[Seat]:
    """Gives the places that are asked anew since the recording widened."""
    ends_at = begins_at + (wanted.ends_at - wanted.begins_at)
    moved = (begins_at, ends_at) != (live.begins_at, live.ends_at)
    live.title, live.subject, live.grade = wanted.title, wanted.subject, wanted.grade
    live.mode, live.purpose = wanted.mode, wanted.purpose
    live.begins_at, live.ends_at = begins_at, ends_at
    live.teacher_id, live.room_id = wanted.teacher_id, wanted.room_id
    widened = seating.widens(session, live, wanted, opened)
    if wanted.recording is not None:
        live.recording_rule = wanted.recording.stored()
    anew = seating.seat(live, wanted, rooms, moved=moved, widened=widened)
    materials.put(live, wanted.materials)
    mark_changed(live)
    session.flush()
    # Who they are now is looked up anew.
    for changed in (live, *live.seats):
        session.expire(changed, ["teacher"])
    return anew


def answer(
    session: Session,
    viewer: Viewer,
    class_id: int,
    room_id: int,
    state: SeatState,
    *,
    teacher_id: int | None = None,
    scope: Scope = Scope.ONE,
) -> LiveClass:
    """A partner says whether its room takes part: its people, or its administrator. `teacher_id`
    is who will be beside the pupils; None leaves it as it was, and so does a refusal.

    Raises:
        NotFound, Forbidden, ClassOver, NotPaired, Invalid, Clashes.
    """
    live = visible_class(session, viewer, class_id)
    seat = seat_in(live, room_id)
    if seat is None:
        raise NotFound
    if seat.room.school_id not in viewer.school_ids:
        raise Forbidden
    if live.state not in (State.BOOKED, State.RUNNING):
        raise ClassOver
    if state is SeatState.CONFIRMED:
        _must_be_paired(session, live, seat)
    if teacher_id and not booking.is_of_school(session, teacher_id, seat.room.school_id):
        raise Invalid({"teacher_id": booking.OTHER_SCHOOL})
    rows = _chosen(session, live, scope)
    seats = [(row, theirs) for row in rows if (theirs := seat_in(row, room_id)) is not None]
    before = [(row, theirs.teacher_id) for row, theirs in seats]
    for row, theirs in seats:
        _answer(session, row, theirs, state, teacher_id)
    kind = NoticeKind.CONFIRMED if state is SeatState.CONFIRMED else NoticeKind.DECLINED
    whom = [(row, {row.teacher_id, row.booked_by_id}) for row, _ in seats]
    notices.tell_once(session, whom, kind, but=viewer.account_id)
    answered = [row for row, _ in seats]
    notices.mark_answered(session, viewer.account_id, seat.room.school_id, answered)
    _tell_beside(session, viewer, before, seats)
    return live


def _must_be_paired(session: Session, live: LiveClass, seat: Seat) -> None:
    if not bookable.are_paired(session, live.school_id, seat.room.school_id):
        raise NotPaired


def _tell_beside(
    session: Session,
    viewer: Viewer,
    before: Iterable[tuple[LiveClass, int | None]],
    seats: Iterable[tuple[LiveClass, Seat]],
) -> None:
    """Tell the teacher who was sent to sit with the pupils; and who needs not any more, since
    another one is sent or the room does not take part."""
    sent: list[tuple[LiveClass, set[int]]] = []
    spared: list[tuple[LiveClass, set[int]]] = []
    for (row, was), (_, seat) in zip(before, seats, strict=True):
        comes = seat.teacher_id if seat.state == SeatState.CONFIRMED else None
        if comes is not None and comes != was:
            sent.append((row, {comes}))
        if was is not None and comes != was:
            spared.append((row, {was}))
    notices.tell_once(session, sent, NoticeKind.BOOKED, but=viewer.account_id)
    notices.tell_once(session, spared, NoticeKind.CHANGED, but=viewer.account_id)


def _answer(
    session: Session, live: LiveClass, seat: Seat, state: SeatState, teacher_id: int | None
) -> None:
    seat.state = state
    if state is SeatState.CONFIRMED:
        seat.teacher_id = teacher_id or seat.teacher_id
    mark_changed(live)
    session.flush()
    session.expire(seat, ["teacher"])
    if state is SeatState.CONFIRMED:
        teachers = frozenset({seat.teacher_id} if seat.teacher_id is not None else ())
        mine = Slot(live.begins_at, live.ends_at, frozenset({seat.room_id}), teachers, live.id)
        occupancy.must_be_free(session, [mine])
    tokens.carry(session, live, tokens.invited(session, live))


def mark_changed(live: LiveClass) -> None:
    """Calendars that have it already take the newer one."""
    live.revision += 1
    live.changed_at = clock.now()
