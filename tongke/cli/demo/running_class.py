"""The demonstration's class that is running: begun where none is, with its slides once they are
there, and its end in forty minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke import clock
from tongke.classes.models import LiveClass
from tongke.classes.plan import answers, booking, materials
from tongke.classes.plan.booking import Wanted
from tongke.classes.running import lifecycle
from tongke.classes.vocabulary import SeatState, State
from tongke.cli.demo import inhabitants, world
from tongke.library.models import Resource
from tongke.live.vocabulary import LessonKind
from tongke.people.models import Account

TITLE = "望岳（第 2 课时）"
SUBJECT, GRADE = "chinese", "7"
LASTS = timedelta(minutes=40)
TEACHER = "tanwangshu"
LEAD_ROOM = "录播教室"
# The receiving classrooms by their devices, and the teachers who are with their pupils.
SEATS = {"tongmuxi-701": "xiangyuhe", "baizhuping-7": "wushouzhuo"}
DECK_TITLE = "望岳（第 2 课时）课件"


@dataclass(frozen=True)
class Running:
    """A class on the air, or one that is about to be."""

    id: int
    ends_at: datetime


def settled(session: Session) -> bool:
    """Whether everybody who takes part lives here already."""
    return {TEACHER, *SEATS, *SEATS.values()} <= world.account_ids(session).keys()


def running(session: Session) -> list[Running]:
    """The classes of the demonstration that nobody has ended."""
    found = (
        select(LiveClass)
        .join(Account, Account.id == LiveClass.teacher_id)
        .where(
            Account.username == TEACHER,
            LiveClass.title == TITLE,
            LiveClass.state == State.RUNNING,
        )
    )
    return [Running(live.id, live.ends_at) for live in session.scalars(found)]


def ended_early(session: Session, held: Running) -> bool:
    """Whether somebody has ended it before its time."""
    live = session.get_one(LiveClass, held.id)
    return live.ended_at is not None and live.ended_at < live.ends_at


def begin(session: Session) -> Running:
    """Book one from now on, let its partners say yes, and begin it.

    Raises:
        Clashes: a newcomer has booked its teacher or one of its rooms.
    """
    now = clock.now()
    teacher = inhabitants.viewer(session, TEACHER)
    beside = {
        inhabitants.room_of_device(session, device): inhabitants.viewer(session, username)
        for device, username in SEATS.items()
    }
    wanted = Wanted(
        title=TITLE, mode=LessonKind.BROADCAST, purpose="lesson", subject=SUBJECT, grade=GRADE,
        begins_at=now, ends_at=now + LASTS, teacher_id=teacher.account_id,
        school_id=inhabitants.school(session, world.LEAD).id,
        room_id=inhabitants.room_id(session, world.LEAD, LEAD_ROOM),
        seats=tuple((room, each.account_id) for room, each in beside.items()),
    )  # fmt: skip
    booked = booking.book(session, teacher, wanted)
    for room, each in beside.items():
        answers.answer(session, each, booked.id, room, SeatState.CONFIRMED)
    lifecycle.begin(session, teacher, booked.id)
    return Running(booked.id, booked.ends_at)


def deck(session: Session) -> tuple[int, bool] | None:
    """The resource that is the slides, and whether its pages can be shown; None: not uploaded."""
    found = session.scalars(
        select(Resource)
        .join(Account, Account.id == Resource.author_id)
        .where(
            Account.username == TEACHER,
            Resource.title == DECK_TITLE,
            Resource.deleted_at.is_(None),
        )
    ).first()
    return None if found is None else (found.id, found.viewable_at is not None)


def give_deck(session: Session, class_id: int, resource_id: int) -> None:
    """Let a class have its slides."""
    materials.put(session.get_one(LiveClass, class_id), [resource_id])
