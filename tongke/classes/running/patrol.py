"""The patrol (巡课): the classes of today in somebody's reach, and how each of them goes.

How a class goes is in its log. A process keeps what it knows of each running class and reads only
what came since, so that a page that asks every few seconds costs a few rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tongke.classes.kept_log import Numbered, numbered_logs
from tongke.classes.models import ClassEvent, LiveClass, Seat
from tongke.classes.queries import seen_by, visible_class
from tongke.classes.standing import moment_of
from tongke.classes.times.timetable import Moment
from tongke.classes.vocabulary import State
from tongke.clock import CHINA
from tongke.errors import Forbidden
from tongke.live.state import ClassState
from tongke.people.audience import Viewer
from tongke.people.models import Room

# What says how a class goes; strokes, answers and words are many, and say nothing of it.
KINDS: Final = frozenset(
    {"prepare", "begin", "end", "publisher", "join", "leave", "admit", "remove", "layout"}
    | {"call_up", "sit_down", "raise_hand", "lower_hand", "head_count", "line", "arrive", "depart"}
)
# More than a province holds at once; what is beyond is read anew.
MOST_KEPT: Final = 2000


class PatrolState(StrEnum):
    """Where a class stands, in the order in which the patrol looks."""

    RUNNING = "running"
    LATE = "late"
    DUE = "due"
    MISSED = "missed"
    SOON = "soon"
    LATER = "later"
    ENDED = "ended"
    CANCELLED = "cancelled"


def check(viewer: Viewer) -> None:
    """Raises Forbidden: the patrol is for officers and heads of schools."""
    if not viewer.may_patrol:
        raise Forbidden


def looked_at(session: Session, viewer: Viewer, class_id: int) -> LiveClass:
    """A class for who patrols. Raises Forbidden, NotFound."""
    check(viewer)
    return visible_class(session, viewer, class_id)


def of_today(session: Session, viewer: Viewer, now: datetime) -> list[LiveClass]:
    """Today's classes in reach and what still runs from before, in the order of the clock."""
    found = (
        _today(viewer, now)
        .order_by(LiveClass.begins_at, LiveClass.id)
        .options(
            joinedload(LiveClass.teacher),
            joinedload(LiveClass.school),
            selectinload(LiveClass.seats).joinedload(Seat.room).joinedload(Room.school),
        )
    )
    return list(session.scalars(found))


def counts(session: Session, viewer: Viewer, now: datetime) -> Counter[PatrolState]:
    """How many of them stand where, without all that a page of them shows."""
    return Counter(state_at(live, now) for live in session.scalars(_today(viewer, now)))


def _today(viewer: Viewer, now: datetime) -> Select[LiveClass]:
    begins = datetime.combine(now.astimezone(CHINA).date(), time.min, CHINA)
    today = LiveClass.begins_at.between(begins, begins + timedelta(days=1))
    return seen_by(viewer).where(or_(today, LiveClass.state == State.RUNNING))


def state_at(live: LiveClass, now: datetime) -> PatrolState:
    """Where a class stands now."""
    if live.state == State.CANCELLED:
        return PatrolState.CANCELLED
    at = moment_of(live, now)
    if at is Moment.SHOULD_RUN:
        return PatrolState.RUNNING if live.started_at is not None else PatrolState.DUE
    if at is Moment.OVER:
        return PatrolState.ENDED if live.started_at is not None else PatrolState.MISSED
    return {
        Moment.LATE: PatrolState.LATE,
        Moment.DOORS_OPEN: PatrolState.SOON,
        Moment.TOO_EARLY: PatrolState.LATER,
    }[at]


def minutes_late(live: LiveClass, now: datetime) -> int:
    """How late it began, or how long it has been waited for; 0 when it was in time."""
    late = (live.started_at or min(now, live.ends_at)) - live.begins_at
    return max(0, int(late.total_seconds() // 60))


@dataclass(frozen=True)
class News:
    """What came into the log of a class behind a number, up to another."""

    seq: int
    events: Sequence[Numbered]


def news(session: Session, known: Mapping[int, int]) -> dict[int, News]:
    """What happened in classes since the numbers that are known; none where nothing did."""
    newest = session.execute(
        select(ClassEvent.class_id, func.max(ClassEvent.seq))
        .where(ClassEvent.class_id.in_(known))
        .group_by(ClassEvent.class_id)
    )
    return {
        class_id: News(seq, numbered_logs(session, [class_id], KINDS, known[class_id])[class_id])
        for class_id, seq in newest.all()
        if seq > known[class_id]
    }


class Watched:
    """What a process knows of the classes that are looked at."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, ClassState]] = {}

    def known(self, class_ids: Iterable[int]) -> dict[int, int]:
        """Up to which number the log of each is known; 0 of one that is new here."""
        return {number: self._known.get(number, (0, None))[0] for number in class_ids}

    def take(self, heard: Mapping[int, News]) -> None:
        """Take what was read. Two who read at once bring the same: it counts once."""
        for class_id, told in heard.items():
            seq, state = self._known.pop(class_id, (0, ClassState()))
            for number, happened in told.events:
                if number > seq:
                    state.apply(happened)
            self._known[class_id] = max(seq, told.seq), state
        while len(self._known) > MOST_KEPT:
            del self._known[next(iter(self._known))]

    def state(self, class_id: int) -> ClassState:
        """A class as far as it is known; one that nobody entered is as it was booked."""
        return self._known[class_id][1] if class_id in self._known else ClassState()
