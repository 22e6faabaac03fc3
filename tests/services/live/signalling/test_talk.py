"""The ends of a talk find each other over the class's own line, wherever each is connected."""

from __future__ import annotations

from typing import Any

from aiohttp import ClientWebSocketResponse
from pytest_aiohttp.plugin import AiohttpClient

from services.app import create_app
from tests.services.house import House
from tests.services.live.kept_rows import kept_rows
from tests.services.live.signalling.test_protocol import Heard, holds
from tests.services.live.signalling.test_socket import ask, entered, event_of, until
from tongke import bootstrap
from tongke.settings import IceServer

OFFER = {"call": "c1", "description": {"type": "offer", "sdp": "v=0"}}


async def say(socket: ClientWebSocketResponse, to: str, data: dict[str, Any]) -> None:
    await socket.send_json({"talk": {"to": to, "data": data}})


async def heard(socket: ClientWebSocketResponse) -> Any:
    return (await until(socket, lambda told: "talk" in told))["talk"]


async def refused(socket: ClientWebSocketResponse) -> Any:
    return (await until(socket, lambda told: "refused" in told))["code"]


async def test_a_room_that_is_called_up_and_the_lead_hear_each_other(
    house: House, running: int
) -> None:
    held = Heard(house, running)
    lead, room, observer = [await held.line(name) for name in ("zhou", "room", "county")]
    await ask(lead, "begin")
    await say(room, "lead", OFFER)
    assert await refused(room) == "not-in-talk"
    await ask(lead, "call_up", room="2")
    await say(room, "lead", OFFER)
    assert await heard(lead) == {"from": "2", "data": OFFER}
    await say(lead, "2", {"call": "c1", "candidate": None})
    assert await heard(room) == {"from": "lead", "data": {"call": "c1", "candidate": None}}
    await say(observer, "2", OFFER)
    assert await refused(observer) == "not-in-talk"
    await say(room, "lead", {"sdp": "v" * 40_000})
    assert await refused(room) == "invalid"
    await ask(lead, "sit_down", room="2")
    await say(lead, "2", OFFER)
    assert await refused(lead) == "not-in-talk"
    log = await house.ground.database.read(kept_rows, running)
    assert "sdp" not in str([row.payload for row in log])


async def test_each_may_be_on_another_process(
    house: House, running: int, aiohttp_client: AiohttpClient
) -> None:
    second = bootstrap.build(house.ground.settings)
    other = House(second, await aiohttp_client(create_app(second)), house.ids, house.secrets)
    lead = await Heard(house, running).line("zhou")
    room = await Heard(other, running).line("room")
    await ask(lead, "begin")
    await ask(lead, "call_up", room="2")
    await until(room, event_of("call_up"))
    # Each hears of the other by the bus from here on.
    await ask(room, "raise_hand", room="2")
    await until(lead, event_of("raise_hand"))
    for number in range(20):
        await say(room, "lead", {"number": number})
    assert [(await heard(lead))["data"]["number"] for _ in range(20)] == list(range(20))
    await say(lead, "2", {"answer": True})
    assert await heard(room) == {"from": "lead", "data": {"answer": True}}
    await other.client.close()
    await second.close()


async def test_only_the_ends_of_a_talk_learn_of_the_servers(house: House, running: int) -> None:
    turn = {"urls": "turn:turn.example.cn", "username": "tongke", "credential": "s3"}
    house.ground.settings.ice_servers.append(IceServer.model_validate(turn))
    told = {"urls": ["turn:turn.example.cn"], "username": "tongke", "credential": "s3"}
    for name in ("zhou", "room"):
        _, hello = await entered(house, running, name)
        assert hello["ice_servers"] == [told]
        holds("class line, service", {"hello": hello})
    for name in ("xiang", "county"):
        _, hello = await entered(house, running, name)
        assert "ice_servers" not in hello
