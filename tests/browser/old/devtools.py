"""A browser that is too old for today's drivers, by its own protocol: DevTools over a WebSocket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from itertools import count
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

Heard = Callable[[dict[str, Any]], None]


class Refused(Exception):
    """What was asked cannot be done: the page went elsewhere, or a script failed."""


class Devtools:
    """One line to a browser, for all its windows."""

    def __init__(self, http: ClientSession, socket: ClientWebSocketResponse) -> None:
        self._http, self._socket = http, socket
        self._numbers = count(1)
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._heard: dict[tuple[str, str], Heard] = {}
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def connect(cls, url: str) -> Devtools:
        """`url`: where the browser's DevTools answer over HTTP."""
        http = ClientSession()
        async with http.get(f"{url}/json/version") as answer:
            address = (await answer.json())["webSocketDebuggerUrl"]
        return cls(http, await http.ws_connect(address, max_msg_size=0))

    async def ask(self, method: str, window: str = "", **parameters: Any) -> dict[str, Any]:
        """What a command answers; `window` is the session of one.

        Raises:
            Refused: the browser says no.
        """
        number = next(self._numbers)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        said = {"id": number, "method": method, "params": parameters}
        await self._socket.send_json({**said, "sessionId": window} if window else said)
        return await answer

    def on(self, window: str, event: str, heard: Heard) -> None:
        """Call `heard` whenever this happens in a window."""
        self._heard[window, event] = heard

    async def close(self) -> None:
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        await self._http.close()

    async def _listen(self) -> None:
        async for message in self._socket:
            said = json.loads(message.data)
            if "id" not in said:
                heard = self._heard.get((said.get("sessionId", ""), said["method"]))
                if heard:
                    heard(said["params"])
                continue
            answer = self._asked.pop(said["id"])
            if "error" in said:
                answer.set_exception(Refused(said["error"]["message"]))
            else:
                answer.set_result(said["result"])
