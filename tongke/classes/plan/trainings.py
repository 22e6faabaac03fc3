"""What holds of a training of teachers (教师同步研修) besides what holds of any class: it is for
somebody, and nobody books them without end. It takes no room, and all whom it is for are told."""

from __future__ import annotations

from datetime import datetime, time
from typing import Final

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from tongke import clock
from tongke.classes.models import LiveClass
from tongke.classes.plan import tokens
from tongke.classes.vocabulary import Purpose
from tongke.errors import Invalid, Text
from tongke.people.audience import Viewer

# Who plans a term for all subject groups of a school books some dozen, each for all its weeks.
MOST_A_DAY: Final = 20

NOBODY = Text(
    "研修还没有请人：在这里勾上请哪些老师，或者选一间听讲教室",
    "The training is for nobody yet: choose teachers here, or a receiving classroom",
)
TOO_MANY = Text(
    "你今天已经约了 {most} 次研修，一天最多约 {most} 次。请明天再约，或者请同事来约；"
    "每周都有的，约成每周一次的就只算一次",
    "You have booked {most} trainings today, which is the most for a day. Book this one tomorrow, "
    "or ask a colleague to; one that is held every week counts once if it is booked as a series",
)


def must_be_for_somebody(session: Session, live: LiveClass) -> None:
    """Raises Invalid: a training is for nobody."""
    if live.purpose == Purpose.TRAINING and not live.seats and not tokens.invited(session, live):
        raise Invalid({"audience": NOBODY})


def must_be_few(session: Session, viewer: Viewer) -> None:
    """That somebody may book another training today. Those called off count: people were told.
    Raises Invalid."""
    midnight = datetime.combine(clock.today(), time.min, clock.CHINA)
    booking = func.coalesce(LiveClass.series, cast(LiveClass.id, String))
    booked = select(func.count(booking.distinct())).where(
        LiveClass.booked_by_id == viewer.account_id,
        LiveClass.purpose == Purpose.TRAINING,
        LiveClass.created_at >= midnight,
    )
    if (session.scalar(booked) or 0) >= MOST_A_DAY:
        raise Invalid({"purpose": TOO_MANY.format(most=MOST_A_DAY)})
