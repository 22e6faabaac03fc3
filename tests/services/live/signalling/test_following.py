"""What goes on beside a class goes on for as long as it is open, whatever fails once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from services.app import create_app
from services.live.signalling import classrooms, presence
from tests.services.house import House
from tests.services.live.signalling.away import Away
from tests.services.live.signalling.test_coming_later import opened, said_by
from tests.services.live.signalling.test_socket import ask, entered, event_of, until
from tongke import bootstrap
from tongke.classes import kept_log

FAULT = KeyError("a fault of ours")


@pytest.fixture
async def other(house: House, aiohttp_client: AiohttpClient) -> AsyncIterator[House]:
    """Another web process of the house."""
    second = bootstrap.build(house.ground.settings)
    yield House(second, await aiohttp_client(create_app(second)), house.ids, house.secrets)
    await second.close()


async def test_a_fault_in_reading_the_log_ends_no_following(
    house: House, running: int, other: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classrooms, "AGAIN_AFTER_S", 0.05)
    lead, _ = await entered(house, running, "zhou")
    room, _ = await entered(other, running, "room")
    found = await opened(other, running)

    async def fails_once() -> None:
        monkeypatch.undo()
        raise FAULT

    monkeypatch.setattr(found, "catch_up", fails_once)
    await ask(lead, "begin")
    await until(room, event_of("begin"))
    await other.client.close()


async def test_a_word_that_cannot_be_heard_ends_no_following(
    house: House, running: int, other: House
) -> None:
    lead, _ = await entered(house, running, "zhou")
    room, _ = await entered(other, running, "room")
    await until(lead, said_by("join", "room"))
    found = await opened(other, running)
    heard = []

    def deliver(said: object) -> None:
        heard.append(said)
        raise FAULT

    found.talk._deliver = deliver  # type: ignore[method-assign]
    await ask(lead, "begin")
    await ask(lead, "call_up", room="2")
    await lead.send_json({"talk": {"to": "2", "data": {}}})
    await ask(lead, "roll_call")
    await until(room, event_of("roll_call"))
    assert heard
    await other.client.close()


async def test_a_fault_in_telling_who_is_there_ends_no_telling(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "TOLD_EVERY_S", 0.05)
    lead, _ = await entered(house, running, "zhou")
    found = await opened(house, running)
    needs, failed = found.presence._needs, []

    async def fails_once(needed: list[int]) -> None:
        found.presence._needs = needs
        failed.append(needed)
        raise FAULT

    found.presence._needs = fails_once
    await until(lead, lambda _: bool(failed))
    await ask(lead, "begin")
    room, _ = await entered(house, running, "room")
    await room.send_json({"lag": {"lag_ms": 1304, "skew_ms": 8}})
    await until(lead, lambda told: bool(told.get("presence", {}).get("rooms")))


async def test_what_is_written_and_cannot_be_read_at_once_is_told_all_the_same(
    house: House, running: int, other: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classrooms, "AGAIN_AFTER_S", 0.05)
    lead, _ = await entered(house, running, "zhou")
    room, _ = await entered(other, running, "room")
    await until(lead, said_by("join", "room"))
    away = Away(house, monkeypatch, kept_log.whole_log)
    write = house.ground.database.write

    async def written(*asked: Any) -> Any:
        done: Any = await write(*asked)
        away.leave()
        return done

    monkeypatch.setattr(house.ground.database, "write", written)
    assert (await ask(lead, "begin"))["code"] == "database-away"
    await until(room, event_of("begin"))
    away.come_back()
    await until(lead, event_of("begin"))
    await other.client.close()
