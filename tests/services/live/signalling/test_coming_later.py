"""Who is there and who is gone is known, also when the database was away at that moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from services.live.signalling import classroom, coming
from services.live.signalling.classroom import Classroom
from services.live.signalling.classrooms import CLASSROOMS, whole_class
from services.live.signalling.coming import come_late, go
from tests.services.classes.trainings import begin_training
from tests.services.house import House
from tests.services.live.kept_rows import kept_rows
from tests.services.live.signalling.away import Away
from tests.services.live.signalling.test_socket import Told, ask, entered, event_of, until
from tests.waiting import until_true
from tongke.live.vocabulary import Role, Who
from tongke.storage.database import Database
from tongke.storage.retrying import DatabaseAway, DatabaseBusy

ROOM = Who(Role.ROOM, "2")
# The last is what a driver says of a disk that fails: it has no name of ours.
ERRORS = [DatabaseAway(), DatabaseBusy(), OSError("disk I/O error")]
errors = pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)


@pytest.fixture(autouse=True)
def _again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coming, "AGAIN_AFTER_S", 0.05)


@pytest.fixture
def away(house: House, monkeypatch: pytest.MonkeyPatch) -> Away:
    """Where a class's log is written."""
    return Away(house, monkeypatch, classroom._add)


def said_by(kind: str, role: str) -> Callable[[Told], bool]:
    return lambda told: event_of(kind)(told) and told["event"]["by"]["role"] == role


async def kinds_of(house: House, class_id: int, role: str) -> list[str]:
    """What the log has of a role's coming and going."""
    log = await house.ground.database.read(kept_rows, class_id)
    return [row.kind for row in log if row.payload["by"]["role"] == role]


@errors
async def test_a_room_that_comes_meanwhile_is_there_once_that_can_be_written(
    house: House, running: int, away: Away, error: Exception
) -> None:
    lead, _ = await entered(house, running, "zhou")
    away.leave(error)
    await entered(house, running, "room")
    away.come_back()
    await until(lead, said_by("join", "room"))
    await ask(lead, "begin")
    assert await ask(lead, "call_up", room="2") == {"done": 7}


async def test_a_teacher_at_her_desk_who_comes_meanwhile_is_there_as_well(
    house: House, away: Away
) -> None:
    training = await house.ground.database.write(begin_training, house)
    lead, _ = await entered(house, training, "zhou")
    away.leave()
    await entered(house, training, "xiang")
    away.come_back()
    arrived = await until(lead, event_of("arrive"))
    assert arrived["event"]["name"] == "xiang"


@errors
@pytest.mark.parametrize(("name", "role"), [("room", "room"), ("zhou", "lead")])
async def test_who_goes_meanwhile_is_gone_once_that_can_be_written(
    house: House, running: int, away: Away, name: str, role: str, error: Exception
) -> None:
    observer, _ = await entered(house, running, "county")
    line, _ = await entered(house, running, name)
    await until(observer, said_by("join", role))
    away.leave(error)
    await line.close()
    await until_true(lambda: away.refusals > 1)
    away.come_back()
    await until(observer, said_by("leave", role))


async def test_who_goes_and_comes_back_meanwhile_is_there(
    house: House, running: int, away: Away
) -> None:
    """A power cut at the school, while the database is away."""
    observer, _ = await entered(house, running, "county")
    line, _ = await entered(house, running, "room")
    away.leave()
    line._response.connection.transport.abort()  # type: ignore[union-attr]
    await until_true(lambda: away.refusals > 0)
    again, _ = await entered(house, running, "room")
    away.come_back()
    for _ in range(2):
        await until(observer, said_by("join", "room"))
    await again.close()
    await until(observer, said_by("leave", "room"))


async def test_the_end_of_a_process_waits_for_no_database(
    house: House, running: int, away: Away
) -> None:
    room, _ = await entered(house, running, "room")
    away.leave()
    await room.close()
    await until_true(lambda: away.refusals > 1)
    left_to_do = house.client.server.app[CLASSROOMS]._seen_to  # type: ignore[attr-defined]
    assert left_to_do
    async with asyncio.timeout(4):
        await house.client.close()
    await until_true(lambda: not left_to_do)


@pytest.mark.parametrize(("name", "role"), [("room", "room"), ("zhou", "lead")])
async def test_they_are_there_as_long_as_one_of_their_windows_is(
    house: House, running: int, name: str, role: str
) -> None:
    observer, _ = await entered(house, running, "county")
    first, _ = await entered(house, running, name)
    second, _ = await entered(house, running, name)
    await second.close()
    # The one that is left is their connection now.
    for _ in range(3):
        await until(observer, said_by("join", role))
    assert "leave" not in await kinds_of(house, running, role)
    await first.close()
    await until(observer, said_by("leave", role))


@pytest.mark.parametrize(("name", "role"), [("room", "room"), ("zhou", "lead")])
async def test_all_windows_closed_at_once_are_a_leaving(
    house: House, running: int, name: str, role: str
) -> None:
    observer, _ = await entered(house, running, "county")
    windows = [(await entered(house, running, name))[0] for _ in range(4)]
    await asyncio.gather(*(window.close() for window in windows))
    await until(observer, said_by("leave", role))
    assert (await kinds_of(house, running, role))[-1] == "leave"


async def opened(house: House, class_id: int) -> Classroom:
    live = await house.ground.database.read(whole_class, class_id)
    app = house.client.server.app  # type: ignore[attr-defined]
    found: Classroom = await app[CLASSROOMS].open(live)
    return found


async def test_a_coming_that_is_cut_off_while_it_is_written_is_followed_by_the_going(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await opened(house, running)
    is_writing, goes_on = asyncio.Event(), asyncio.Event()
    write = Database._write

    async def slow(*asked: Any) -> Any:
        is_writing.set()
        await goes_on.wait()
        return await write(*asked)

    monkeypatch.setattr(Database, "_write", slow)
    late = asyncio.create_task(come_late(found, ROOM, "c1"))
    await is_writing.wait()
    late.cancel()
    going = asyncio.create_task(go(house.ground, found, ROOM, "c1", dropped=True))
    # It knows better than to look at the log now.
    await asyncio.wait({going}, timeout=0.2)
    goes_on.set()
    await going
    assert await kinds_of(house, running, "room") == ["join", "leave"]
    assert found.state.connection(ROOM) == ""
