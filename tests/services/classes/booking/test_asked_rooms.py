"""A room that another school has only asked for: its own school's lessons do not wait for that,
third schools do, and of the two classes the answer decides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.services.classes.booking.test_api import wanted
from tests.services.house import House, agreement
from tongke import clock
from tongke.people.models import Room

OURS, THEIRS, THIRD = 1, 2, 3


@pytest.fixture(autouse=True)
async def three_schools(house: House) -> None:
    """School 2 is paired with school 3 as well."""

    def arrange(session: Session) -> None:
        session.add(Room(id=OURS, school_id=1, name="录播教室"))
        session.add(Room(id=THEIRS, school_id=2, name="七（2）班", account_id=house.ids["room"]))
        session.add(Room(id=THIRD, school_id=3, name="八（1）班"))
        session.add(agreement(2, "county", 3, 2))

    await house.ground.database.write(arrange)


def asking(house: House, **more: Any) -> dict[str, Any]:
    """For the partner's room, with its teacher beside the pupils."""
    return wanted(seats=[{"room_id": THEIRS, "teacher_id": house.ids["xiang"]}], **more)


async def book(house: House, name: str, body: dict[str, Any], status: int = 201) -> Any:
    answer = await house.ask(name, "POST", "/api/v1/classes", json=body)
    told = await answer.json()
    assert answer.status == status, told
    return told


async def own_lesson(house: House, status: int = 201) -> None:
    """The partner's teacher, in the room of her own school."""
    await book(house, "xiang", wanted(room_id=THEIRS, seats=[]), status)


async def answer(house: House, number: int, state: str) -> int:
    path = f"/api/v1/classes/{number}/seats/{THEIRS}"
    return (await house.ask("xiang", "PUT", path, json={"state": state})).status


async def test_the_asked_school_gives_its_own_lesson_there_and_then_cannot_say_yes(
    house: House,
) -> None:
    asked = await book(house, "zhou", asking(house))
    await own_lesson(house)
    assert await answer(house, asked["id"], "confirmed") == 409
    assert await answer(house, asked["id"], "declined") == 200


async def test_what_it_has_said_yes_to_is_taken(house: House) -> None:
    asked = await book(house, "zhou", asking(house))
    assert await answer(house, asked["id"], "confirmed") == 200
    await own_lesson(house, 409)


async def test_an_own_lesson_that_is_moved_there_is_not_hindered_either(house: House) -> None:
    later = {
        moment: (clock.now() + timedelta(days=1, minutes=minutes)).isoformat()
        for moment, minutes in (("begins_at", 0), ("ends_at", 40))
    }
    await book(house, "zhou", asking(house, **later))
    own = await book(house, "xiang", wanted(room_id=THEIRS, seats=[]))
    moved = await house.ask("xiang", "PATCH", f"/api/v1/classes/{own['id']}", json=later)
    assert moved.status == 200


async def test_a_third_school_waits_for_the_answer_to_who_asked_first(house: House) -> None:
    asked = await book(house, "zhou", asking(house))
    theirs = wanted(room_id=THIRD, seats=[{"room_id": THEIRS}])
    await book(house, "long", theirs, 409)
    assert await answer(house, asked["id"], "declined") == 200
    await book(house, "long", theirs)


async def test_who_asks_is_taken_at_once(house: House) -> None:
    await book(house, "zhou", asking(house))
    await book(house, "zhou", wanted(room_id=None, seats=[]), 409)
    await book(house, "tang", wanted(room_id=OURS, seats=[]), 409)
