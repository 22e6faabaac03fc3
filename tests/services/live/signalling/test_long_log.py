"""A class in which much has happened: who comes in holds nobody up."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.services.house import House
from tests.services.live.signalling.test_socket import entered
from tongke.classes import kept_log
from tongke.classes.models import ClassEvent
from tongke.live import events
from tongke.live.bodies import BookedRoom, HeadCount, Known, Prepare, Stroke
from tongke.live.events import Event
from tongke.live.vocabulary import LessonKind, Role, Who

LEAD = Who(Role.LEAD, "7")
POINTS = ((0.1, 0.2),) * 500


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[threading.Thread]:
    """The thread in which each event is read out of the log."""
    seen: list[threading.Thread] = []

    def reading(media_ms: int, kind: str, payload: Any) -> Event:
        seen.append(threading.current_thread())
        return events.event(media_ms, kind, payload)

    monkeypatch.setattr(kept_log, "event", reading)
    return seen


def _happened(session: Session, class_id: int, bodies: list[Known]) -> None:
    for seq, body in enumerate(bodies, 1):
        row: dict[str, Any] = Event(0, 0, LEAD, body).to_dict()
        session.add(ClassEvent(class_id=class_id, seq=seq, **row))


@pytest.mark.parametrize(
    "bodies",
    [
        [HeadCount(room="2", heads=number % 2) for number in range(300)],
        [Stroke(stroke=f"s{number}", points=POINTS) for number in range(30)],
    ],
    ids=["many-events", "long-strokes"],
)
async def test_a_long_log_is_read_beside_the_loop(
    house: House, running: int, read: list[threading.Thread], bodies: list[Known]
) -> None:
    booked = Prepare(lesson=LessonKind.BROADCAST, rooms=(BookedRoom(id="2", name="多媒体教室"),))
    await house.ground.database.write(_happened, running, [booked, *bodies])
    _, hello = await entered(house, running, "zhou")
    assert hello["seq"] > len(bodies)
    beside = [thread for thread in read if thread is not threading.current_thread()]
    assert len(beside) == 1 + len(bodies)
    surfaces = hello["state"]["stage"]["ink"]
    drawn = sum(len(stroke["points"]) for surface in surfaces for stroke in surface["strokes"])
    assert drawn == sum(len(body.points) for body in bodies if isinstance(body, Stroke))


async def test_what_just_happened_is_read_at_once(
    house: House, running: int, read: list[threading.Thread]
) -> None:
    await entered(house, running, "zhou")
    assert read
    assert set(read) == {threading.current_thread()}
