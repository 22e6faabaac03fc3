"""A room's small still goes to the lead alone, wherever each is connected, and is kept nowhere."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse
from pytest_aiohttp.plugin import AiohttpClient

from services.app import create_app
from services.live.signalling import room_stills
from tests.live.test_jpeg import drawn
from tests.services.house import House
from tests.services.live.kept_rows import kept_rows
from tests.services.live.signalling.test_protocol import Heard
from tests.services.live.signalling.test_socket import ask, event_of, until
from tongke import bootstrap


def jpeg(number: int) -> str:
    return base64.b64encode(drawn(comment=bytes([number]))).decode()


async def stills_until(socket: ClientWebSocketResponse, kind: str) -> list[Any]:
    """Those that somebody gets before an event of a kind."""
    told: list[Any] = []
    while not told or not event_of(kind)(told[-1]):
        told.append(await until(socket, lambda _: True))
    return [each["still"]["jpeg"] for each in told if "still" in each]


async def seen(socket: ClientWebSocketResponse) -> Any:
    return (await until(socket, lambda told: "still" in told))["still"]


async def test_the_lead_sees_a_room_and_nobody_else_does(house: House, running: int) -> None:
    heard = Heard(house, running)
    lead, observer, room = [await heard.line(name) for name in ("zhou", "county", "room")]
    await ask(lead, "begin")
    await room.send_json({"still": jpeg(1)})
    assert await seen(lead) == {"room": "2", "jpeg": jpeg(1)}
    await room.send_json({"still": "a picture"})
    assert (await until(room, lambda told: "refused" in told))["code"] == "invalid"
    await ask(room, "raise_hand", room="2")
    assert await stills_until(observer, "raise_hand") == []
    log = await house.ground.database.read(kept_rows, running)
    assert jpeg(1) not in str([row.payload for row in log])


async def test_who_sends_too_many_is_seen_by_the_first(house: House, running: int) -> None:
    heard = Heard(house, running)
    lead, room = [await heard.line(name) for name in ("zhou", "room")]
    await ask(lead, "begin")
    for number in range(3):
        await room.send_json({"still": jpeg(number)})
    await ask(room, "raise_hand", room="2")
    assert await stills_until(lead, "raise_hand") == [jpeg(0)]


async def test_each_may_be_on_another_process(
    house: House, running: int, aiohttp_client: AiohttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_stills, "SENT_EVERY_S", 0.0)
    second = bootstrap.build(house.ground.settings)
    other = House(second, await aiohttp_client(create_app(second)), house.ids, house.secrets)
    lead = await Heard(house, running).line("zhou")
    room = await Heard(other, running).line("room")
    await ask(lead, "begin")
    await until(room, event_of("begin"))
    # Each hears of the other by the bus from here on.
    await ask(room, "raise_hand", room="2")
    await until(lead, event_of("raise_hand"))
    for number in range(5):
        await room.send_json({"still": jpeg(number)})
    assert [(await seen(lead))["jpeg"] for _ in range(5)] == [jpeg(each) for each in range(5)]
    await other.client.close()
    await second.close()
