"""What people are told of classes: they are asked, a class was moved, it was called off, somebody
who observed it has sent a form."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session, selectinload

from tongke import clock
from tongke.classes import invited
from tongke.classes.models import LiveClass
from tongke.classes.plan_models import Notice
from tongke.classes.vocabulary import SeatState
from tongke.people.audience import RoleName
from tongke.people.models import Account, Role

# What a notice keeps of its moment, since the class goes on changing, and may be out of its
# reader's sight one day: its `title`, and `at` which time it begins; of one that was moved (any
# kind may tell of it) `from` and `to`, each when it begins and ends; of several at once `count`,
# and `until` which time the last begins; of an answer its `room_id`, and `because` where it was
# no; of a form of a lesson its `form_id`, and `by` whom it was sent or answered; `lent_no_more`
# where a former partner's papers went.
Details = Mapping[str, Any]
NO_DETAILS: Final[Mapping[Any, Any]] = MappingProxyType({})


# When a class begins and ends.
Hours = tuple[datetime, datetime]


def of_series(rows: Sequence[LiveClass]) -> Details:
    """The details of what is told of several classes at once, by the first of them: how many they
    are, and when the last begins."""
    if len(rows) == 1:
        return NO_DETAILS
    last = max(row.begins_at for row in rows)
    return {"count": len(rows), "until": last.isoformat()}


def of_move(before: Hours, after: Hours) -> dict[str, list[str]]:
    """The details of a class that was moved: when it was, and when it is to be."""
    return {
        "from": [moment.isoformat() for moment in before],
        "to": [moment.isoformat() for moment in after],
    }


class NoticeKind(StrEnum):
    ASKED = "asked"
    # Asked once more: the recording shows more, or is for more people, than was said yes to.
    WIDENED = "widened"
    # Asked once more: it is at another time.
    MOVED = "moved"
    # A training, to the teachers whom it was opened to.
    INVITED = "invited"
    BOOKED = "booked"
    CHANGED = "changed"
    # To the teacher who was to be beside the pupils, and need not be.
    SPARED = "spared"
    CANCELLED = "cancelled"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    # Reminders (`reminders`).
    SOON = "soon"
    UNANSWERED = "unanswered"
    # Its time passed, and nobody began.
    MISSED = "missed"
    # A form of the lesson, to its teacher; and her answer, to who wrote the form.
    OBSERVED = "observed"
    ANSWERED = "answered"


# What asks for an answer: of a series once for all of it.
ASKING: Final = frozenset({NoticeKind.ASKED, NoticeKind.WIDENED, NoticeKind.MOVED})


def administrators(session: Session, school_ids: Iterable[int]) -> set[int]:
    """The accounts that look after these schools."""
    found = (
        select(Role.account_id)
        .join(Role.account)
        .where(
            Role.name == RoleName.SCHOOL_ADMIN,
            Role.school_id.in_(list(school_ids)),
            Account.disabled_at.is_(None),
        )
    )
    return set(session.scalars(found))


def concerned(session: Session, live: LiveClass) -> set[int]:
    """Whom a class concerns: who holds and who booked it, the teachers beside the pupils, the
    administrators of the schools that take part, and whom a training was opened to."""
    people = {live.teacher_id, live.booked_by_id, *(seat.teacher_id for seat in live.seats)}
    schools = {live.school_id, *(seat.room.school_id for seat in live.seats)}
    named = {person for person in people if person is not None}
    return named | administrators(session, schools) | invited.people(session, live)


def tell(
    session: Session,
    live: LiveClass,
    kind: NoticeKind,
    people: Iterable[int],
    *,
    but: int | None,
    details: Details = NO_DETAILS,
) -> None:
    """Tell people of a class, except who did it (None: nobody did)."""
    now = clock.now()
    known = {"title": live.title, "at": live.begins_at.isoformat(), **details}
    session.add_all(
        Notice(account_id=person, class_id=live.id, kind=kind, created_at=now, details=dict(known))
        for person in sorted(set(people) - {but})
    )


def tell_once(
    session: Session,
    whom: Iterable[tuple[LiveClass, Collection[int]]],
    kind: NoticeKind,
    *,
    but: int | None,
    told: Collection[int] = (),
    details: Mapping[int, Details] = NO_DETAILS,
) -> set[int]:
    """Tell people of the classes of a series: each once, by the first that concerns them, with how
    many do. `told` have heard of it already; `details` are by the class. Gives who has heard of it
    now."""
    heard, concerning = set(told), dict[int, list[LiveClass]]()
    for live, people in whom:
        for person in sorted(set(people) - heard):
            concerning.setdefault(person, []).append(live)
    for person, rows in concerning.items():
        its = {**details.get(rows[0].id, NO_DETAILS), **of_series(rows)}
        tell(session, rows[0], kind, {person}, but=but, details=its)
    return heard | concerning.keys()


def unread(session: Session, account_id: int) -> int:
    found = select(func.count(Notice.id)).where(
        Notice.account_id == account_id, Notice.read_at.is_(None)
    )
    return session.scalar(found) or 0


def listed(
    session: Session, account_id: int, *, limit: int, before_id: int | None = None
) -> list[Notice]:
    """What somebody was told, the newest first; `before_id` goes on from an earlier page."""
    found = select(Notice).where(Notice.account_id == account_id)
    if before_id is not None:
        found = found.where(Notice.id < before_id)
    classes = selectinload(Notice.live_class)
    return list(session.scalars(found.options(classes).order_by(Notice.id.desc()).limit(limit)))


def known(notice: Notice) -> tuple[str, datetime | None]:
    """What its reader knew of a class when they were told: its title, and when it would begin.
    Of notices from before this was kept there is nothing."""
    at = notice.details.get("at")
    return notice.details.get("title", ""), datetime.fromisoformat(at) if at else None


def series(notice: Notice) -> tuple[int, datetime | None]:
    """Of how many classes it was told at once; of several also when the last began."""
    until = notice.details.get("until")
    return notice.details.get("count", 1), datetime.fromisoformat(until) if until else None


def moved(notice: Notice) -> tuple[Hours, Hours] | None:
    """Of a class that was moved when it was until then, and when it was to be from then on."""
    if "from" not in notice.details:
        return None
    before, after = (
        (datetime.fromisoformat(begins), datetime.fromisoformat(ends))
        for begins, ends in (notice.details["from"], notice.details["to"])
    )
    return before, after


def mark_answered(
    session: Session, account_id: int, school_id: int, classes: Iterable[LiveClass]
) -> None:
    """Somebody has answered for a room of a school in these classes: that they were asked is no
    news to them. Nor is it to the school's others, where none of its rooms waits any more."""
    asked = Notice.kind.in_({*ASKING, NoticeKind.UNANSWERED})
    classes = list(classes)
    _mark(session, Notice.account_id == account_id, asked, _of(classes))
    answered = [live for live in classes if not _waits(live, school_id)]
    theirs = select(Role.account_id).where(Role.school_id == school_id)
    _mark(session, Notice.account_id.in_(theirs), asked, _of(answered))


def _of(classes: Iterable[LiveClass]) -> ColumnElement[bool]:
    return Notice.class_id.in_([live.id for live in classes])


def _waits(live: LiveClass, school_id: int) -> bool:
    return any(
        seat.state == SeatState.ASKED and seat.room.school_id == school_id for seat in live.seats
    )


def mark_read(session: Session, account_id: int, *, until_id: int) -> None:
    """Somebody has read what they were told, up to a number: what came since stays unread."""
    _mark(session, Notice.account_id == account_id, Notice.id <= until_id)


def _mark(session: Session, *which: ColumnElement[bool]) -> None:
    unread = update(Notice).where(Notice.read_at.is_(None), *which)
    session.execute(unread.values(read_at=clock.now()))
