"""What goes on beside a class goes on for as long as it is open, whatever fails once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from services.app import create_app
from services.live.signalling import classroom, following, presence
from tests.services.house import House
from tests.services.live.signalling.away import Away
from tests.services.live.signalling.test_coming_later import opened, said_by
from tests.services.live.signalling.test_socket import ask, entered, event_of, until
from tests.waiting import until_true
from tongke import bootstrap
from tongke.classes import kept_log
from tongke.live.vocabulary import Role, Who
from tongke.storage.bus.port import Message

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
    monkeypatch.setattr(following, "AGAIN_AFTER_S", 0.05)
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
    tell, failed = found.presence._tell_once, []

    async def fails_once() -> None:
        monkeypatch.setattr(found.presence, "_tell_once", tell)
        failed.append(True)
        raise FAULT

    monkeypatch.setattr(found.presence, "_tell_once", fails_once)
    await until_true(lambda: bool(failed))
    await ask(lead, "begin")
    room, _ = await entered(house, running, "room")
    await room.send_json({"lag": {"lag_ms": 1304, "skew_ms": 8}})
    await until(lead, lambda told: bool(told.get("presence", {}).get("rooms")))


async def test_a_fault_in_looking_at_the_delay_ends_no_looking(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classroom, "DELAY_LOOKED_AT_EVERY_S", 0.05)
    found = await opened(house, running)
    looked = []

    async def fails() -> None:
        looked.append(True)
        raise FAULT

    monkeypatch.setattr(found, "_look_at_delay", fails)
    await until_true(lambda: len(looked) > 2)


async def test_what_is_written_and_cannot_be_read_at_once_is_told_all_the_same(
    house: House, running: int, other: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "AGAIN_AFTER_S", 0.05)
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


async def test_while_the_log_cannot_be_read_what_others_say_is_heard(
    house: House, running: int, other: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise whoever is on another process would be taken for gone when a database comes back
    that was away for long, and a talk would fall silent."""
    monkeypatch.setattr(presence, "TOLD_EVERY_S", 0.05)
    monkeypatch.setattr(following, "AGAIN_AFTER_S", 0.05)
    lead, _ = await entered(house, running, "zhou")
    room, _ = await entered(other, running, "room")
    await until(lead, said_by("join", "room"))
    await ask(lead, "begin")
    await ask(lead, "call_up", room="2")
    await until(room, event_of("call_up"))
    found = await opened(house, running)

    def counted_until() -> float:
        return max((until_s for until_s, _ in found.presence._others.values()), default=0.0)

    away = Away(house, monkeypatch, kept_log.whole_log)
    away.leave()
    await ask(room, "raise_hand", room="2")
    await until_true(lambda: away.refusals > 2, what="the log is asked for in vain")
    heard = counted_until()
    await until_true(lambda: counted_until() > heard, what="the other process is heard")
    await room.send_json({"talk": {"to": "lead", "data": {"number": 1}}})
    assert (await until(lead, lambda told: "talk" in told))["talk"]["data"] == {"number": 1}
    away.come_back()
    await until(lead, event_of("raise_hand"))
    await other.client.close()


async def test_who_is_to_write_the_delay_and_cannot_says_who_is_there_all_the_same(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that hangs answers nothing for many seconds; who is silent is taken for dead."""
    monkeypatch.setattr(presence, "TOLD_EVERY_S", 0.05)
    monkeypatch.setattr(classroom, "DELAY_LOOKED_AT_EVERY_S", 0.05)
    found, hangs = await opened(house, running), asyncio.Event()

    async def hang() -> None:
        hangs.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(found, "_look_at_delay", hang)
    await hangs.wait()
    room, _ = await entered(house, running, "room")
    async with house.ground.bus.subscribe(found.presence.channel) as said:
        words = [await anext(said) for _ in range(3)]
    assert isinstance(words[-1], Message)
    assert found.state.connection(Who(Role.ROOM, "2")).encode() in words[-1].data
    await room.close()
