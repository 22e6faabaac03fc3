"""The other end of a line, which speaks and reads nothing until it is told to."""

from __future__ import annotations

import asyncio
import base64
import secrets
import socket
from collections.abc import Mapping

from aiohttp import WSMsgType
from aiohttp.test_utils import TestClient

from tests.waiting import LIMIT_S

# So that little is on the way: what is told soon waits in the service.
FEW_BYTES = 4096
NO_MASK = bytes(4)


class Deaf:
    """Neither browser nor aiohttp's client: both read whatever comes."""

    def __init__(self, client: TestClient, end: socket.socket) -> None:  # type: ignore[type-arg]
        self._client, self._end = client, end

    @property
    def transport(self) -> asyncio.Transport:
        """The service's end."""
        handler = self._client.server.handler
        (found,) = [
            each.transport
            for each in handler.connections
            if each.transport is not None
            and each.transport.get_extra_info("peername") == self._end.getsockname()
        ]
        assert isinstance(found, asyncio.Transport)
        return found

    async def say(self, text: str) -> None:
        await self._send(WSMsgType.TEXT, text.encode())

    async def ping(self) -> None:
        await self._send(WSMsgType.PING, bytes(125))

    async def _send(self, kind: WSMsgType, data: bytes) -> None:
        assert len(data) < 126
        frame = bytes([0x80 | kind, 0x80 | len(data)]) + NO_MASK + data
        await asyncio.get_running_loop().sock_sendall(self._end, frame)

    async def heard(self) -> bytes:
        """All that had come, until the line was broken off or closed."""
        loop, said = asyncio.get_running_loop(), b""
        async with asyncio.timeout(LIMIT_S):
            try:
                while more := await loop.sock_recv(self._end, 65536):
                    said += more
            except ConnectionResetError:
                pass
        self._end.close()
        return said


async def deaf(
    client: TestClient,  # type: ignore[type-arg]
    path: str,
    headers: Mapping[str, str] | None = None,
) -> Deaf:
    """Open a line. Whoever serves it is not cancelled when it breaks, so that a test sees what else
    ends it."""
    client.server.handler.handler_cancellation = False
    loop = asyncio.get_running_loop()
    end = socket.socket()
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, FEW_BYTES)
    end.setblocking(False)
    await loop.sock_connect(end, ("127.0.0.1", client.port))
    said = {
        "Host": f"127.0.0.1:{client.port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(secrets.token_bytes(16)).decode(),
        **(headers or {}),
    }
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items())]
    await loop.sock_sendall(end, "\r\n".join([*lines, "", ""]).encode())
    answer = b""
    async with asyncio.timeout(LIMIT_S):
        while b"\r\n\r\n" not in answer:
            answer += (more := await loop.sock_recv(end, 1))
            assert more, answer
    assert b" 101 " in answer.partition(b"\r\n")[0], answer
    opened = Deaf(client, end)
    own = opened.transport.get_extra_info("socket")
    own.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, FEW_BYTES)
    return opened
