"""A line on which a class's playlists are pushed, as a browser has it."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientWebSocketResponse, WSMsgType

from services.live import pushing
from tests.services.house import House, session_cookie
from tests.services.live.camera import Camera
from tests.services.live.ingest.test_publishing import publishing
from tests.waiting import LIMIT_S


def line_of(class_id: int, rendition: str = "source") -> str:
    return f"/live/{class_id}/playlists/{rendition}"


@asynccontextmanager
async def line(
    house: House, class_id: int, name: str = "xiang", rendition: str = "source"
) -> AsyncIterator[ClientWebSocketResponse]:
    """As a browser has it: by a session."""
    path = line_of(class_id, rendition)
    async with house.client.ws_connect(path, headers=await cookie(house, name)) as socket:
        yield socket


async def cookie(house: House, name: str) -> dict[str, str]:
    """Of a new session."""
    cookies = await session_cookie(house, name)
    return {"Cookie": "; ".join(f"{key}={value}" for key, value in cookies.items())}


def lines_of(house: House) -> int:
    return house.client.server.app[pushing.LINES].total()  # type: ignore[attr-defined, no-any-return]


async def pushed(socket: ClientWebSocketResponse) -> str:
    return gzip.decompress(await socket.receive_bytes(timeout=LIMIT_S)).decode()


async def closed(socket: ClientWebSocketResponse) -> int | None:
    """With which code a line is closed, after all that is still pushed."""
    async with asyncio.timeout(LIMIT_S):
        while (await socket.receive()).type is WSMsgType.BINARY:
            pass
    return socket.close_code


async def go_on(house: House, running: int, camera: Camera) -> None:
    """The film goes on where it was."""
    socket = await publishing(house, running)
    await socket.receive_json()
    await socket.send_str(camera.configuration())
    for chunk in camera.filmed(round(time.time() * 1e6), 4, 8):
        await socket.send_bytes(chunk.encode())
