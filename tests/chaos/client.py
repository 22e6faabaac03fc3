"""A plain tus client that does not give up: whatever fails, it asks how far it is and goes on."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Mapping

from aiohttp import ClientError, ClientSession, ClientTimeout

TUS = {"Tus-Resumable": "1.0.0"}
# Small, so that a file of some hundred kilobytes is many requests that can be cut.
PATCH_BYTES = 24 * 1024
# A killed server answers nothing: neither the line nor the test may wait long for it.
REQUEST_LIMIT = ClientTimeout(total=15)
PAUSE_S = 0.1

# The service is away, or another request of ours is still holding the upload.
PASSING = frozenset({409, 423, 500, 502, 503, 504})


class Refused(Exception):
    """An answer that no retry would change."""


class Uploader:
    """Uploads files to the service at `url` as the owner of a token.

    `on_answer` is told of each request whether it was answered as it should be.
    """

    def __init__(
        self,
        session: ClientSession,
        url: str,
        token: str,
        on_answer: Callable[[bool], None] = lambda _fine: None,
    ) -> None:
        self._session = session
        self._url = url
        self._headers = {**TUS, "Authorization": f"Bearer {token}"}
        self._on_answer = on_answer

    async def upload(self, filename: str, content: bytes, title: str) -> int:
        """Upload a file; the number of the resource that it was acknowledged as."""
        address = await self._create(filename, content, title)
        offset: int | None = None
        while True:
            if offset is None:
                answer = await self._ask("HEAD", address)
            else:
                answer = await self._send(address, content, offset)
            if answer is None:
                await asyncio.sleep(PAUSE_S)
            elif "Tongke-Resource" in answer:
                return int(answer["Tongke-Resource"])
            offset = int(answer["Upload-Offset"]) if answer else None

    async def _create(self, filename: str, content: bytes, title: str) -> str:
        said = {"filename": filename, "title": title}
        metadata = ",".join(
            f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in said.items()
        )
        headers = {"Upload-Length": str(len(content)), "Upload-Metadata": metadata}
        while True:
            answer = await self._ask("POST", "/api/v1/uploads", headers)
            if answer:
                return answer["Location"]
            await asyncio.sleep(PAUSE_S)

    async def _send(self, address: str, content: bytes, offset: int) -> Mapping[str, str] | None:
        headers = {
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
        }
        return await self._ask("PATCH", address, headers, content[offset : offset + PATCH_BYTES])

    async def _ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Mapping[str, str] | None:
        """The headers of the answer; None when it has to be asked again."""
        answer = await self._answer(method, path, headers or {}, body)
        self._on_answer(answer is not None)
        return answer

    async def _answer(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> Mapping[str, str] | None:
        try:
            async with self._session.request(
                method,
                path if path.startswith("http") else self._url + path,
                headers={**self._headers, **headers},
                data=body,
                timeout=REQUEST_LIMIT,
            ) as response:
                if response.status in PASSING:
                    return None
                if response.status >= 400:
                    raise Refused(f"{method} {path}: {response.status} {await response.text()}")
                return response.headers.copy()
        except (ClientError, TimeoutError, ConnectionError):
            return None
