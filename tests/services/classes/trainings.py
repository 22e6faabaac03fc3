"""A training of teachers (教师同步研修), which each takes part in from a desk of her own."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from tests.services.house import House, person
from tongke import clock
from tongke.classes.plan import booking
from tongke.classes.plan.booking import Wanted
from tongke.classes.running import lifecycle


def begin_training(session: Session, house: House) -> int:
    """Held by zhou for the teachers of both schools; it has begun, and no room was booked."""
    teacher = person(session, house, "zhou")
    wanted = Wanted(
        title="怎样听评一节课", mode="broadcast", purpose="training", begins_at=clock.now(),
        ends_at=clock.now() + timedelta(minutes=40), teacher_id=teacher.account_id, school_id=1,
        audience=frozenset({"agreement:1"}),
    )  # fmt: skip
    booked = booking.book(session, teacher, wanted)
    return lifecycle.begin(session, teacher, booked.id).id
