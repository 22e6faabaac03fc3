"""A small client of our own service, for one account: uploads by tus, lists, decisions.

Everything goes over HTTP as it would from a browser or a program of a school's own, so that the
demonstration shows the real thing and is its first test.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import aiohttp

from tongke.errors import Text, TongkeError

API = "/api/v1"
# Large enough to be fast, small enough that progress is seen and a stop is heard.
CHUNK_BYTES = 1 * 2**20
# A web process that was restarted is back within a few seconds; the upload goes on at its byte.
ATTEMPTS = 6
RETRY_AFTER_S = 1.0

OnSent = Callable[[int], None]


class Refused(TongkeError):
    """Our own service said no to the demonstration."""

    code = "demo-refused"
    message = Text("服务没有接受：{title}", "The service refused: {title}")
    remedy = Text("{detail}", "{detail}")


class Member:
    """An account that speaks to the service with an API token."""

    def __init__(self, http: aiohttp.ClientSession, token: str, language: str) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}

    async def upload(self, path: Path, metadata: Mapping[str, str], on_sent: OnSent) -> int:
        """Upload a file, going on where an earlier try ended; the resource's id.

        `on_sent` is told how many bytes are there. Raises `Refused`.
        """
        size = (await asyncio.to_thread(path.stat)).st_size
        unfinished = await self._unfinished(path.name, size)
        location = unfinished or await self._begin(size, metadata)
        for attempt in range(ATTEMPTS):
            try:
                offset = await self._offset(location)
                return await self._send(location, path, offset, on_sent)
            except aiohttp.ClientError:
                if attempt == ATTEMPTS - 1:
                    raise
                await asyncio.sleep(RETRY_AFTER_S)
        raise AssertionError("the last attempt returns or raises")

    async def resources(self) -> list[dict[str, Any]]:
        """My resources, the newest hundred."""
        return await self._items("/resources?mine=1&limit=100")

    async def waiting(self) -> list[dict[str, Any]]:
        """What waits for my decision."""
        return await self._items("/reviews?limit=100")

    async def approve(self, waiting: Mapping[str, Any]) -> None:
        """Approve one of these, as it was listed."""
        path = f"{API}/reviews/{waiting['id']}"
        decision = {"decision": "approve", "updated_at": waiting["resource"]["updated_at"]}
        async with self._http.post(path, json=decision, headers=self._headers) as response:
            await _accepted(response)

    async def _items(self, path: str) -> list[dict[str, Any]]:
        async with self._http.get(API + path, headers=self._headers) as response:
            await _accepted(response)
            items: list[dict[str, Any]] = (await response.json())["items"]
            return items

    async def _unfinished(self, filename: str, size: int) -> str | None:
        for upload in await self._items("/uploads"):
            same = (upload["filename"], upload["length"]) == (filename, size)
            if same and upload["resource_id"] is None:
                return f"{API}/uploads/{upload['id']}"
        return None

    async def _begin(self, size: int, metadata: Mapping[str, str]) -> str:
        headers = self._tus({"Upload-Length": str(size), "Upload-Metadata": _encoded(metadata)})
        async with self._http.post(f"{API}/uploads", headers=headers) as response:
            await _accepted(response)
            return response.headers["Location"]

    async def _offset(self, location: str) -> int:
        async with self._http.head(location, headers=self._tus({})) as response:
            await _accepted(response)
            return int(response.headers["Upload-Offset"])

    async def _send(self, location: str, path: Path, offset: int, on_sent: OnSent) -> int:
        headers = self._tus(
            {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        )
        body = _chunks(path, offset, on_sent)
        async with self._http.patch(location, data=body, headers=headers) as response:
            await _accepted(response)
            return int(response.headers["Tongke-Resource"])

    def _tus(self, more: Mapping[str, str]) -> dict[str, str]:
        return {**self._headers, "Tus-Resumable": "1.0.0", **more}


async def _chunks(path: Path, offset: int, on_sent: OnSent) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        file.seek(offset)
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk
            offset += len(chunk)
            on_sent(offset)


def _encoded(metadata: Mapping[str, str]) -> str:
    """tus 1.0.0, "Upload-Metadata": pairs parted by commas, values in Base64."""
    return ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items()
    )


async def _accepted(response: aiohttp.ClientResponse) -> None:
    if response.ok:
        return
    problem: dict[str, str] = {}
    if response.content_type == "application/problem+json":
        problem = await response.json()
    raise Refused(
        title=problem.get("title", f"HTTP {response.status}"),
        detail=problem.get("detail", response.url.path),
    )
