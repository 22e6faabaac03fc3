"""A class that runs in a small world, and a camera to film it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.services.house import House
from tests.services.live.camera import Camera
from tongke import clock
from tongke.classes import booking, lifecycle
from tongke.classes.booking import Wanted
from tongke.people.audience import Viewer
from tongke.people.models import Room
from tongke.people.queries import viewer_of


@pytest.fixture
def camera(house: House, tmp_path: Path) -> Camera:
    return Camera(house.ground.programs, tmp_path)


def person(session: Session, house: House, name: str) -> Viewer:
    found = viewer_of(session, house.ids[name])
    assert found is not None
    return found


@pytest.fixture
async def running(house: House) -> int:
    """A class of teacher zhou with the room of school 2, which has begun."""

    def arrange(session: Session) -> int:
        session.add(Room(id=1, school_id=1, name="录播教室"))
        session.add(Room(id=2, school_id=2, name="七（2）班", account_id=house.ids["room"]))
        session.flush()
        teacher = person(session, house, "zhou")
        wanted = Wanted(
            title="有理数的加法", mode="broadcast", purpose="lesson",
            begins_at=clock.now(), ends_at=clock.now() + timedelta(minutes=40),
            teacher_id=teacher.account_id, school_id=1, room_id=1,
            seats=((2, house.ids["xiang"]),),
        )  # fmt: skip
        booked = booking.book(session, teacher, wanted)
        return lifecycle.begin(session, teacher, booked.id).id

    return await house.ground.database.write(arrange)
