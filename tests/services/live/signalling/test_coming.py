"""That a room is there is known by its line alone, however often it comes and goes."""

from __future__ import annotations

import time
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.services.house import House
from tests.services.live.kept_rows import kept_rows
from tests.services.live.signalling.test_socket import ask, entered, event_of, until
from tongke.classes.models import ClassEvent
from tongke.live.bodies import BookedRoom, Join, Known, Leave, Prepare
from tongke.live.bounds import BOUNDS, COMES_AGAIN_MS
from tongke.live.events import Event
from tongke.live.vocabulary import LessonKind, Role, Who

ROOM = Who(Role.ROOM, "2")


def present(hello: dict[str, Any]) -> bool:
    (room,) = [each for each in hello["state"]["rooms"] if each["id"] == "2"]
    return bool(room["present"])


@pytest.mark.parametrize("word", ["join", "leave"])
async def test_a_room_does_not_forge_that_it_is_there(
    house: House, running: int, word: str
) -> None:
    lead, _ = await entered(house, running, "zhou")
    room, _ = await entered(house, running, "room")
    await until(lead, event_of("join"))
    refused = await ask(room, word, connection="ghost")
    assert refused["code"] == "not-yours-in-class"
    await room.close()
    await until(lead, event_of("leave"))
    await lead.close()
    _, hello = await entered(house, running, "zhou")
    assert not present(hello)


async def test_who_comes_too_often_is_there_a_little_later_and_gone_at_once(
    house: House, running: int
) -> None:
    """The bound is reached, and is over some seconds after the room comes once more: as many as a
    busy machine may take to open so long a class."""
    last_ms = round(time.time() * 1000) - COMES_AGAIN_MS + 8_000
    await house.ground.database.write(_came, running, last_ms)
    lead, hello = await entered(house, running, "zhou")
    assert not present(hello)
    room, hello = await entered(house, running, "room")
    assert not present(hello), "it is not taken at once"
    joined = await until(lead, event_of("join"))
    assert joined["event"]["by"]["role"] == "room"
    await ask(lead, "begin")
    assert await ask(lead, "call_up", room="2") == {"done": 7}
    await room.close()
    await until(lead, event_of("leave"))
    log = await house.ground.database.read(kept_rows, running)
    assert sum(_is_join_of_room(row) for row in log) == BOUNDS["join"].most + 1


def _is_join_of_room(row: ClassEvent) -> bool:
    return row.kind == "join" and row.payload["by"]["role"] == "room"


def _came(session: Session, class_id: int, at: int) -> None:
    rooms = (BookedRoom(id="2", name="七（2）班"),)
    said: list[tuple[Who, Known]] = [
        (Who(Role.SERVER), Prepare(lesson=LessonKind.BROADCAST, rooms=rooms))
    ]
    for number in range(BOUNDS["join"].most):
        said += [(ROOM, Join(connection=f"c{number}")), (ROOM, Leave(connection=f"c{number}"))]
    for seq, (who, body) in enumerate(said, 1):
        row: dict[str, Any] = Event(at, at, who, body).to_dict()
        session.add(ClassEvent(class_id=class_id, seq=seq, **row))
