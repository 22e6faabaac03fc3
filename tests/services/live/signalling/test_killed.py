"""A process that is killed writes nothing down: whoever is left in the class does it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse

from services.live.signalling import coming, presence, socket
from services.live.signalling.classroom import Classroom
from services.live.signalling.classrooms import CLASSROOMS, whole_class
from tests.services.classes.trainings import begin_training
from tests.services.house import House
from tests.services.live.conftest import Node
from tests.services.live.signalling.test_coming_later import kinds_of, said_by
from tests.services.live.signalling.test_socket import entered, event_of, until
from tests.waiting import until_true
from tongke.live.bodies import Leave
from tongke.live.vocabulary import Role, Who
from tongke.storage.bus.port import Connected, Disconnected

ROOM = Who(Role.ROOM, "2")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "TOLD_EVERY_S", 0.05)
    # More than a machine stands still for: who lives is not taken for gone.
    monkeypatch.setattr(presence, "KEPT_S", 5.0)
    monkeypatch.setattr(coming, "LOOK_S", 0.05)


Kill = Callable[[ClientWebSocketResponse], Awaitable[None]]


@pytest.fixture
def kill(monkeypatch: pytest.MonkeyPatch) -> Kill:
    """Ends a line without a word, as a process does that is killed with it."""

    async def kill_line(line: ClientWebSocketResponse) -> None:
        ended = asyncio.Event()

        async def killed(*_: Any, **__: Any) -> None:
            ended.set()

        with monkeypatch.context() as patched:
            patched.setattr(socket, "go", killed)
            line._response.connection.transport.abort()  # type: ignore[union-attr]
            await ended.wait()

    return kill_line


async def opened(house: House, class_id: int) -> Classroom:
    live = await house.ground.database.read(whole_class, class_id)
    found: Classroom = await house.client.server.app[CLASSROOMS].open(live)  # type: ignore[attr-defined]
    return found


def looks(found: Classroom, monkeypatch: pytest.MonkeyPatch) -> list[dict[Who, str]]:
    """Whom the class finds lost, each time it looks; nothing comes of it."""
    looked = list[dict[Who, str]]()
    lost = found.presence.lost

    def look() -> dict[Who, str]:
        looked.append(lost())
        return {}

    monkeypatch.setattr(found.presence, "lost", look)
    return looked


@pytest.mark.parametrize(("name", "role"), [("room", "room"), ("zhou", "lead")])
async def test_who_was_on_it_and_does_not_come_back_is_gone(
    house: House, running: int, node: Node, kill: Kill, name: str, role: str
) -> None:
    other = await node()
    observer, _ = await entered(house, running, "county")
    line, _ = await entered(other, running, name)
    await until(observer, said_by("join", role))
    await kill(line)
    left = await until(observer, said_by("leave", role))
    assert left["event"]["dropped"] is True
    assert await kinds_of(house, running, role) == ["join", "leave"]


async def test_and_so_is_a_teacher_at_her_desk(house: House, node: Node, kill: Kill) -> None:
    training = await house.ground.database.write(begin_training, house)
    other = await node()
    lead, _ = await entered(house, training, "zhou")
    line, _ = await entered(other, training, "xiang")
    await until(lead, event_of("arrive"))
    await kill(line)
    left = await until(lead, event_of("depart"))
    assert left["event"]["dropped"] is True


async def test_who_is_on_a_process_that_lives_stays(
    house: House, running: int, node: Node, kill: Kill
) -> None:
    """As long as it takes to find out that another is gone, and as long again."""
    other = await node()
    observer, _ = await entered(house, running, "county")
    await entered(other, running, "room")
    for _ in range(2):
        lead, _ = await entered(other, running, "zhou")
        await kill(lead)
        await until(observer, said_by("leave", "lead"))
    assert await kinds_of(house, running, "room") == ["join"]


async def test_nobody_is_taken_for_gone_by_who_does_not_hear(
    house: House, running: int, kill: Kill, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await opened(house, running)
    line, _ = await entered(house, running, "room")
    await until_true(lambda: found.presence._hears)
    looked = looks(found, monkeypatch)
    found.presence.follow(Disconnected())
    await kill(line)
    monkeypatch.setattr(presence, "KEPT_S", 0.01)
    del looked[:]
    await until_true(lambda: len(looked) > 20)
    assert not any(looked)
    found.presence.follow(Connected())
    await until_true(lambda: any(looked))


async def test_nor_beside_a_process_of_an_earlier_version_which_does_not_say_whom_it_has(
    house: House, running: int, kill: Kill, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await opened(house, running)
    line, _ = await entered(house, running, "room")
    await until_true(lambda: found.presence._hears)
    looked = looks(found, monkeypatch)
    monkeypatch.setattr(presence, "KEPT_S", 3600.0)
    found.presence.hear(b'{"by": "old", "lags": {}}')
    await kill(line)
    monkeypatch.setattr(presence, "KEPT_S", 0.01)
    del looked[:]
    await until_true(lambda: len(looked) > 20)
    assert not any(looked)
    found.presence._others.clear()
    await until_true(lambda: any(looked))


async def test_who_was_taken_for_gone_and_is_here_comes_again(
    house: House, running: int, node: Node
) -> None:
    """The word of a process was lost for a while."""
    other = await node()
    observer, _ = await entered(house, running, "county")
    await entered(other, running, "room")
    await until(observer, said_by("join", "room"))
    found = await opened(house, running)
    mistaken = Leave(connection=found.state.connection(ROOM), dropped=True)
    await found.command(ROOM, mistaken)
    await until(observer, said_by("join", "room"))
    assert await kinds_of(house, running, "room") == ["join", "leave", "join"]


async def test_a_window_on_another_process_stands_for_them_too(
    house: House, running: int, node: Node
) -> None:
    other = await node()
    observer, _ = await entered(house, running, "county")
    await entered(other, running, "room")
    line, _ = await entered(house, running, "room")
    for _ in range(2):
        await until(observer, said_by("join", "room"))
    await line.close()
    await until(observer, said_by("leave", "room"))
    await until(observer, said_by("join", "room"))
