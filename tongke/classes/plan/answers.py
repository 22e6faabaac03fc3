"""A partner's answer to a booking: whether its room takes part, and who will be beside its pupils;
this once, or in every week that follows."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from tongke import clock
from tongke.classes.agenda import notices
from tongke.classes.agenda.notices import NoticeKind
from tongke.classes.models import LiveClass, Seat
from tongke.classes.plan import booking, occupancy, terms, tokens
from tongke.classes.plan.changes import Scope, chosen, mark_changed, reason
from tongke.classes.queries import seat_in, visible_class
from tongke.classes.school import bookable
from tongke.classes.vocabulary import ClassOver, SeatState, State
from tongke.errors import Conflict, Forbidden, Invalid, NotFound, Text
from tongke.people.audience import Viewer


class NotPaired(Conflict):
    code = "not-paired"
    message = Text("两校的结对已经结束", "The pairing of the two schools has ended")
    remedy = Text("先续签帮扶协议，再约课", "Renew the agreement first, then book again")


class Begun(Conflict):
    code = "class-begun"
    message = Text(
        "已经到了上课时间，或者课已经开始，不能再回复“不参加”",
        "It is time for this class, or it has begun: it can no longer be declined",
    )
    remedy = Text(
        "来不了就直接联系主讲老师；没有进教室的，课后记为没有到课",
        "Tell its teacher yourself; a room that does not come is noted as one that did not",
    )


def answer(
    session: Session,
    viewer: Viewer,
    class_id: int,
    room_id: int,
    state: SeatState,
    *,
    teacher_id: int | None = None,
    because: str = "",
    scope: Scope = Scope.ONE,
    as_shown: str | None = None,
) -> list[LiveClass]:
    """A partner says whether its room takes part: its people, or its administrator. `teacher_id`
    is who will be beside the pupils; None leaves it as it was, and so does a refusal, which may
    say why (`because`). `as_shown` are the `terms` that were read before it was said. Gives the
    classes that it was said of.

    A class that has begun is declined no more: who does not come to it is absent, and the patrol
    and the attendance say so.

    Raises:
        NotFound, Forbidden, ClassOver, Begun, TermsChanged, NotPaired, Invalid, Clashes.
    """
    live = visible_class(session, viewer, class_id)
    seat = seat_in(live, room_id)
    if seat is None:
        raise NotFound
    if seat.room.school_id not in viewer.school_ids:
        raise Forbidden
    if live.state not in (State.BOOKED, State.RUNNING):
        raise ClassOver
    if state is SeatState.DECLINED and has_begun(live):
        raise Begun
    if state is SeatState.CONFIRMED:
        _must_be_paired(session, live, seat)
    if teacher_id and not booking.is_of_school(session, teacher_id, seat.room.school_id):
        raise Invalid({"teacher_id": booking.OTHER_SCHOOL})
    why = reason(because) if state is SeatState.DECLINED else ""
    rows = chosen(session, live, scope)
    seats = [(row, theirs) for row in rows if (theirs := seat_in(row, room_id)) is not None]
    if as_shown is not None:
        terms.must_be(session, [row for row, _ in seats], as_shown)
    before = [(row, theirs.teacher_id) for row, theirs in seats]
    for row, theirs in seats:
        theirs.state, theirs.declined_because = state, why
        _settle(session, row, theirs, teacher_id)
    kind = NoticeKind.CONFIRMED if state is SeatState.CONFIRMED else NoticeKind.DECLINED
    whom = [(row, {row.teacher_id, row.booked_by_id}) for row, _ in seats]
    answered = [row for row, _ in seats]
    which = {row.id: {"room_id": room_id, "because": why} for row in answered}
    notices.tell_once(session, whom, kind, but=viewer.account_id, details=which)
    notices.mark_answered(session, viewer.account_id, seat.room.school_id, answered)
    _tell_beside(session, viewer, before, seats)
    return answered


def has_begun(live: LiveClass) -> bool:
    """Whether it is too late to decline a class: it was begun, or its time has come."""
    return live.state != State.BOOKED or live.begins_at <= clock.now()


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
    notices.tell_once(session, spared, NoticeKind.SPARED, but=viewer.account_id)


def _settle(session: Session, live: LiveClass, seat: Seat, teacher_id: int | None) -> None:
    """What an answer changes: who comes, whose time it takes, whom the class is for."""
    takes_part = seat.state == SeatState.CONFIRMED
    if takes_part:
        seat.teacher_id = teacher_id or seat.teacher_id
    mark_changed(live)
    session.flush()
    session.expire(seat, ["teacher"])
    if takes_part:
        mine = occupancy.place(live, [seat])
        occupancy.must_be_free(session, [mine], seat.room.school_id)
    tokens.carry(session, live, tokens.invited(session, live))
