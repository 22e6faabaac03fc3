"""Whoever ends a class, those who are in it hear of it."""

from __future__ import annotations

from sqlalchemy import update

from tests.services.house import House
from tests.services.live.signalling.test_protocol import event_of, until
from tests.services.live.signalling.test_socket import ask, entered
from tongke.classes.models import LiveClass


async def test_a_program_that_ends_a_class_ends_it_for_who_is_in_it(
    house: House, running: int
) -> None:
    lead, _ = await entered(house, running, "zhou")
    room, _ = await entered(house, running, "room")
    observer, _ = await entered(house, running, "county")
    await ask(lead, "begin")
    await lead.close()
    await house.json("zhou", "POST", f"/api/v1/classes/{running}/end", json={})
    for socket in (room, observer):
        await until(socket, event_of("end"))


async def test_a_class_that_was_not_begun_is_not_over(house: House, running: int) -> None:
    await house.ground.database.write(
        lambda session: session.execute(update(LiveClass).values(state="booked"))
    )
    answer = await house.ask("zhou", "POST", f"/api/v1/classes/{running}/end", json={})
    assert answer.status == 409
    _, hello = await entered(house, running, "room")
    assert hello["state"]["phase"] == "waiting"
