"""What a test sends to a class as its browser would, and what became of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable

from aiohttp import ClientWebSocketResponse, WSMsgType

from services.live.carrying.broadcast import Broadcast
from services.live.carrying.carrier import CARRIER, journal_of
from tests.services.house import House
from tests.services.live.ingest.test_publishing import publishing
from tests.waiting import LIMIT_S
from tongke.live.wire import Chunk, ChunkTrack, decode
from tongke.storage.journal import records


def pictures(at_us: int, count: int, data: bytes = b"x", step: int = 2) -> list[Chunk]:
    return [
        Chunk(ChunkTrack.PICTURE, 0, number, at_us, 0, data, sent_again=True)
        for number in range(1, step * count + 1, step)
    ]


async def begun(house: House, running: int) -> tuple[ClientWebSocketResponse, dict[str, object]]:
    socket = await publishing(house, running)
    return socket, (await socket.receive_json())["hello"]


async def broadcast_of(house: House, running: int) -> Broadcast:
    carrier = house.client.server.app[CARRIER]  # type: ignore[attr-defined]
    return await carrier.broadcast(running)  # type: ignore[no-any-return]


async def origin_us(house: House, running: int) -> int:
    return (await broadcast_of(house, running)).origin_us


async def send(socket: ClientWebSocketResponse, chunks: Iterable[Chunk]) -> None:
    for chunk in chunks:
        await socket.send_bytes(chunk.encode())


async def closed_with(socket: ClientWebSocketResponse) -> tuple[int | None, int]:
    """How a line was closed, and what was acknowledged on it."""
    up_to = 0
    async with asyncio.timeout(LIMIT_S):
        async for message in socket:
            assert message.type is WSMsgType.TEXT
            up_to = max(up_to, json.loads(message.data).get("durable", 0))
    return socket.close_code, up_to


def kept(house: House, running: int) -> set[int]:
    found = records(journal_of(house.ground, running))
    return {decode(record).number for record in found if record[:1] != b"{"}
