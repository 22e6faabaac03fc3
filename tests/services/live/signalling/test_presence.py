"""How far the rooms are apart: told while it is so, and in no log; and that nobody is told who
observes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from services.app import create_app
from services.live.signalling import presence
from tests.services.house import House
from tests.services.live.kept_rows import kept_rows
from tests.services.live.publishing import on_the_air
from tests.services.live.signalling.test_socket import Told, ask, entered, until
from tongke import bootstrap
from tongke.live.presence import Lag


@pytest.fixture(autouse=True)
def _told_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "TOLD_EVERY_S", 0.05)


LAG = {"lag_ms": 1304, "skew_ms": 8}


def present(**values: object) -> Callable[[Told], bool]:
    return lambda told: values.items() <= told.get("presence", {}).items()


async def test_the_lead_does_not_learn_that_she_is_observed(house: House, running: int) -> None:
    lead, _ = await entered(house, running, "zhou")
    await ask(lead, "begin")
    room, _ = await entered(house, running, "room")
    county, _ = await entered(house, running, "county")
    assert "done" in await ask(county, "note", id="n1", shown_ms=1, text="导入自然")
    assert "done" in await ask(county, "note", id="n2", shown_ms=1, text="导入自然")
    assert "done" in await ask(county, "erase_note", id="n2")
    city, _ = await entered(house, running, "city")
    await city.close()
    # Told after all of that, and with it.
    await room.send_json({"lag": LAG})
    seen: list[Told] = []
    await until(lead, lambda told: bool(seen.append(told)) or present(rooms={"2": LAG})(told))
    _, hello = await entered(house, running, "zhou")
    for told in (*seen, hello):
        assert not {"observer", "observers", "导入自然"} & words(told), told
    log = await house.ground.database.read(kept_rows, running)
    roles = {row.payload["by"]["role"] for row in log if row.kind in {"join", "leave"}}
    assert roles == {"lead", "room"}


def words(told: object) -> set[str]:
    """The names and the texts in it."""
    if isinstance(told, dict):
        return {name for each in told.values() for name in words(each)} | set(told)
    if isinstance(told, list):
        return {name for each in told for name in words(each)}
    return {told} if isinstance(told, str) else set()


async def test_a_rooms_lag_is_told_to_the_lead_and_the_class_is_told_how_far_it_is_apart(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "MEASURED_EVERY_S", 3600.0)
    lead, _ = await entered(house, running, "zhou")
    await ask(lead, "begin")
    room, _ = await entered(house, running, "room")
    await room.send_json({"lag": {"lag_ms": 1304, "skew_ms": 8}})
    measured = {"2": {"lag_ms": 1304, "skew_ms": 8}}
    await until(lead, present(rooms=measured, spread_ms=None))
    told = await until(room, lambda told: "presence" in told)
    assert told == {"presence": {"spread_ms": None}}
    before = len(await house.ground.database.read(kept_rows, running))
    await room.send_json({"lag": {"lag_ms": 1, "skew_ms": 1}})
    # What was said before it has been taken, or dropped: it came too soon.
    await room.send_json({"ping": 1})
    await until(room, lambda told: told.get("pong") == 1)
    observer, _ = await entered(house, running, "county")
    await until(observer, present(rooms=measured))
    assert len(await house.ground.database.read(kept_rows, running)) == before


async def test_the_class_waits_for_the_room_that_needs_most(house: House, running: int) -> None:
    lead, hello = await entered(house, running, "zhou")
    assert hello["delay_ms"] == 1500
    await ask(lead, "begin")
    room, _ = await entered(house, running, "room")
    needing = {"lag_ms": 1504, "skew_ms": 420, "need_ms": 1900}
    await room.send_json({"lag": needing})
    await until(lead, present(spread_ms=None))
    log = await house.ground.database.read(kept_rows, running)
    assert "delay" not in {row.kind for row in log}, "nobody publishes: every line looks slow"
    await on_the_air(house.client.server.app, running)  # type: ignore[attr-defined]
    told = await until(room, lambda told: told.get("event", {}).get("kind") == "delay")
    assert told["event"]["ms"] == 2500
    _, hello = await entered(house, running, "county")
    assert hello["delay_ms"] == 2500


async def test_only_rooms_measure_and_nonsense_is_said_to_be_none(
    house: House, running: int
) -> None:
    observer, _ = await entered(house, running, "county")
    await observer.send_json({"lag": {"lag_ms": 1, "skew_ms": 1}})
    refused = await until(observer, lambda told: "refused" in told)
    assert refused["code"] == "not-yours-in-class"
    room, _ = await entered(house, running, "room")
    await room.send_json({"lag": {"lag_ms": 10**9, "skew_ms": 1}})
    assert (await until(room, lambda told: "refused" in told))["code"] == "invalid"


async def test_who_is_on_another_process_counts_until_it_is_silent(
    house: House, running: int, aiohttp_client: AiohttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "KEPT_S", 1.5)
    second = bootstrap.build(house.ground.settings)
    other = House(second, await aiohttp_client(create_app(second)), house.ids, house.secrets)
    lead, _ = await entered(house, running, "zhou")
    await ask(lead, "begin")
    room, _ = await entered(other, running, "room")
    await room.send_json({"lag": LAG})
    await until(lead, present(rooms={"2": LAG}))
    await other.client.close()
    await until(lead, present(rooms={}))
    await second.close()


async def test_what_another_process_said_of_a_room_is_old_once_it_is_measured_here(
    house: House, running: int
) -> None:
    lead, _ = await entered(house, running, "zhou")
    await ask(lead, "begin")
    room, _ = await entered(house, running, "room")
    await house.ground.bus.publish(f"presence:{running}", said_elsewhere(lag_ms=9_000))
    await until(lead, present(rooms={"2": {"lag_ms": 9_000, "skew_ms": 8}}))
    await room.send_json({"lag": {"lag_ms": 1304, "skew_ms": 8}})
    await until(lead, present(rooms={"2": {"lag_ms": 1304, "skew_ms": 8}}))


def said_elsewhere(lag_ms: int) -> bytes:
    """By a process that has died since."""
    lags = {"2": Lag(lag_ms=lag_ms, skew_ms=8)}
    return presence.Said(by="dead", lags=lags).model_dump_json().encode()


async def test_a_word_that_this_version_does_not_know_ends_no_listening(
    house: House, running: int, aiohttp_client: AiohttpClient
) -> None:
    second = bootstrap.build(house.ground.settings)
    other = House(second, await aiohttp_client(create_app(second)), house.ids, house.secrets)
    lead, _ = await entered(house, running, "zhou")
    await ask(lead, "begin")
    room, _ = await entered(other, running, "room")
    await room.send_json({"lag": LAG})
    await until(lead, present(rooms={"2": LAG}))
    for channel in ("presence", "talk"):
        await second.bus.publish(f"{channel}:{running}", b'{"by": "newer", "says": "more"}')
    await room.close()
    await until(lead, present(rooms={}))
    await other.client.close()
    await second.close()
