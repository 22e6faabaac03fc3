"""A lead classroom without a browser: publishes a film to a running class (docs/live-protocol.md).

What was not acknowledged when a line breaks is not sent again: a film has nobody to be sorry for.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable
from dataclasses import replace

import aiohttp
from aiohttp import ClientWebSocketResponse, WSMsgType

from tongke.demo_library.live_film import Film
from tongke.live.wire import Chunk


async def publish(http: aiohttp.ClientSession, class_id: int, film: Film) -> int | None:
    """Publish until the line ends; the code that the service closed it with, if it did.

    Raises:
        aiohttp.ClientError: there is no line.
    """
    async with http.ws_connect(f"/live/{class_id}/publish") as socket:
        hello = await _hello(socket)
        if hello is None:
            return socket.close_code
        stream = hello["last_stream"] + 1
        await socket.send_str(film.configured(stream))
        chunks = film.since(now_us())
        numbered = (
            replace(chunk, stream=stream, number=number)
            for number, chunk in enumerate(chunks, hello["highest"] + 1)
        )
        sending = asyncio.create_task(play(socket, numbered))
        try:
            # What is acknowledged is of no interest; that the line has ended is.
            async for _ in socket:
                pass
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
    return socket.close_code


async def play(socket: ClientWebSocketResponse, chunks: Iterable[Chunk]) -> None:
    """Send each when it was captured."""
    for chunk in chunks:
        wait_us = chunk.at_us - now_us()
        if wait_us > 0:
            await asyncio.sleep(wait_us / 1e6)
        await socket.send_bytes(chunk.encode())


async def _hello(socket: ClientWebSocketResponse) -> dict[str, int] | None:
    """What the service says first; None when that is no."""
    message = await socket.receive()
    if message.type is not WSMsgType.TEXT:
        return None
    hello: dict[str, int] = json.loads(message.data)["hello"]
    return hello


def now_us() -> int:
    """The lesson's clock, on the machine that serves it."""
    return time.time_ns() // 1000
