"""That a class had its partner, or had none: the figures of the year count by this."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.services.classes.lessons import SERVER, began_ms, write_log
from tests.services.house import House
from tongke import clock
from tongke.classes.models import LiveClass, Seat
from tongke.classes.running import lifecycle
from tongke.live.bodies import Begin, BookedRoom, End, Join, Prepare
from tongke.live.vocabulary import LessonKind, Role, Who
from tongke.people.models import Room

LISTS = (("zhou", "/timetable"), ("zhou", "/classes/{id}"), ("head", "/patrol"))


@pytest.mark.parametrize(
    ("partner", "own", "outcome"),
    [
        ("declined", False, "no_partner"),
        # A room of the school's own does not stand for the partner.
        ("declined", True, "no_partner"),
        ("confirmed", True, "no_partner"),
        # No other school was asked.
        ("", True, "held"),
        ("", False, "no_partner"),
    ],
)
async def test_a_class_to_which_the_partner_did_not_come(
    house: House, running: int, partner: str, own: bool, outcome: str
) -> None:
    """Given to the end, with the partner's room as it answered and did not come, and with one of
    the school's own that came."""

    def give(session: Session) -> None:
        live = session.get_one(LiveClass, running)
        if partner:
            live.seats[0].state = partner
        else:
            live.seats.clear()
        came = []
        if own:
            session.add(Room(id=3, school_id=1, name="阶梯教室"))
            session.flush()
            live.seats.append(Seat(room_id=3, state="confirmed"))
            came = [(-50, Who(Role.ROOM, "3"), Join(connection="r"))]
        lead, booked = Who(Role.LEAD, str(house.ids["zhou"])), BookedRoom(id="3", name="阶梯教室")
        prepared = Prepare(lesson=LessonKind.BROADCAST, rooms=(booked,) if own else ())
        write_log(session, running, began_ms(), [
            (-60, SERVER, prepared), *came, (0, lead, Begin()), (119, lead, End()),
        ])  # fmt: skip
        lifecycle.end(session, running)
        live.ends_at = clock.now()

    await house.ground.database.write(give)
    told = await house.json("zhou", "GET", f"/api/v1/classes/{running}/attendance")
    assert told["outcome"] == outcome
    for name, path in LISTS:
        page = await (await house.ask(name, "GET", path.format(id=running))).text()
        assert ("没有结对方参加" in page) == (outcome == "no_partner"), path
    page = await (await house.ask("zhou", "GET", f"/classes/{running}/after")).text()
    # Rooms were booked where they declined.
    assert ("没有听讲教室参加，或课没有开始" in page) == (told["rooms"] == [])
